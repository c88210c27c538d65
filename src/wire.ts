import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Clock,
  type Fleet,
  type Hash,
  parseJson,
  type Random,
  type RepoPath,
  type ZoneOffset,
} from './core/model/index.ts';
import type {
  CheckCache,
  CheckMemory,
  DrillGround,
  KeptOrg,
  PackedFacts,
  RememberedCheck,
  ShardThreads,
} from './flows/index.ts';
import { type CacheFile, openCacheFile } from './io/cache/index.ts';
import {
  type Alone,
  createRepository,
  mainWorkTree,
  openCommitTree,
  openRemoteBranches,
  openRepository,
  openTreeLock,
  openWriteTree,
} from './io/git/index.ts';
import type { PrintedSeed, SignerProgram } from './io/signer/index.ts';
import type {
  CommitTree,
  Custody,
  Forge,
  IdentityKeys,
  Log,
  NewFolder,
  Notifier,
  OrgStore,
  PresignedRoots,
  Publisher,
  ReadFolder,
  RemoteBranches,
  Repository,
  RuntimeStore,
  SealedFolders,
  Signer,
  WriteTree,
} from './ports/index.ts';
import type { FirstRoots } from './trust/index.ts';

// The composition root: the one place that knows which real client stands behind a port. Everything heavy is imported
// when it is first needed, so that `check` does not pay for the server; git and the cache are what every check needs first.

export interface Host {
  readonly hash: Hash;
  readonly clock: Clock;
  readonly random: Random;
  readonly zoneOffset: ZoneOffset;
}

export async function wireHost(): Promise<Host> {
  const { nodeClock, nodeHash, nodeRandom, nodeZoneOffset } = await import('./host/index.ts');
  return { hash: nodeHash, clock: nodeClock, random: nodeRandom, zoneOffset: nodeZoneOffset };
}

/** The clock alone, without what hashing and time zones would load. */
export const wireClock: Clock = { nowMs: () => Date.now() };

export interface WiredRepository {
  readonly dir: string;
  readonly repository: Repository;
  readonly write: WriteTree;
  readonly commit: CommitTree;
  /** From the reading to the writing of whoever changes the work tree. */
  readonly alone: Alone;
}

export async function wireRepository(dir: string): Promise<WiredRepository> {
  const at = resolve(dir);
  const writing = { write: openWriteTree(at), commit: openCommitTree(at), alone: openTreeLock(at) };
  return { dir: at, repository: openRepository(at), ...writing };
}

/** The work tree that has the state which somebody may mean, where `dir` is only linked to it and that state stands. */
export function wireStateElsewhere(dir: string, what: string): string | undefined {
  const main = mainWorkTree(resolve(dir));
  return main !== undefined && existsSync(join(main, what)) ? main : undefined;
}

/** A new, empty repository. */
export async function wireNewRepository(dir: string): Promise<WiredRepository> {
  await createRepository(dir);
  return wireRepository(dir);
}

/** What a new fleet begins with: templates, prices and workflows, as they lie beside this program. */
export async function wireFramework(): Promise<ReadonlyMap<RepoPath, string>> {
  const { readFramework } = await import('./io/framework/index.ts');
  return readFramework(frameworkDir());
}

function frameworkDir(): string {
  const here = fileURLToPath(import.meta.url);
  return /^(.*)\/dist\/builds\//s.exec(here)?.[1] ?? resolve(here, '../..');
}

/** The version of this program, and which build of it this is, as a person tells it. */
export function wireVersion(): string {
  const { version } = parseJson(readFileSync(join(frameworkDir(), 'package.json'), 'utf8')) as { version: string };
  return `${version} (${BUILD === undefined ? 'from its sources' : `build ${BUILD.slice(0, 12)}`}, Node.js ${process.version})`;
}

/** The build's own hash: answers of other rules are no answers. undefined in development runs. */
const BUILD = /builds\/([0-9a-f]+)\//.exec(import.meta.url)?.[1];

/** Local caches are not read in CI, and not by code that has no hash (rulings 24). */
const cacheVersion = (): string | undefined => (process.env['CI'] === undefined ? BUILD : undefined);

/** Answers of former checks, org by org, or null. */
export async function wireCheckCache(dir: string): Promise<(CheckCache & Pick<CacheFile<KeptOrg>, 'save'>) | null> {
  const version = cacheVersion();
  if (version === undefined) return null;
  const file = openCacheFile<KeptOrg>(join(dir, '.tenantry/cache/orgs'), version);
  // What was put there as packed facts.
  const facts = (key: string): PackedFacts | undefined => file.bulk(key) as PackedFacts | undefined;
  return { get: file.get, facts, put: file.put, save: file.save };
}

const keep = <Value>(file: CacheFile<Value>, value: Value): void => {
  file.put('last', value, '');
  file.save({ complete: true });
};

/** The answer of the last check of the whole, or null. */
export async function wireCheckMemory(dir: string): Promise<CheckMemory | null> {
  const version = cacheVersion();
  if (version === undefined) return null;
  const answer = openCacheFile<RememberedCheck>(join(dir, '.tenantry/cache/check'), version);
  const folders = (): CacheFile<SealedFolders> => openCacheFile(join(dir, '.tenantry/cache/folders'), version);
  return {
    get: () => answer.get('last'),
    folders: () => folders().get('last'),
    put: (checked, sealed) => {
      // The folders first: a seal is worth nothing with those of another.
      if (sealed !== null) keep(folders(), sealed);
      keep(answer, checked);
    },
  };
}

/** Where a fleet keeps its state, publishes and signs, from fleet.yaml; paths lie inside the repository folder. */
export type StatePlaces = Pick<Fleet['spec'], 'store' | 'publisher'> & KeyPlaces;

export interface KeyPlaces {
  readonly signer?: Fleet['spec']['signer'] | undefined;
  /** Folders with root seeds, such as the media of a ceremony. */
  readonly rootDirs?: readonly string[];
}

export interface State {
  readonly store: OrgStore;
  readonly runtime: RuntimeStore;
  readonly publisher: Publisher;
  readonly signer: Signer;
  readonly custody: Custody;
  readonly roots: PresignedRoots;
  /** Where a new org's first root comes from: a ceremony before, or the root seed at hand. */
  readonly firstRoots: FirstRoots;
  close(): void;
}

export async function wireState(dir: string, places: StatePlaces, hash: Hash): Promise<State> {
  const [publisher, { opaSigningKey }, { custody, roots }] = await Promise.all([
    wirePublisher(dir, places.publisher),
    import('./io/signer/index.ts'),
    wireKeys(dir, places),
  ]);
  const { store, runtime, close } = await wireStore(dir, places, hash);
  const { opa } = places.publisher;
  const { signer } = custody;
  return {
    store,
    runtime,
    publisher,
    signer: opa === undefined ? signer : { ...signer, opa: opaSigningKey(resolve(dir, opa.key)) },
    custody,
    roots,
    firstRoots: { presigned: roots.get, epochs: custody.firstEpochs, rootSigners: () => wholeRootSigners(custody) },
    close,
  };
}

/** Files are published from a store alone; what is published elsewhere tells nothing here. */
function tracesOf(
  dir: string,
  { publisher: { driver, path = '' } }: StatePlaces,
): { readonly hasTraces: () => boolean } {
  const published = join(dir, path);
  return { hasTraces: () => driver === 'files' && existsSync(published) && readdirSync(published).length > 0 };
}

/** The store alone: who works with nothing else needs no credentials of the place of published files. */
export interface StoreAlone extends Pick<State, 'store' | 'runtime'> {
  close(): void;
}

export async function wireStore(dir: string, places: StatePlaces, hash: Hash): Promise<StoreAlone> {
  const { openSqliteStore } = await import('./io/store/index.ts');
  const path = join(dir, places.store.path);
  const { orgs, runtime } = openSqliteStore({ path, hash, ...tracesOf(dir, places) });
  return { store: orgs, runtime, close: () => orgs.close() };
}

/** The store where there is one already, else null: what only looks makes none. */
export async function wireStandingStore(dir: string, places: StatePlaces, hash: Hash): Promise<StoreAlone | null> {
  return existsSync(join(dir, places.store.path)) ? wireStore(dir, places, hash) : null;
}

/** The driver that fleet.yaml names; its shape was checked there. Credentials come from the environment alone. */
async function wirePublisher(dir: string, place: StatePlaces['publisher']): Promise<Publisher> {
  const io = await import('./io/publisher/index.ts');
  const { driver, path = '', endpoint = '', region = '', bucket = '', prefix = '' } = place;
  const drivers: { readonly [name in typeof driver]: () => Publisher } = {
    files: () => io.filePublisher(join(dir, path)),
    s3: () =>
      io.s3Publisher({
        place: { endpoint, region, bucket, prefix },
        credentials: io.s3CredentialsFrom(process.env),
      }),
    oci: () => io.ociPublisher({ place: { endpoint, prefix }, credentials: io.registryCredentialsFrom(process.env) }),
  };
  return drivers[driver]();
}

/** The root key that signs alone. One of several, with however many of the others at hand, signs at ceremonies only. */
async function wholeRootSigners(custody: Custody): Promise<readonly Signer[]> {
  const held = await custody.held();
  return held.some(({ holder, share }) => holder === 'root' && share !== '') ? [] : custody.rootSigners();
}

function keysDirOf(dir: string): string {
  return process.env['TENANTRY_KEYS_DIR'] ?? join(dir, '.tenantry/keys');
}

/** Where pre-signed roots lie; nothing private is in it. */
export function rootsDirOf(dir: string): string {
  return process.env['TENANTRY_ROOTS_DIR'] ?? join(dir, '.tenantry/roots');
}

export interface WiredKeys {
  readonly custody: Custody;
  readonly roots: PresignedRoots;
}

/** The keys that are at hand, by the driver that fleet.yaml names; without one, sealed files or set variables. */
export async function wireKeys(dir: string, how: KeyPlaces): Promise<WiredKeys> {
  const { commandCustody, environmentCustody, presignedFolder, sealedFileCustody } = await import(
    './io/signer/index.ts'
  );
  const { keepOutOfDumps } = await import('./host/index.ts');
  keepOutOfDumps();
  const { signer, rootDirs = [] } = how;
  const sealed = sealedFileCustody({ dir: keysDirOf(dir), rootDirs });
  const isSet = process.env['TENANTRY_PUBLISH_SEED'] !== undefined;
  const driver = signer?.driver ?? (isSet ? 'environment' : 'sealed-file');
  const custodies: { readonly [name in typeof driver]: () => Custody } = {
    'sealed-file': () => sealed,
    environment: () => environmentCustody(process.env, rootDirs.length === 0 ? null : sealed),
    command: () => commandCustody(programOf(signer), sealed),
  };
  return { custody: custodies[driver](), roots: presignedFolder(rootsDirOf(dir)) };
}

const SIGNER_TIMEOUT_SECONDS = 10;

function programOf(signer: Fleet['spec']['signer']): SignerProgram {
  const { publish = 1, online = 1 } = signer?.firstEpochs ?? {};
  return {
    name: signer?.program ?? '',
    folder: process.env['TENANTRY_SIGNERS_DIR'],
    timeoutMs: (signer?.timeoutSeconds ?? SIGNER_TIMEOUT_SECONDS) * 1000,
    pooled: signer?.pooled ?? [],
    firstEpochs: { root: 1, targets: publish, snapshot: online, timestamp: online },
    environment: process.env,
  };
}

export interface NewSeeds {
  readonly rootSeeds: number;
  /** Folders for root seeds: none for the keys' own, one for all, or one for each. */
  readonly rootDirs: readonly string[];
  /** Root seeds are shown once instead of written. */
  readonly isPrinted: boolean;
}

export interface MadeSeeds {
  /** False when seeds stand already. */
  readonly created: boolean;
  readonly keysDir: string;
  readonly printed: readonly PrintedSeed[];
  /** What can sign now. */
  readonly custody: Custody;
}

/** Whether a seed lies in the folder of keys or in one of those. */
export async function wireStanding(dir: string, rootDirs: readonly string[]): Promise<boolean> {
  const { sealedFileCustody } = await import('./io/signer/index.ts');
  return (await sealedFileCustody({ dir: keysDirOf(dir), rootDirs }).held()).length > 0;
}

/** Makes the seeds of a fleet where there are none. */
export async function wireSeeds(dir: string, how: Partial<NewSeeds> = {}): Promise<MadeSeeds> {
  const { createSeeds, printRootSeeds, sealedFileCustody } = await import('./io/signer/index.ts');
  const { keepOutOfDumps } = await import('./host/index.ts');
  keepOutOfDumps();
  const keysDir = keysDirOf(dir);
  const { rootSeeds = 1, rootDirs = [], isPrinted = false } = how;
  const sealed = sealedFileCustody({ dir: keysDir, rootDirs });
  try {
    if (isPrinted) return { created: true, keysDir, ...(await printRootSeeds(keysDir, rootSeeds)) };
    await createSeeds({ dir: keysDir, rootDirs, rootSeeds });
    return { created: true, keysDir, printed: [], custody: sealed };
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== 'SIGNER_SEEDS_EXIST') throw cause;
    return { created: false, keysDir, printed: [], custody: sealed };
  }
}

/** A ground for a rehearsal, in a folder of its own below the system's temporary one; `remove` ends it. */
export async function wireDrill(): Promise<DrillGround & { remove(): Promise<void> }> {
  const [{ filePublisher }, { copySeeds, createSeeds, sealedFileCustody }, fs, { tmpdir }] = await Promise.all([
    import('./io/publisher/index.ts'),
    import('./io/signer/index.ts'),
    import('node:fs/promises'),
    import('node:os'),
  ]);
  const folder = await fs.mkdtemp(join(tmpdir(), 'tenantry-drill-'));
  const at = (name: string): string => join(folder, name);
  const seeds = { dir: at('keys'), rootDirs: [] };
  await createSeeds({ ...seeds, rootSeeds: 1 });
  return {
    published: filePublisher(at('published')),
    taken: filePublisher(at('taken')),
    async mirror() {
      await fs.rm(at('taken'), { recursive: true, force: true });
      await fs.cp(at('published'), at('taken'), { recursive: true });
    },
    custody: sealedFileCustody(seeds),
    async steal(holder) {
      const dir = at(`stolen-${holder}`);
      await copySeeds(seeds.dir, dir, holder);
      return sealedFileCustody({ dir, rootDirs: [] }).signer;
    },
    stateDir: (name) => at(`gateway-${name}`),
    remove: () => fs.rm(folder, { recursive: true, force: true }),
  };
}

/**
 * More threads for checks of many orgs: one for each core beside this one, at most `MOST_THREADS`; null where there is none,
 * and in development runs, which have no program for them.
 */
export async function wireThreads(): Promise<ShardThreads | null> {
  const count = Math.min(availableParallelism() - 1, MOST_THREADS);
  if (BUILD === undefined || count < 1) return null;
  const { openThreads } = await import('./io/threads/index.ts');
  return openThreads(new URL(import.meta.url.replace(/\/builds\/([0-9a-f]+)\/.*$/, '/builds/$1/thread.mjs')), count);
}

/** Git's own work and the reading of bodies stay in one thread, so more of them would mostly wait. */
const MOST_THREADS = 7;

/** Which repository on which forge, and who we are there. */
export interface ForgePlace {
  readonly api: string;
  readonly owner: string;
  readonly repository: string;
  readonly token: string;
}

export async function wireForge(place: ForgePlace, log: Log): Promise<Forge> {
  const { openGitHub } = await import('./io/forge/index.ts');
  return openGitHub({ ...place, log, secondMs: Number(process.env['TENANTRY_FORGE_SECOND_MS'] ?? 1000) });
}

/** Branches of a remote of the clone at `dir`. */
export async function wireRemoteBranches(dir: string, remote: string): Promise<RemoteBranches> {
  return openRemoteBranches(dir, remote);
}

export async function wireIdentityKeys(clock: Clock): Promise<IdentityKeys> {
  const { openIdentityKeys } = await import('./io/identity/index.ts');
  return openIdentityKeys(clock);
}

/** Webhooks, signed with secrets of this process's environment. */
export async function wireNotifier(allowedHosts: readonly string[]): Promise<Notifier> {
  const { webhookNotifier } = await import('./io/webhooks/index.ts');
  const { webhookSignature: sign } = await import('./trust/index.ts');
  return webhookNotifier({ environment: process.env, allowedHosts: new Set(allowedHosts), sign });
}

export async function wireServer(): Promise<typeof import('./server/index.ts')> {
  return import('./server/index.ts');
}

export async function wireProcesses(): Promise<typeof import('./io/processes/index.ts')> {
  return import('./io/processes/index.ts');
}

/** The gateway's program beside the CLI's. */
export function gatewayEntry(): string {
  const dist = /^(.*\/dist)\/builds\//s.exec(fileURLToPath(import.meta.url))?.[1];
  return dist === undefined ? resolve('gateway/main.ts') : join(dist, 'tenantry-gateway.mjs');
}

/** Which commits a control plane applies: each that HEAD comes to name, or those that it is asked to apply. */
export type CommitsApplied = 'followed' | 'asked';

/** How other commands find the controller of a fleet folder; mode 0600, because the token opens the fleet scope. */
export interface ControllerFile {
  readonly url: string;
  readonly pid: number;
  readonly token: string;
  readonly commits: CommitsApplied;
  /** What the controller answers to who shows that token, and nobody else knows. */
  readonly run: string;
}

const controllerPath = (dir: string): string => join(dir, '.tenantry/controller.json');

export function readControllerFile(dir: string): ControllerFile | null {
  try {
    return parseJson(readFileSync(controllerPath(dir), 'utf8')) as unknown as ControllerFile;
  } catch {
    return null;
  }
}

export function writeControllerFile(dir: string, content: ControllerFile): void {
  mkdirSync(join(dir, '.tenantry'), { recursive: true });
  // One name for all, so that what a killed one left is replaced: only who holds the lease writes here.
  const temporary = `${controllerPath(dir)}.new`;
  writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
  renameSync(temporary, controllerPath(dir));
}

/** Only one's own, told by its token: whoever took over has written another by now. */
export function removeControllerFile(dir: string, token: string): void {
  if (readControllerFile(dir)?.token === token) rmSync(controllerPath(dir), { force: true });
}

/** Timers for flows, which own no clock. */
export const timers = {
  after(delayMs: number, work: () => void): () => void {
    const timer = setTimeout(work, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A folder that is to be; undefined where something is there. */
export async function wireNewFolder(path: string): Promise<NewFolder | undefined> {
  const { openNewFolder } = await import('./io/folder/index.ts');
  return openNewFolder(path);
}

/** A folder that somebody may have written. */
export async function wireReadFolder(path: string): Promise<ReadFolder> {
  const { openReadFolder } = await import('./io/folder/index.ts');
  return openReadFolder(path);
}
