import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Fleet, OrgUid } from '../../core/model/index.ts';
import { counted } from '../../core/report/index.ts';
import { newSeedsFit, type PresignedUids, presignRoots, readSettings, standingUids } from '../../flows/index.ts';
import type { HeldSeed } from '../../ports/index.ts';
import { type MadeSeeds, rootsDirOf, wireKeys, wireSeeds, wireStanding, wireStandingStore } from '../../wire.ts';
import { answerWith, countOf, type OpenedFleet, openFleet, shownOnce } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { settingsOf, warnOfElsewhere } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** As many independent root seeds as a root's signatures have room for in a rotation. */
const MOST_ROOT_SEEDS = 8;

/** `tenantry keys init`: the seeds of a fleet, never overwritten; with --pre-sign, roots of org uids to come. */
export const keysInit: CommandSpec['run'] = async (context, _args, flags) => {
  const rootSeeds = rootSeedsOf(flags);
  const count = flags['preSign'] === undefined ? 0 : countOf(flags, 'preSign', 1);
  const rootDirs = rootFolders(flags);
  requireThreshold(flags, { rootSeeds, count });
  if (await wireStanding(context.dir, rootDirs)) standingRootFolders(flags);
  else {
    warnOfElsewhere(context, '.tenantry/keys');
    requireFit(flags, { rootSeeds, rootDirs });
    await requireUnpublished(context);
  }
  const ceremony = count === 0 ? null : await readCeremony(context, { count, rootDirs, flags });
  const made = await wireSeeds(context.dir, { rootSeeds, rootDirs, isPrinted: flags['printRoot'] === true });
  const { standing, minted } = ceremony === null ? NO_ROOTS : await presign(context, made, ceremony);
  const { created, keysDir, printed } = made;
  const held = await made.custody.held();
  const rootsDir = rootsDirOf(context.dir);
  const roots = { standing, presigned: minted, rootsDir };
  const data = { schema: 'tenantry/keys/v1', created, keysDir, held, printed, ...roots } as const;
  const words = () =>
    [
      created ? describeMade(made, held) : describeStanding(keysDir, held),
      ...printed.map(({ name, text, check }) => `${name}  ${text}  check ${check}`),
      ...(standing.length === 0
        ? []
        : [`${counted(standing.length, 'root')} signed for orgs that stand, in ${rootsDir}.`]),
      ...(minted.length === 0
        ? []
        : [
            `${counted(minted.length, 'root')} signed in advance, in ${rootsDir}; \`tenantry org add\` takes their uids.`,
          ]),
    ].join('\n');
  const print = () => answerWith(context, data, words);
  if (printed.length === 0) print();
  else shownOnce(context, print, `remove ${keysDir} and ${rootsDir} and run it again, since nobody has the root seeds`);
  return EXIT.ok;
};

const NO_ROOTS: PresignedUids = { standing: [], minted: [] };

/** Seeds may be made where no fleet is, and no git either. */
function withoutRepository(cause: unknown): { readonly fleet: null } {
  const { code } = cause as { readonly code?: unknown };
  if (code === 'GIT_NOT_A_REPOSITORY' || code === 'GIT_MISSING') return { fleet: null };
  throw cause;
}

/** New seeds are for a fleet of which nothing is published, as far as this machine's store knows. */
async function requireUnpublished(context: CommandContext): Promise<void> {
  const fleet = await openFleet(context);
  const { fleet: settings } = await readSettings(fleet.repository.workTree()).catch(withoutRepository);
  const opened = settings === null ? null : await wireStandingStore(fleet.dir, settings.spec, fleet.hash);
  if (opened === null) return;
  const fit = await newSeedsFit(opened.store);
  opened.close();
  if (!fit.ok) throw new CommandError(EXIT.refused, fit.code, fit.message);
}

function describeMade({ keysDir, printed }: MadeSeeds, held: readonly HeldSeed[]): string {
  if (printed.length > 0)
    return `Publish and online seeds written to ${keysDir} (mode 0600) and read back. The root seeds are shown once, here, and are on no disk:`;
  const isBeside = held.some(({ holder, where }) => holder === 'root' && dirname(where) === keysDir);
  const advice = isBeside ? 'Move root seeds offline and keep copies.' : 'Keep copies of the root seeds, and offline.';
  return [`Seeds written (mode 0600) and read back. ${advice}`, ...held.map(seedLine)].join('\n');
}

/** Seeds of before, by name: a ceremony that was killed may have left fewer than it was to make. */
function describeStanding(keysDir: string, held: readonly HeldSeed[]): string {
  return [`Seeds stand in ${keysDir} already; nothing was changed. At hand:`, ...held.map(seedLine)].join('\n');
}

/** One seed by its name, and where it lies. */
export function seedLine({ holder, share, where }: HeldSeed): string {
  return `${share === '' ? holder : `${holder} ${share}`} in ${where}`;
}

/** What new seeds cannot be made with, before one is written. */
function requireFit(flags: Flags, ask: { readonly rootSeeds: number; readonly rootDirs: readonly string[] }): void {
  const { rootSeeds, rootDirs } = ask;
  if (rootDirs.length > 1 && rootDirs.length !== rootSeeds)
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected --root-keys with one folder for all ${rootSeeds} root seeds, or one for each, found ${rootDirs.length}`,
    );
  const threshold = countOf(flags, 'threshold', 1);
  if (threshold <= rootSeeds) return;
  const message = `expected a threshold from 1 to the ${rootSeeds} root seeds to be made, found ${threshold}`;
  throw new CommandError(EXIT.refused, 'ROTATION_SEEDS', message);
}

/** How many root seeds are asked for; 1 by default. */
export function rootSeedsOf(flags: Flags): number {
  const count = countOf(flags, 'rootSeeds', 1);
  if (count <= MOST_ROOT_SEEDS) return count;
  throw new CommandError(EXIT.usage, 'USAGE', `expected --root-seeds of at most ${MOST_ROOT_SEEDS}, found ${count}`);
}

/** Several root seeds without a threshold would sign roots that any one of them can replace, so it must be said. */
function requireThreshold(flags: Flags, ask: { readonly rootSeeds: number; readonly count: number }): void {
  if (ask.rootSeeds > 1 && ask.count > 0 && flags['threshold'] === undefined)
    throw new CommandError(EXIT.usage, 'USAGE', 'expected --threshold <k> with several root seeds: how many must sign');
  if (flags['threshold'] !== undefined && ask.count === 0)
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      'expected --pre-sign <n> with --threshold: the threshold lives in signed roots alone',
    );
}

interface Ceremony {
  readonly count: number;
  readonly rootDirs: readonly string[];
  readonly flags: Flags;
}

interface ReadCeremony extends Ceremony {
  readonly fleet: OpenedFleet;
  readonly settings: Fleet;
  /** Of the orgs that the work tree has. */
  readonly standing: readonly OrgUid[];
}

/** What is signed for: read before a seed is made, so that what cannot be read leaves none. */
async function readCeremony(context: CommandContext, ceremony: Ceremony): Promise<ReadCeremony> {
  const fleet = await openFleet(context);
  const settings = await settingsOf(fleet, null);
  return { ...ceremony, fleet, settings, standing: await standingUids(fleet.repository.workTree()) };
}

async function presign(context: CommandContext, made: MadeSeeds, ceremony: ReadCeremony): Promise<PresignedUids> {
  const { count, rootDirs, flags, fleet, settings } = ceremony;
  const wired = await wireKeys(fleet.dir, { signer: settings.spec.signer, rootDirs });
  // What was printed is in no folder: who made it signs with it.
  const custody = made.printed.length > 0 ? made.custody : wired.custody;
  const { random, clock } = fleet;
  const { log } = context.terminal;
  const parts = { fleet: settings.metadata.name, custody, roots: wired.roots, random, clock, log };
  // Where seeds stood before, orgs may be published already, and each has one first root.
  const standing = made.created ? ceremony.standing : [];
  const signed = await presignRoots(parts, { count, standing, threshold: countOf(flags, 'threshold', 1) });
  if (!signed.ok) throw new CommandError(EXIT.refused, signed.code, signed.message);
  return signed.value;
}

/**
 * The folders that `--root-keys` names, where new root seeds may go: one that is not there is made. None twice, under whatever
 * names: who names several means that no two seeds lie together.
 */
export function rootFolders(flags: Flags): readonly string[] {
  const given = flags['rootKeys'];
  const folders = Array.isArray(given) ? (given as readonly string[]) : [];
  for (const folder of folders) if (folder === '' || isFile(folder)) throw noFolder(folder);
  const places = folders.map((folder) => (existsSync(folder) ? realpathSync(folder) : resolve(folder)));
  const twice = places.findIndex((place, index) => places.indexOf(place) < index);
  if (twice !== -1)
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected --root-keys with folders that differ, found ${places[twice]} twice`,
    );
  return folders.map((folder) => resolve(folder));
}

/** As `rootFolders`, where root seeds are only read: one that is not there is a typing error, or a medium that is not in. */
export function standingRootFolders(flags: Flags): readonly string[] {
  const folders = rootFolders(flags);
  const absent = folders.find((folder) => !existsSync(folder));
  if (absent === undefined) return folders;
  throw noFolder(absent);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;

function noFolder(path: string): CommandError {
  const where = path === '' ? '""' : resolve(path);
  const message = `expected a folder with root seeds at ${where}, found ${path !== '' && isFile(path) ? 'a file' : 'none'}`;
  return new CommandError(EXIT.unavailable, 'ROOT_KEYS_MISSING', message);
}
