import type { OrgUid, RoleEpochs } from '../../core/model/index.ts';
import { epochsOf, readRoot, rootJson } from '../../trust/index.ts';
import { sideBySide } from '../lanes.ts';
import type { Outcome } from '../tokens.ts';
import { ownTrouble } from '../trouble.ts';
import type { RotateAsk, RotatedOrg, RotateParts, Rotation } from './parts.ts';
import { rotateOne } from './rotate-org.ts';
import { type Begun, begin, complete, unfinished } from './rotation-log.ts';
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
  const begun = former ?? (await begin(parts, ask, await nextEpoch(parts, ask, { all, scope: scope.value })));
  if (begun.withNewSeed) await renew(parts, ask, { begun, all });
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
  return { ok: true, value: { holder: ask.holder, epoch, resumed: former !== undefined, orgs, withdrawn } };
}

/** Above every epoch of the scope; above every epoch of the fleet where a new seed is to serve from there on. */
async function nextEpoch(
  { custody }: RotateParts,
  { holder, withNewSeed }: RotateAsk,
  orgs: { readonly all: readonly PublishedOrgKeys[]; readonly scope: readonly PublishedOrgKeys[] },
): Promise<number> {
  const highest = Math.max(0, ...(withNewSeed ? orgs.all : orgs.scope).map(({ epochs }) => epochOf(epochs, holder)));
  return Math.max(highest + 1, epochOf(await custody.firstEpochs(), holder) + (withNewSeed ? 1 : 0));
}

async function renew(
  { custody, publisher }: RotateParts,
  { holder, rootSeeds }: RotateAsk,
  { begun, all }: { readonly begun: Begun; readonly all: readonly PublishedOrgKeys[] },
): Promise<void> {
  const [first] = all;
  const root = first === undefined ? undefined : await readRoot(publisher, first.uid, first.rootVersion);
  const before = root === undefined ? 1 : rootJson(root).roles.root.keyids.length;
  await custody.renewSeeds({ holder, fromEpoch: begun.epoch, shares: holder === 'root' ? (rootSeeds ?? before) : 1 });
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
