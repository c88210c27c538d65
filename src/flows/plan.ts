import { emit } from '../core/kinds/index.ts';
import {
  byCodeUnit,
  type CommitId,
  contentDigestOf,
  type Finding,
  FLEET_ORG,
  type FleetPlan,
  fails,
  type Hash,
  type ObservedOrg,
  type OrgSlug,
  ofKind,
  type Plan,
} from '../core/model/index.ts';
import { type HazardLimits, planFleet, planOrg } from '../core/plan/index.ts';
import type { OrgHead, OrgStore, Repository } from '../ports/index.ts';
import { limitsOf } from './diff.ts';
import { sharedOrg } from './fleet-objects.ts';
import { type Counters, type Frame, openFrame, unknownOrgs, zeroCounters } from './frame.ts';
import { inputDigest, type LoadedOrg, loadOrgs } from './org.ts';
import { settingsDigest } from './publish.ts';
import { inputSource } from './source.ts';

export interface PlanParts {
  readonly repository: Repository;
  readonly store: OrgStore;
  readonly hash: Hash;
}

/** The plans of one commit against the store, with what each org's apply will also need. */
export interface PlanReport {
  readonly fleet: FleetPlan;
  readonly frame: Frame;
  readonly loaded: ReadonlyMap<OrgSlug, LoadedOrg>;
  /** Orgs that could not be rendered: held, and the reason. */
  readonly held: ReadonlyMap<OrgSlug, readonly Finding[]>;
  /** Orgs whose inputs moved without changing what is rendered. */
  readonly unchanged: readonly OrgSlug[];
  /** Findings of the whole: settings, templates. Any that fails holds everything. */
  readonly findings: readonly Finding[];
  readonly counters: Counters & { readonly headsCompared: number };
}

export interface PlanAsk {
  readonly commit: CommitId;
  /** Plans every org, also those whose inputs are what was last applied: what drift looks at. */
  readonly every?: boolean;
  /** null: every org of the commit and of the store. */
  readonly orgs: readonly OrgSlug[] | null;
}

/** Compares one head per org, then renders and diffs only the orgs whose inputs moved. */
export async function plan(parts: PlanParts, ask: PlanAsk): Promise<PlanReport> {
  const counters = zeroCounters();
  const tree = parts.repository.treeAt(ask.commit);
  const frame = await openFrame({ tree, isStrict: () => true, counters });
  const heads = new Map((await parts.store.heads()).map((head) => [head.org, head] as const));
  const due = dueOrgs(parts, { frame, heads, only: ask.orgs, every: ask.every === true });
  const loaded = new Map((await loadOrgs(frame, due, parts.hash)).map((item) => [item.org, item] as const));
  const limits = await appliedLimits(parts.store, frame);
  const plans: Plan[] = [];
  const held = new Map<OrgSlug, readonly Finding[]>();
  for (const org of due) {
    const item = loaded.get(org);
    if (item !== undefined && item.desired === null) held.set(org, item.findings);
    else plans.push(await planOne(parts, { org, item, commit: ask.commit, limits }));
  }
  const unchanged = plans.filter((item) => item.changes.length === 0).map((item) => item.org);
  const isShared = ask.orgs === null || ask.orgs.includes(FLEET_ORG);
  const shared = isShared ? await planShared(parts, { frame, commit: ask.commit, limits }) : null;
  const changed = [...(shared === null ? [] : [shared]), ...plans].filter((item) => item.changes.length > 0);
  const applied = [...heads.keys()].filter((org) => org !== FLEET_ORG).length;
  return {
    fleet: planFleet({ plans: changed, commit: ask.commit, limits, orgs: applied }, parts.hash),
    frame,
    loaded,
    held,
    unchanged,
    findings: [...frame.findings.filter(fails), ...unknownOrgs(ask.orgs, [...frame.orgTrees.keys(), ...heads.keys()])],
    counters: { ...counters, headsCompared: heads.size },
  };
}

/** Orgs whose folder, template or renderer is not what was last applied, and orgs that are gone. */
function dueOrgs(
  parts: PlanParts,
  state: {
    readonly frame: Frame;
    readonly heads: ReadonlyMap<OrgSlug, OrgHead>;
    readonly only: readonly OrgSlug[] | null;
    readonly every: boolean;
  },
): readonly OrgSlug[] {
  const { frame, heads, only, every } = state;
  const all = (only ?? [...new Set([...frame.orgTrees.keys(), ...heads.keys()])]).filter((org) => org !== FLEET_ORG);
  const settings = settingsDigest(frame.shared, parts.hash);
  const isDue = (org: OrgSlug): boolean => {
    const head = heads.get(org);
    if (head === undefined) return frame.orgTrees.has(org);
    const template = frame.orgTrees.has(org) ? head.template : '';
    return every || head.inputDigest !== inputDigest(frame, { org, template, settings }, parts.hash);
  };
  return all.filter(isDue).sort(byCodeUnit);
}

export interface OnePlan {
  readonly org: OrgSlug;
  readonly item: LoadedOrg | undefined;
  readonly commit: CommitId;
  readonly limits: HazardLimits | null;
}

/** The plan of one org against what its rows really hold, whatever digests they claim. */
export async function planOne(parts: PlanParts, one: OnePlan): Promise<Plan> {
  const stored = await parts.store.observe(one.org);
  const observed = stored === undefined ? null : rehashed(stored, parts.hash);
  const desired = one.item?.desired ?? null;
  const input = { observed, desired, commit: one.commit, limits: one.limits };
  const traced = one.item?.input ?? null;
  return planOrg(traced === null ? input : { ...input, sourceOf: inputSource(traced, parts.hash) }, parts.hash);
}

async function planShared(
  parts: PlanParts,
  ask: { readonly frame: Frame; readonly commit: CommitId; readonly limits: HazardLimits | null },
): Promise<Plan> {
  const stored = await parts.store.observe(FLEET_ORG);
  const observed = stored === undefined ? null : rehashed(stored, parts.hash);
  return planOrg(
    { observed, desired: sharedOrg(ask.frame, parts.hash), commit: ask.commit, limits: ask.limits },
    parts.hash,
  );
}

/** Limits of the last applied commit; on an empty store those of the commit being applied (rulings 7). */
export async function appliedLimits(store: OrgStore, frame: Frame): Promise<HazardLimits | null> {
  const applied = await store.observe(FLEET_ORG);
  const fleet = ofKind(applied?.objects ?? [], 'Fleet')[0] ?? null;
  return limitsOf({ fleet: fleet ?? frame.fleet });
}

/** The rows with digests computed from their documents: a row that was changed behind the reconciler's back shows. */
export function rehashed(stored: ObservedOrg, hash: Hash): ObservedOrg {
  const objects = stored.objects.map((object) => ({ ...object, digest: hash.sha256(emit(object.document)) }));
  return { ...stored, objects };
}

/** True when the rows, hashed afresh, are not what the head says was applied last. */
export function isTampered(stored: ObservedOrg, hash: Hash): boolean {
  return (
    stored.contentDigest !== null && contentDigestOf(rehashed(stored, hash).objects, hash) !== stored.contentDigest
  );
}
