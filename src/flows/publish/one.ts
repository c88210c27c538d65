import type { OrgSlug, Override } from '../../core/model/index.ts';
import { type DeliveryPlan, newest } from '../../core/rollout/index.ts';
import type { NewRelease, OrgTransaction } from '../../ports/index.ts';
import type { PublishOutcome } from '../../trust/index.ts';
import { buildBundles } from './bundles.ts';
import { contentsOf, deliveredBundles, releasesFor } from './contents.ts';
import { cutOff } from './cut-off.ts';
import type { PublishedOrg, PublishParts } from './parts.ts';
import { nextGeneration, type OrgState, pinFindings, planOrg } from './plan.ts';
import { putOut } from './put-out.ts';
import { type SharedSettings, sharedSettings } from './shared.ts';

/**
 * Publishes what the store holds for one org: bundles are made from applied objects, or from kept content where a
 * rollout or an override says so, so that what a gateway runs is what was planned and recorded. What is decided is
 * stored, files go out, then the store learns of it; running it again after a crash between any two completes it.
 */
export async function publishOne(parts: PublishParts, org: OrgSlug): Promise<PublishedOrg> {
  return publishWith(parts, org, await sharedSettings(parts));
}

/** As `publishOne`, and every file is put again, because some of what was published is gone. */
export async function publishAnew(parts: PublishParts, org: OrgSlug): Promise<PublishedOrg> {
  return publishWith(parts, org, await sharedSettings(parts), true);
}

/** As `publishOne`, for callers that publish many orgs under the same settings. */
export async function publishWith(
  parts: PublishParts,
  org: OrgSlug,
  settings: SharedSettings,
  anew = false,
): Promise<PublishedOrg> {
  const observed = await parts.store.observe(org);
  if (observed === undefined) throw new Error(`expected applied objects of ${org}, found none`);
  return parts.lanes.inLane(observed.uid, () => publishInLane(parts, org, settings, anew));
}

/** As `publishWith`, for callers that are in the org's lane already. */
export async function publishInLane(
  parts: PublishParts,
  org: OrgSlug,
  settings: SharedSettings,
  anew = false,
): Promise<PublishedOrg> {
  const { observed, delivery } = await readTogether(parts, org);
  const built = buildBundles(parts, observed, settings);
  if (built.bundles === null) return cutOff(parts, { observed, delivery, settings }, built.findings);
  const publication = await parts.store.publication(org);
  const state = { observed, delivery, publication, fresh: built.bundles, settings };
  const plan = await planOrg(parts, state);
  const given = await deliveredBundles(parts, observed, { plan, fresh: built.bundles });
  const findings = [...built.findings, ...pinFindings(observed, plan), ...given.findings];
  if (given.findings.length > 0) return cutOff(parts, { observed, delivery, settings }, findings);
  const kept = await keepPlan(parts, state, plan);
  const published = await putOut(parts, { state, generation: kept.generation, bundles: given.bundles, anew });
  await parts.store.transact(org, (tx) => learn(tx, { published, ...kept }), parts.fence);
  if (published.signatures > 0) parts.wake(observed.uid);
  const { changed, removed, signatures } = published;
  return { org, generation: kept.generation, changed, removed, signatures, findings };
}

/**
 * Objects, and what decides on them, of one moment: an apply may come between two reads. Generations are read first, so
 * that objects are never taken for those of a generation that came after them, which would then never be published.
 */
async function readTogether({ store }: PublishParts, org: OrgSlug): Promise<Pick<OrgState, 'observed' | 'delivery'>> {
  for (;;) {
    const delivery = await store.delivery(org);
    const observed = await store.observe(org);
    if (observed === undefined || delivery === undefined) throw new Error(`expected applied objects of ${org}`);
    if (observed.generation <= delivery.highest) return { observed, delivery };
  }
}

interface Kept {
  readonly generation: number;
  /** What is still to be kept, with the publication. */
  readonly releases: readonly NewRelease[];
}

/**
 * Stores what was decided before anything of it is seen. Where nothing but content changed there is nothing to decide
 * twice, and the content is kept together with the publication.
 */
async function keepPlan(parts: PublishParts, state: OrgState, plan: DeliveryPlan): Promise<Kept> {
  const { observed, fresh, publication, delivery } = state;
  const releases = releasesFor(fresh, plan.released, parts.hash);
  const next = nextGeneration(state);
  const rows = [...plan.rollouts, ...plan.changedOverrides];
  if (rows.length === 0) {
    const generation = Math.max(delivery.highest, publication?.generation ?? 0);
    return { generation, releases };
  }
  await parts.store.transact(
    observed.org,
    async (tx) => {
      if (!next.isAllocated) await tx.allocateGeneration();
      for (const rollout of plan.rollouts) await tx.putRollout(rollout);
      for (const override of plan.changedOverrides) await tx.putOverride(override);
      await tx.putReleases(next.generation, releases);
      const ended = endedByPeople(delivery.overrides);
      await recordChanges(tx, plan, { generation: next.generation, at: parts.clock.nowMs(), ended });
    },
    parts.fence,
  );
  return { generation: next.generation, releases: [] };
}

/** Overrides that somebody ended: that stands in the history, with who and why, from that moment on. */
function endedByPeople(overrides: readonly Override[]): ReadonlySet<string> {
  return new Set(overrides.filter(({ endedWhy }) => endedWhy !== null).map(({ id }) => id));
}

interface Recorded {
  readonly generation: number;
  readonly at: number;
  readonly ended: ReadonlySet<string>;
}

/** Overrides that began or ended by themselves stand in the history as those that somebody took do, and each once. */
async function recordChanges(tx: OrgTransaction, plan: DeliveryPlan, recorded: Recorded): Promise<void> {
  const { generation, at, ended } = recorded;
  const own = plan.changedOverrides.filter(({ id }) => !ended.has(id));
  for (const { id, kind, endedAt, endedWhy, isInGit } of own) {
    const detail = { override: id, kind, ...(endedAt === null ? { isInGit } : { ended: endedWhy }) };
    const nothing = { commit: null, approval: null, changeDigest: null, planDigest: null };
    const action = endedAt === null ? kind : 'end';
    await tx.appendHistory({ at, actor: 'controller', action, generation, ...nothing, detail });
  }
}

async function learn(
  tx: OrgTransaction,
  { published, generation, releases }: Kept & { readonly published: PublishOutcome },
): Promise<void> {
  if (releases.length > 0) await tx.putReleases(generation, releases);
  await tx.putPublication({ ...published.publication, generation });
}

/**
 * True when bundles made of the present settings are not what Git wanted last: a price, or the default of what happens
 * on expiry, moved without any object of the org. Bundles that cannot be made are not what is published either: the
 * publish that follows says why.
 */
export async function isPublishedStale(parts: PublishParts, org: OrgSlug, settings: SharedSettings): Promise<boolean> {
  const [observed, publication, delivery] = await Promise.all([
    parts.store.observe(org),
    parts.store.publication(org),
    parts.store.delivery(org),
  ]);
  if (observed === undefined || publication === undefined || publication.generation < observed.generation) return false;
  const { bundles } = buildBundles(parts, observed, settings);
  if (bundles === null) return true;
  const contents = contentsOf(bundles, parts.hash);
  const released = newest(delivery?.releases ?? []);
  return bundles.some(({ header: { gateway }, contentDigest }) => {
    const wanted = released.get(gateway)?.digest;
    // A store that kept nothing of it knows what is published.
    return wanted === undefined
      ? publication.targets[gateway]?.contentDigest !== contentDigest
      : wanted !== contents.get(gateway)?.digest;
  });
}
