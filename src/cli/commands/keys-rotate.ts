import {
  isReason,
  type OrgKeys,
  openLanes,
  type RotateAsk,
  type Rotation,
  rotateKeys,
  showKeys,
} from '../../flows/index.ts';
import type { HeldSeed } from '../../ports/index.ts';
import { answerWith, countOf, orgsOf, table } from '../fleet.ts';
import { withLease } from '../lease.ts';
import { actorHere } from '../operate.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { appliedOrgs, type OpenedState, openState } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';
import { throughController } from '../through.ts';
import { rootFolders, rootSeedsOf, seedLine, standingRootFolders } from './keys.ts';

const HOLDERS = ['root', 'publish', 'online'] as const;
const KEY_CHARS = 12;

/** `tenantry keys show`: per org and role what is published, and what of it is at hand. Nothing private. */
export const keysShow: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openState(context, null, standingRootFolders(flags));
  try {
    const { store, publisher, custody, roots } = opened.state;
    const parts = { fleet: opened.settings.metadata.name, store, publisher, custody, clock: opened.clock };
    const only = orgsOf(flags) === null ? null : await appliedOrgs(opened, flags);
    const orgs = await showKeys(parts, only);
    const held = await custody.held();
    const uids = await roots.uids();
    const applied = new Set<string>((await store.heads()).map(({ uid }) => uid));
    const taken = uids.filter((uid) => applied.has(uid)).length;
    const presigned = uids.length;
    answerWith(context, { schema: 'tenantry/keys-show/v1', held, presigned, orgs }, () =>
      [
        heldTable(context, held),
        `Roots signed in advance: ${presigned}${taken === 0 ? '' : `, ${taken} of them of orgs that are applied`}.`,
        orgTable(context, orgs),
      ].join('\n\n'),
    );
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

function heldTable(context: CommandContext, held: readonly HeldSeed[]): string {
  if (held.length === 0) return 'No seed is at hand.';
  const rows = held.map((seed) => [
    `${seed.holder}${seed.share === '' ? '' : ` ${seed.share}`}`,
    `from ${seed.fromEpoch}`,
    seed.where,
  ]);
  return table(context, ['SEED', 'EPOCHS', 'WHERE'], rows);
}

function orgTable(context: CommandContext, orgs: readonly OrgKeys[]): string {
  if (orgs.length === 0) return 'Nothing is published yet. Run `tenantry apply`.';
  const rows = orgs.flatMap(({ org, roles }) =>
    roles.map((role) => [
      org,
      role.role,
      role.isFormer ? `${role.epoch}, former seed` : String(role.epoch),
      role.keyIds.map((id) => id.slice(0, KEY_CHARS)).join(' '),
      `${role.threshold} of ${role.keyIds.length}`,
      String(role.atHand),
      role.expires ?? '-',
    ]),
  );
  return table(context, ['ORG', 'ROLE', 'EPOCH', 'KEYS', 'MUST SIGN', 'AT HAND', 'EXPIRES'], rows);
}

/**
 * `tenantry keys rotate --role root|publish|online [--org …]`, through the running controller where there is one; goes on where
 * an interrupted one stopped.
 */
export const keysRotate: CommandSpec['run'] = async (context, _args, flags) => {
  const ask = askOf(flags);
  const makesRoots = ask.holder === 'root' && ask.withNewSeed;
  const rootDirs = makesRoots ? rootFolders(flags) : standingRootFolders(flags);
  const body = { ...ask, rootDirs };
  const rotation =
    (await throughController<Rotation>(context.dir, '/api/v1/fleet/keys/rotate', body)) ??
    (await rotateHere(context, body));
  answerWith(context, { schema: 'tenantry/keys-rotate/v1', ...rotation }, () => describe(rotation));
  return rotation.orgs.some(({ outcome }) => outcome === 'held') ? EXIT.refused : EXIT.ok;
};

async function rotateHere(context: CommandContext, ask: RotateAsk): Promise<Rotation> {
  const opened = await openState(context, null, ask.rootDirs);
  try {
    return await withLease(opened, 'keys rotate', (fence) => rotate(context, opened, { ask, fence }));
  } finally {
    opened.state.close();
  }
}

type Fenced = Parameters<Parameters<typeof withLease>[2]>[0];

async function rotate(
  context: CommandContext,
  opened: OpenedState,
  { ask, fence }: { readonly ask: RotateAsk; readonly fence: Fenced },
): Promise<Rotation> {
  const { store, runtime, publisher, custody, roots } = opened.state;
  const rotated = await rotateKeys(
    {
      ...{ fleet: opened.settings.metadata.name, store, runtime, publisher, custody, roots, fence },
      ...{ clock: opened.clock, log: context.terminal.log, lanes: openLanes(), wake: () => undefined },
      actor: actorHere(),
    },
    ask,
  );
  if (!rotated.ok) throw new CommandError(EXIT.refused, rotated.code, rotated.message);
  return rotated.value;
}

function describe({ holder, epoch, resumed, orgs, seeds, withdrawn }: Rotation): string {
  const count = (outcome: string): number => orgs.filter((org) => org.outcome === outcome).length;
  const signatures = orgs.reduce((sum, org) => sum + org.signatures, 0);
  const held = orgs.filter((org) => org.outcome === 'held');
  return [
    `${resumed ? 'Went on: ' : ''}${count('rotated')} of ${orgs.length} orgs have ${holder} keys of epoch ${epoch} now, ${count('already')} had them; ${signatures} signatures.`,
    ...seeds.map((seed) => `New seed: ${seedLine(seed)}`),
    ...held.map(({ org, code, message }) => `held  ${org}  ${code}: ${message}`),
    ...(held.length === 0 ? [] : ['Run the same command again when the cause is gone; it goes on with the rest.']),
    ...(withdrawn.length === 0
      ? []
      : [`${withdrawn.length} roots signed in advance named former keys and were taken away.`]),
  ].join('\n');
}

function askOf(flags: Flags): RotateAsk {
  const holder = HOLDERS.find((name) => name === flags['role']);
  if (holder === undefined)
    throw usage(`expected --role root, publish or online, found ${String(flags['role'] ?? 'nothing')}`);
  const isRoot = holder === 'root';
  const { reason } = flags;
  if (reason !== undefined && !isReason(reason)) throw usage('expected --reason of 3 to 1000 characters');
  const withNewSeed = flags['newSeed'] === true;
  if (!isRoot && (flags['threshold'] !== undefined || flags['rootSeeds'] !== undefined))
    throw usage('expected --threshold and --root-seeds with --role root alone');
  if (flags['rootSeeds'] !== undefined && !withNewSeed) throw usage('expected --new-seed with --root-seeds');
  return {
    holder,
    orgs: orgsOf(flags),
    withNewSeed,
    ...(flags['threshold'] === undefined ? {} : { threshold: countOf(flags, 'threshold', 1) }),
    ...(flags['rootSeeds'] === undefined ? {} : { rootSeeds: rootSeedsOf(flags) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

const usage = (message: string): CommandError => new CommandError(EXIT.usage, 'USAGE', message);
