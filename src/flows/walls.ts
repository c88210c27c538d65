import {
  type Clock,
  type Finding,
  FLEET_ORG,
  fails,
  finding,
  type ObjectSide,
  type OrgSlug,
  type OrgUid,
  type RepoPath,
  startOf,
} from '../core/model/index.ts';
import {
  applyWaivers,
  type FleetFact,
  type FleetSettings,
  fleetFactsOf,
  fleetSettings,
  validateFleet,
  waiverFacts,
} from '../core/validate/index.ts';
import type { OrgStore } from '../ports/index.ts';
import type { PlanReport } from './plan.ts';

interface WallParts {
  readonly store: OrgStore;
  readonly clock: Clock;
}

/**
 * Orgs of a plan that would reach into another one: its uid, its address, its secret, its token digests. Judged against
 * what is applied to every other org, so that a change cannot pass by skipping the pull request. The fleet is read only
 * when a change brings something that could collide at all.
 */
export async function wallFindings(parts: WallParts, report: PlanReport): Promise<ReadonlyMap<OrgSlug, Finding>> {
  const planned = report.fleet.plans.filter((item) => item.org !== FLEET_ORG && item.desired.length > 0);
  const settings = fleetSettings(report.frame.fleet?.document ?? null);
  const asked = { nowMs: parts.clock.nowMs(), settings };
  const facts = new Map(planned.map((item) => [item.org, factsOf(asked, item, item.desired)] as const));
  const bringing = new Set<OrgSlug>();
  for (const [org, own] of facts) {
    const observed = await parts.store.observe(org);
    const before = new Set(factsOf(asked, { org, uid: observed?.uid ?? null }, observed?.objects ?? []).map(factKey));
    if (own.some((fact) => !before.has(factKey(fact)))) bringing.add(org);
  }
  if (bringing.size === 0) return new Map();
  const heads = (await parts.store.heads()).filter((head) => head.org !== FLEET_ORG);
  const others = heads.filter((head) => !facts.has(head.org));
  for (const { org, uid } of others)
    facts.set(org, factsOf(asked, { org, uid }, (await parts.store.observe(org))?.objects ?? []));
  const uids = new Map(heads.map((head) => [head.uid, head.org] as const));
  const reused = planned.filter((item) => bringing.has(item.org) && (uids.get(item.uid) ?? item.org) !== item.org);
  const found = [...validateFleet([...facts.values()].flat()), ...reused.map(uidReused)];
  return failing(
    parts,
    report,
    found.filter((item) => item.org !== null && bringing.has(item.org)),
  );
}

/** The first finding of each org that no applied waiver accepts. */
async function failing(
  parts: WallParts,
  report: PlanReport,
  found: readonly Finding[],
): Promise<ReadonlyMap<OrgSlug, Finding>> {
  const first = new Map<OrgSlug, Finding>();
  for (const { org } of report.fleet.plans) {
    const objects = (await parts.store.observe(org))?.objects ?? [];
    const own = found.filter((item) => item.org === org);
    const codes = new Set(own.map((item) => item.code));
    const judged = applyWaivers(own, waiverFacts(org, objects), parts.clock.nowMs()).find(
      (item) => codes.has(item.code) && fails(item),
    );
    if (judged !== undefined) first.set(org, judged);
  }
  return first;
}

const factKey = (fact: FleetFact): string => `${fact.code} ${fact.value}`;

function factsOf(
  asked: { readonly nowMs: number; readonly settings: FleetSettings },
  { org, uid }: { readonly org: OrgSlug; readonly uid: OrgUid | null },
  objects: readonly ObjectSide[],
): readonly FleetFact[] {
  if (uid === null || objects.length === 0) return [];
  const nobody = { has: () => false };
  const otherOrgs = { slugs: nobody, uids: nobody };
  const { nowMs, settings: fleet } = asked;
  return fleetFactsOf({ org, uid, objects, otherOrgs, fleet, nowMs, sourceOf: () => null });
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
