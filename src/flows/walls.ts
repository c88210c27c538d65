import {
  type Clock,
  type Finding,
  FLEET_ORG,
  fails,
  finding,
  type ObjectSide,
  type ObservedOrg,
  type OrgSlug,
  type OrgUid,
  ofKind,
  type Place,
  type Plan,
  type RepoPath,
  startOf,
} from '../core/model/index.ts';
import {
  applyWaivers,
  type FleetFact,
  type FleetSettings,
  fleetFactsOf,
  validateFleet,
  waiverFacts,
} from '../core/validate/index.ts';
import type { OrgStore } from '../ports/index.ts';
import type { Frame } from './frame.ts';

interface WallParts {
  readonly store: OrgStore;
  readonly clock: Clock;
}

/** What one org of a plan could share with another org. */
export interface OrgFacts {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly facts: readonly FleetFact[];
  /** What it has now and gives up: still its own until its change is applied, which may be held. */
  readonly former: readonly FleetFact[];
  /** True when the change brings something that could collide at all. */
  readonly isBringing: boolean;
  /** True when the org stands by this change: it was never applied, or was removed. */
  readonly isBegun: boolean;
}

/** Of what the org will be, as against what it is. */
export function orgFacts(
  parts: Pick<WallParts, 'clock'>,
  {
    plan,
    observed,
    frame,
  }: { readonly plan: Plan; readonly observed: ObservedOrg | undefined; readonly frame: Pick<Frame, 'settings'> },
): OrgFacts {
  const { org, uid } = plan;
  if (org === FLEET_ORG) return { org, uid, facts: [], former: [], isBringing: false, isBegun: false };
  const looking = lookOf(parts, frame);
  const facts = factsOf(looking, { org, uid }, plan.desired);
  const applied = factsOf(looking, { org, uid: observed?.uid ?? null }, observed?.objects ?? []);
  const [before, after] = [new Set(applied.map(factKey)), new Set(facts.map(factKey))];
  return {
    org,
    uid,
    facts,
    former: applied.filter((fact) => !after.has(factKey(fact))),
    isBringing: facts.some((fact) => !before.has(factKey(fact))),
    isBegun: plan.desired.length > 0 && (observed?.objects ?? []).length === 0,
  };
}

/**
 * Orgs of a plan that would reach into another one: its uid, its address, its secret, its token digests; or come back as one
 * that was removed. Judged against what is applied to every other org and to the fleet, so that a change cannot pass by
 * skipping the pull request.
 */
export async function wallFindings(
  parts: WallParts,
  frame: Pick<Frame, 'settings' | 'fleet'>,
  planned: readonly OrgFacts[],
): Promise<ReadonlyMap<OrgSlug, Finding>> {
  const back = await cameBack(parts, frame, planned);
  return new Map([...(await reachingOver(parts, frame, planned)), ...back]);
}

/**
 * Orgs under the name or the uid of one that the settings list as removed, those that are applied or those of the commit: a
 * change that takes an org out of that list has to be applied before the org can be.
 */
async function cameBack(
  { store }: WallParts,
  { fleet }: Pick<Frame, 'fleet'>,
  planned: readonly OrgFacts[],
): Promise<ReadonlyMap<OrgSlug, Finding>> {
  const begun = planned.filter(({ isBegun }) => isBegun);
  if (begun.length === 0) return new Map();
  const applied = ofKind((await store.observe(FLEET_ORG))?.objects ?? [], 'Fleet').map(({ document }) => document);
  const gone = [...applied, ...(fleet === null ? [] : [fleet.document])].flatMap(({ spec }) => spec.retiredOrgs ?? []);
  return new Map(
    begun.flatMap(({ org, uid }) => {
      const former = gone.find((item) => item.uid === uid || item.org === org);
      return former === undefined ? [] : [[org, retiredReused({ org, uid }, former)] as const];
    }),
  );
}

function retiredReused(
  { org, uid }: Pick<OrgFacts, 'org' | 'uid'>,
  former: { readonly uid: string; readonly retired: string },
): Finding {
  const what = former.uid === uid ? 'uid' : 'name';
  return finding('ISO_I55_RETIRED_ORG_REUSED', {
    org,
    place: startOf(`orgs/${org}/org.yaml` as RepoPath),
    message: `org ${org} has the ${what} of an org that was retired at ${former.retired}`,
    expected: 'a name and a uid that no org ever had',
    found: what === 'uid' ? uid : org,
  });
}

/** The fleet is read only when a change brings something that could collide at all. */
async function reachingOver(
  parts: WallParts,
  frame: Pick<Frame, 'settings'>,
  planned: readonly OrgFacts[],
): Promise<ReadonlyMap<OrgSlug, Finding>> {
  const bringing = new Set(planned.filter((item) => item.isBringing).map((item) => item.org));
  if (bringing.size === 0) return new Map();
  const known = new Set(planned.map((item) => item.org));
  const facts = planned.flatMap((item) => [...item.facts, ...item.former]);
  const looking = lookOf(parts, frame);
  const heads = (await parts.store.heads()).filter((head) => head.org !== FLEET_ORG);
  for (const { org, uid } of heads.filter((head) => !known.has(head.org)))
    facts.push(...factsOf(looking, { org, uid }, (await parts.store.observe(org))?.objects ?? []));
  const uids = new Map(heads.map((head) => [head.uid, head.org] as const));
  const reused = planned.filter((item) => bringing.has(item.org) && (uids.get(item.uid) ?? item.org) !== item.org);
  const own = new Map(heads.map((head) => [head.org, head.uid] as const));
  const changed = planned.flatMap((item) => uidChanged(item, own.get(item.org) ?? item.uid));
  const former = new Set(planned.flatMap((item) => item.former));
  const found = [...collisions(facts, former), ...reused.map(uidReused), ...changed];
  return failing(
    parts,
    looking,
    found.filter((item) => item.org !== null && bringing.has(item.org)),
  );
}

/** What collides; who gives something up is in nobody's way, whoever takes it may be. */
function collisions(facts: readonly FleetFact[], former: ReadonlySet<FleetFact>): readonly Finding[] {
  const givenUp = new Set<Place>();
  const found = validateFleet(facts, (fact) => {
    const place = startOf(fact.path);
    if (former.has(fact)) givenUp.add(place);
    return place;
  });
  return found.filter((item) => !givenUp.has(item.place));
}

/** The first finding of each org that no applied waiver accepts. */
async function failing(
  parts: WallParts,
  { nowMs, settings }: Looking,
  found: readonly Finding[],
): Promise<ReadonlyMap<OrgSlug, Finding>> {
  const first = new Map<OrgSlug, Finding>();
  for (const org of new Set(found.flatMap((item) => item.org ?? []))) {
    const objects = (await parts.store.observe(org))?.objects ?? [];
    const own = found.filter((item) => item.org === org);
    const codes = new Set(own.map((item) => item.code));
    const judged = applyWaivers(own, waiverFacts(org, objects, settings), nowMs).find(
      (item) => codes.has(item.code) && fails(item),
    );
    if (judged !== undefined) first.set(org, judged);
  }
  return first;
}

const factKey = (fact: FleetFact): string => `${fact.code} ${fact.value}`;

/** What the rules are told beside an org's own objects. */
interface Looking {
  readonly nowMs: number;
  readonly settings: FleetSettings;
}

function lookOf({ clock }: Pick<WallParts, 'clock'>, { settings }: Pick<Frame, 'settings'>): Looking {
  return { nowMs: clock.nowMs(), settings };
}

function factsOf(
  looking: Looking,
  { org, uid }: { readonly org: OrgSlug; readonly uid: OrgUid | null },
  objects: readonly ObjectSide[],
): readonly FleetFact[] {
  if (uid === null || objects.length === 0) return [];
  const nobody = { has: () => false };
  const otherOrgs = { slugs: nobody, uids: nobody };
  const { nowMs, settings: fleet } = looking;
  // No rule between orgs looks at time zones.
  const zoneOffset = (): undefined => undefined;
  return fleetFactsOf({ org, uid, objects, otherOrgs, fleet, nowMs, zoneOffset, sourceOf: () => null });
}

/** A name under which the store keeps the history, ledger and evidence of another uid, also when that org is gone. */
function uidChanged(
  { org, uid }: { readonly org: OrgSlug; readonly uid: OrgUid },
  applied: OrgUid,
): readonly Finding[] {
  if (uid === applied) return [];
  const place = startOf(`orgs/${org}/org.yaml` as RepoPath);
  const message = `org ${org} has another uid than it was applied with`;
  return [finding('ORG_UID_CHANGED', { org, place, message, expected: applied, found: uid })];
}

/** The uid of an org that is gone: its published files, floors and token digests would be another org's. */
function uidReused({ org, uid }: { readonly org: OrgSlug; readonly uid: OrgUid }): Finding {
  return finding('ISO_I15_SHARED_UID', {
    org,
    place: startOf(`orgs/${org}/org.yaml` as RepoPath),
    message: `org ${org} has the uid of an org that is, or was, applied`,
    expected: 'a uid that no other org has or ever had',
    found: uid,
  });
}
