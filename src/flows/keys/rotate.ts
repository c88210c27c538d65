import type { FindingCode, OrgUid, RoleEpochs } from '../../core/model/index.ts';
import type { HeldSeed, KeyHolder } from '../../ports/index.ts';
import { epochsOf, readRoot, rootJson } from '../../trust/index.ts';
import { sideBySide } from '../lanes.ts';
import type { Outcome } from '../tokens.ts';
import { ownTrouble } from '../trouble.ts';
import type { RotateAsk, RotatedOrg, RotateParts, Rotation } from './parts.ts';
import { rotateOne } from './rotate-org.ts';
import { type Begun, begin, complete, highestBegun, noteSeeds, unfinished } from './rotation-log.ts';
import { epochOf, inScope, type PublishedOrgKeys, publishedKeys } from './scope.ts';

/** Orgs that rotate at the same time; what overlaps is waiting for the disk. */
const ROTATING_ORGS = 8;

/**
 * Raises the keys of one holder to a next epoch in every org asked for. Begin and end stand in the history of the fleet, each
 * org's own step in its history; run again after an interruption, it goes on with the same epoch, and orgs that are there
 * already stay as they are. What stands in one org's way is told as `held`; the others go on.
 */
export async function rotateKeys(parts: RotateParts, ask: RotateAsk): Promise<Outcome<Rotation>> {
  const all = await publishedKeys(parts.store);
  const scope = inScope(all, ask.orgs);
  if (!scope.ok) return scope;
  const former = await unfinished(parts.store, ask);
  const shares = former?.madeSeeds ?? (await sharesOf(parts, ask, all));
  const misfit = former === undefined && ask.withNewSeed ? misfitOf(ask, shares) : null;
  if (misfit !== null) return { ok: false, ...misfit };
  const begun = former ?? (await begin(parts, ask, await nextEpoch(parts, ask, { all, scope: scope.value })));
  const seeded = begun.withNewSeed ? await renew(parts, ask, { begun, shares }) : NO_SEEDS;
  if (!seeded.ok) return seeded;
  const seeds = seeded.value;
  let done = 0;
  const orgs = await sideBySide(scope.value, ROTATING_ORGS, async (org) => {
    const rotated = await rotateOne(parts, ask, { ...org, epoch: begun.epoch }).catch((cause: unknown) =>
      heldBy(org, cause),
    );
    done += 1;
    parts.log.progress('rotate', done, scope.value.length);
    return rotated;
  });
  const isWhole = orgs.every(({ outcome }) => outcome !== 'held');
  if (isWhole) await complete(parts, ask, begun);
  const withdrawn = isWhole && begun.withNewSeed ? await withdrawRoots(parts, all) : [];
  const { epoch } = begun;
  return { ok: true, value: { holder: ask.holder, epoch, resumed: former !== undefined, orgs, seeds, withdrawn } };
}

/**
 * Above every epoch of the scope. Where a new seed is to serve from there on, above every epoch of the fleet that a former
 * seed made a key for, in a rotation that stopped half-way too: the thief has that key, and the new seed does not.
 */
async function nextEpoch(
  parts: RotateParts,
  { holder, withNewSeed }: RotateAsk,
  orgs: { readonly all: readonly PublishedOrgKeys[]; readonly scope: readonly PublishedOrgKeys[] },
): Promise<number> {
  const first = epochOf(await parts.custody.firstEpochs(), holder);
  const published = (withNewSeed ? orgs.all : orgs.scope).map(({ epochs }) => epochOf(epochs, holder));
  if (!withNewSeed) return Math.max(first, ...published.map((epoch) => epoch + 1));
  const pending = await sideBySide(orgs.all, ROTATING_ORGS, (org) => pendingEpoch(parts, holder, org));
  return 1 + Math.max(first, await highestBegun(parts.store, holder), ...published, ...pending);
}

/** The epoch that a root names which a rotation put and no store knows; 0 where there is none, or none that can be read. */
async function pendingEpoch(
  { publisher }: RotateParts,
  holder: KeyHolder,
  { uid, rootVersion }: PublishedOrgKeys,
): Promise<number> {
  const root = await readRoot(publisher, uid, rootVersion + 1).catch((cause: unknown) => {
    if (ownTrouble(cause) === undefined) throw cause;
    return undefined;
  });
  return root === undefined ? 0 : epochOf(epochsOf(root), holder);
}

/** How many seeds the holder is to have: those asked for, or as many as the published roots name. */
async function sharesOf(
  { publisher }: RotateParts,
  { holder, rootSeeds }: RotateAsk,
  [first]: readonly PublishedOrgKeys[],
): Promise<number> {
  if (holder !== 'root') return 1;
  if (rootSeeds !== undefined || first === undefined) return rootSeeds ?? 1;
  const root = await readRoot(publisher, first.uid, first.rootVersion);
  return root === undefined ? 1 : rootJson(root).roles.root.keyids.length;
}

/** Why new root seeds cannot be made as asked, before anything of them is written; null where they can. */
function misfitOf(
  { holder, threshold = 1, rootDirs = [] }: RotateAsk,
  shares: number,
): { readonly code: FindingCode; readonly message: string } | null {
  if (holder !== 'root') return null;
  if (threshold > shares)
    return {
      code: 'ROTATION_SEEDS',
      message: `expected a threshold from 1 to ${shares} root seeds, found ${threshold}`,
    };
  if (rootDirs.length <= 1 || rootDirs.length >= shares) return null;
  const message = `expected one folder for all ${shares} new root seeds, or one for each, found ${rootDirs.length}`;
  return { code: 'SIGNER_SEED_FOLDERS', message };
}

const NO_SEEDS: Outcome<readonly HeldSeed[]> = { ok: true, value: [] };

/**
 * The new seeds: made once, and looked for when it goes on. SIGNER_SEED_MISSING while one of several root seeds is away:
 * another of its name would make keys that the other orgs do not know.
 */
async function renew(
  parts: RotateParts,
  ask: RotateAsk,
  { begun, shares }: { readonly begun: Begun; readonly shares: number },
): Promise<Outcome<readonly HeldSeed[]>> {
  const { custody } = parts;
  const { holder } = ask;
  if (begun.madeSeeds === null) {
    await custody.renewSeeds({ holder, fromEpoch: begun.epoch, shares });
    await noteSeeds(parts, ask, { ...begun, madeSeeds: shares });
  }
  const seeds = (await custody.held()).filter((seed) => seed.holder === holder && seed.fromEpoch === begun.epoch);
  if (holder !== 'root' || seeds.length >= shares) return { ok: true, value: seeds };
  const found = seeds.map(({ share, where }) => `${share} in ${where}`).join(', ') || 'none';
  const message = `expected all ${shares} root seeds of epoch ${begun.epoch}, which are made: name the folder of each with --root-keys; found ${found}`;
  return { ok: false, code: 'SIGNER_SEED_MISSING', message };
}

function heldBy({ org, rootVersion }: PublishedOrgKeys, cause: unknown): RotatedOrg {
  const known = ownTrouble(cause);
  if (known === undefined) throw cause;
  return { org, outcome: 'held', rootVersion, signatures: 0, ...known };
}

/** Takes away roots of uids that no org has and that name keys of replaced seeds: no new org may begin with those. */
async function withdrawRoots(
  { roots, custody }: RotateParts,
  all: readonly PublishedOrgKeys[],
): Promise<readonly OrgUid[]> {
  const used = new Set(all.map(({ uid }) => uid));
  const least = await custody.firstEpochs();
  const withdrawn: OrgUid[] = [];
  for (const uid of await roots.uids()) {
    const bytes = used.has(uid) ? undefined : await roots.get(uid);
    if (bytes === undefined || !isBelow(epochsOf({ bytes }), least)) continue;
    await roots.remove(uid);
    withdrawn.push(uid);
  }
  return withdrawn;
}

function isBelow(epochs: RoleEpochs, least: RoleEpochs): boolean {
  return (['root', 'targets', 'snapshot', 'timestamp'] as const).some((role) => epochs[role] < least[role]);
}
