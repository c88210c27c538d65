import { execFile, execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { emit } from '../src/core/kinds/index.ts';
import {
  type Clock,
  type CommitId,
  commitId,
  FLEET_UID,
  type JsonObject,
  type OrgSlug,
  type OrgUid,
  orgSlug,
} from '../src/core/model/index.ts';
import {
  type ApplyParts,
  type ApplyReport,
  apply,
  type DiffReport,
  diff,
  openLanes,
  type PlanReport,
  type Prepared,
  plan,
  render,
} from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import type { Log, OrgHead } from '../src/ports/index.ts';
import { formatToken, tokenDigest } from '../src/trust/index.ts';
import { type State, wireRepository, wireSeeds, wireState } from '../src/wire.ts';
import { proveOutput } from './answers.testkit.ts';

// A small real fleet: a git repository in a temporary folder, made from this repository's own templates and prices,
// with the real SQLite store, file publisher and sealed-file signer. Nothing of it is a mock.

export const ROOT = join(import.meta.dirname, '..');
export const TNT = join(ROOT, 'dist/tenantry.mjs');

/** When the injected clocks of these tests start. */
export const START_MS = Date.parse('2027-01-04T09:00:00Z');
export const HOUR_MS = 3_600_000;

export const ALDER = orgSlug('alder') as OrgSlug;
export const BIRCH = orgSlug('birch') as OrgSlug;
export const CLOVE = orgSlug('clove') as OrgSlug;
export const ORGS = [ALDER, BIRCH, CLOVE] as const;

export const ANA = 'Ana Author <ana@msp.example>';
export const OTTO = 'Otto Owner <otto@msp.example>';

const UIDS: { readonly [org: string]: string } = {
  alder: 'alder000000000000001',
  birch: 'birch000000000000002',
  clove: 'clove000000000000003',
};

export interface FleetOptions {
  /** Until when tokens live; after START_MS by default. */
  readonly tokensExpire?: string;
  /** Fields of fleet.yaml's spec beside the usual ones. */
  readonly spec?: JsonObject;
}

export const STAFF_ID = 'staffstaff22';
const STAFF_SECRET = new Uint8Array(32).fill(7);
const STAFF_UNTIL = '2027-01-04T10:00:00Z';

/** A staff token of every test fleet, good for the first hour after START_MS. */
export const STAFF_TOKEN = formatToken(STAFF_ID, STAFF_SECRET);

const fleetYaml = (spec: JsonObject): string =>
  emit({
    apiVersion: 'tenantry/v1',
    kind: 'Fleet',
    metadata: { name: 'test-fleet' },
    spec: {
      displayName: 'Test fleet',
      renderVersion: 1,
      owners: { platform: ['@msp/platform'] },
      staffTokens: [{ id: STAFF_ID, digest: tokenDigest(FLEET_UID, STAFF_ID, STAFF_SECRET), notAfter: STAFF_UNTIL }],
      staff: [{ address: 'group:msp-operations', displayName: 'Operations' }],
      store: { driver: 'sqlite', path: '.tenantry/store.db' },
      publisher: { driver: 'files', path: '.tenantry/published' },
      controlPlane: { listen: '127.0.0.1:4100', url: 'http://127.0.0.1:4100' },
      rings: [{ name: 'general', soakMinutes: 0 }],
      limits: {
        changedOrgsPercent: 100,
        changedOrgsCount: 50,
        deletedObjectsPercent: 60,
        deletedObjectsCount: 20,
      },
      onExpired: 'block',
      prices: 'default',
      ...spec,
    },
  });

/** org.yaml as a person writes it, so that tests edit it as a person does. */
export const orgYaml = (org: string, tokensExpire: string, port: number): string => `apiVersion: tenantry/v1
kind: Organization
metadata:
  org: ${org}
  name: ${org}
spec:
  displayName: ${org} Trading
  uid: ${UIDS[org] ?? org.padEnd(20, '0')}
  isolation: dedicated
  owners: ['@msp/operators']
  domains: [${org}.example]
  regions: [eu-central]
  template: msp-standard@1.0.0
  inputs:
    contact: { address: lead@${org}.example, team: desk }
    timeZone: Europe/Berlin
    tokensExpire: '${tokensExpire}'
    wallets:
      orgLimit: '500.00'
      teams:
        - { name: desk, team: desk, limit: '100.00' }
    teams:
      - name: desk
        leads: [lead@${org}.example]
        members: [first@${org}.example]
        wallet: desk
    environments:
      - name: production
        region: eu-central
        upstreams:
          - id: main
            provider: openai
            model: gpt-4o-mini
            host: api.openai.com
            account: acct-${org}
            region: eu-central
            secretEnv: ${org.toUpperCase()}_KEY
        gateways:
          - { workload: desk, host: ${org}-edge, listen: 127.0.0.1:${port}, teams: [desk], wallet: desk }
    tokens:
      - { name: app, team: desk, wallet: desk, gateways: [desk-production] }
    review: { teams: [desk], notify: lead@${org}.example }
`;

export interface TestFleet {
  readonly dir: string;
  git(...args: string[]): string;
  read(path: string): string;
  write(path: string, text: string): void;
  /** Replaces the first occurrence; throws when there is none, so that a test never edits nothing. */
  edit(path: string, from: string, to: string): void;
  remove(path: string): void;
  /** Makes the generated manifests what org.yaml renders to. */
  render(): Promise<void>;
  /** Commits everything as `author` (also the committer). */
  commit(message: string, author?: string): CommitId;
  /** Renders and commits. */
  save(message: string, author?: string): Promise<CommitId>;
  head(): CommitId;
  open(clock?: Clock): Promise<OpenFleet>;
  /** The built CLI as a whole process. */
  run(args: readonly string[], options?: RunOptions): SpawnSyncReturns<string>;
  destroy(): void;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Builds the CLI once; a build that stands costs a moment. */
export function buildCli(): string {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'pipe' });
  return TNT;
}

/** The built CLI as a whole process; JSON that it prints has to fit its published schema. */
export function runCli(args: readonly string[], options: RunOptions = {}): SpawnSyncReturns<string> {
  const done = spawnSync(process.execPath, [TNT, ...args], {
    ...processOptions(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status !== null) proveOutput(args, done.stdout);
  return done;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `runCli` without waiting in place: where what the command talks to lives in the process of the test. */
export async function runCliBeside(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const done = await new Promise<Ran>((resolve) => {
    const child = execFile(process.execPath, [TNT, ...args], processOptions(options), (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end();
  });
  if (done.status !== null) proveOutput(args, done.stdout);
  return done;
}

function processOptions({ cwd = tmpdir(), env = {} }: RunOptions) {
  const { NO_COLOR: _unset, ...inherited } = process.env;
  return {
    encoding: 'utf8',
    cwd,
    env: { ...inherited, CI: '1', ...env },
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  } as const;
}

/** A fleet with three orgs, rendered and committed. */
export async function createFleet(options: FleetOptions = {}): Promise<TestFleet> {
  const dir = mkdtempSync(join(tmpdir(), 'tenantry-case-'));
  const fleet = fleetAt(dir);
  fleet.git('init', '-q', '-b', 'main');
  cpSync(join(ROOT, 'templates'), join(dir, 'templates'), { recursive: true });
  cpSync(join(ROOT, 'prices'), join(dir, 'prices'), { recursive: true });
  fleet.write('.gitignore', '.tenantry/\n');
  fleet.write('fleet.yaml', fleetYaml(options.spec ?? {}));
  const expire = options.tokensExpire ?? '2027-09-30T00:00:00Z';
  ORGS.forEach((org, index) => {
    fleet.write(`orgs/${org}/org.yaml`, orgYaml(org, expire, 41_000 + index));
  });
  await fleet.save('first');
  await wireSeeds(dir);
  return fleet;
}

let applied: Promise<TestFleet> | undefined;

/** A copy of a fleet whose first commit is applied and published; the first of a test file is made, the others copied. */
export async function createAppliedFleet(): Promise<TestFleet> {
  applied ??= makeApplied();
  const dir = mkdtempSync(join(tmpdir(), 'tenantry-case-'));
  cpSync((await applied).dir, dir, { recursive: true });
  return fleetAt(dir);
}

/** Removes the fleet that copies are made of. */
export async function forgetAppliedFleet(): Promise<void> {
  (await applied)?.destroy();
  applied = undefined;
}

async function makeApplied(): Promise<TestFleet> {
  const fleet = await createFleet();
  const open = await fleet.open();
  const report = await open.apply();
  open.close();
  if (!report.ok) throw new Error(`expected the first apply to go through: ${JSON.stringify(report.orgs)}`);
  return fleet;
}

export function fleetAt(dir: string): TestFleet {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'commit.gpgsign=false', ...args], { cwd: dir, encoding: 'utf8', stdio: 'pipe' }).trim();
  const fleet: TestFleet = {
    dir,
    git,
    read: (path) => readFileSync(join(dir, path), 'utf8'),
    write(path, text) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    },
    edit(path, from, to) {
      const text = fleet.read(path);
      if (!text.includes(from)) throw new Error(`expected ${JSON.stringify(from)} in ${path}`);
      fleet.write(
        path,
        text.replace(from, () => to),
      );
    },
    remove: (path) => rmSync(join(dir, path), { recursive: true, force: true }),
    async render() {
      const { repository, write } = await wireRepository(dir);
      await render(nodeHash, { tree: repository.workTree(), orgs: null, write });
    },
    commit(message, author = ANA) {
      const [, name = '', email = ''] = /^(.*) <(.*)>$/.exec(author) ?? [];
      git('add', '-A');
      git('-c', `user.name=${name}`, '-c', `user.email=${email}`, 'commit', '-q', '--allow-empty', '-m', message);
      return fleet.head();
    },
    async save(message, author) {
      await fleet.render();
      return fleet.commit(message, author);
    },
    head: () => commitId(git('rev-parse', 'HEAD')) as CommitId,
    open: (clock) => openFleet(dir, clock ?? { nowMs: () => START_MS }),
    run: (args, how = {}) => runCli(args, { cwd: dir, ...how }),
    destroy: () => rmSync(dir, { recursive: true, force: true }),
  };
  return fleet;
}

/** A fleet whose store, publisher and signer are open; a repository is opened anew for every call, as commands do. */
export interface OpenFleet {
  readonly state: State;
  parts(more?: Partial<ApplyParts>): Promise<ApplyParts>;
  plan(commit?: CommitId): Promise<PlanReport>;
  diff(base: CommitId, head: CommitId): Promise<DiffReport>;
  /** Applies HEAD and publishes. */
  apply(how?: ApplyHow): Promise<ApplyReport>;
  headOf(org: OrgSlug): Promise<OrgHead>;
  uidOf(org: OrgSlug): Promise<OrgUid>;
  /** Edits rows behind the store's back, as someone with the file would. */
  sql(statement: string, ...values: string[]): void;
  close(): void;
}

export interface ApplyHow {
  readonly commit?: CommitId;
  readonly expect?: string;
  readonly heal?: boolean;
  readonly orgs?: readonly OrgSlug[];
  /** What was planned and shown before. */
  readonly prepared?: Prepared;
  readonly parts?: Partial<ApplyParts>;
}

const silent: Log = { info: () => undefined, warn: () => undefined, progress: () => undefined };

async function openFleet(dir: string, clock: Clock): Promise<OpenFleet> {
  const places = {
    store: { driver: 'sqlite', path: '.tenantry/store.db' },
    publisher: { driver: 'files', path: '.tenantry/published' },
  } as const;
  const state = await wireState(dir, places, nodeHash);
  const lanes = openLanes();
  const parts = async (more: Partial<ApplyParts> = {}): Promise<ApplyParts> => ({
    fleet: 'test-fleet',
    repository: (await wireRepository(dir)).repository,
    store: state.store,
    runtime: state.runtime,
    publisher: state.publisher,
    signer: state.signer,
    firstRoots: state.firstRoots,
    hash: nodeHash,
    zoneOffset: nodeZoneOffset,
    clock,
    log: silent,
    wake: () => undefined,
    lanes,
    fence: undefined,
    ...more,
  });
  const headCommit = (): CommitId => fleetAt(dir).head();
  const headOf = async (org: OrgSlug): Promise<OrgHead> => {
    const head = (await state.store.heads()).find((item) => item.org === org);
    if (head === undefined) throw new Error(`expected ${org} to be applied`);
    return head;
  };
  return {
    state,
    parts,
    plan: async (commit) => plan(await parts(), { commit: commit ?? headCommit(), orgs: null }),
    diff: async (base, head) => diff(await parts(), { base, head }),
    async apply(how = {}) {
      const { commit = headCommit(), expect = null, heal = false, orgs = null, prepared } = how;
      const ask = { commit, expect, heal, orgs };
      return apply(await parts(how.parts), prepared === undefined ? ask : { ...ask, prepared });
    },
    headOf,
    uidOf: async (org) => (await headOf(org)).uid,
    sql(statement, ...values) {
      const database = new DatabaseSync(join(dir, places.store.path));
      try {
        database.exec('PRAGMA busy_timeout = 5000');
        database.prepare(statement).run(...values);
      } finally {
        database.close();
      }
    },
    close: () => state.close(),
  };
}

/** Everything of an org's store that must not move when another org changes. */
export async function fingerprint(fleet: OpenFleet, org: OrgSlug): Promise<unknown> {
  const { store } = fleet.state;
  return {
    head: await fleet.headOf(org),
    observed: await store.observe(org),
    publication: await store.publication(org),
    history: await store.history(org, { limit: 1000 }),
    versions: await store.policyVersions(org, { limit: 1000 }),
  };
}

/** `<org uid>/<path>` of every published file. */
export function publishedFiles(fleet: TestFleet): readonly string[] {
  const folder = join(fleet.dir, '.tenantry/published');
  if (!existsSync(folder)) return [];
  return execFileSync('find', ['.', '-type', 'f'], { cwd: folder, encoding: 'utf8' }).trim().split('\n').sort();
}
