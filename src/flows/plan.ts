import { EmitError, emit } from '../core/kinds/index.ts';
import {
  byCodeUnit,
  type CommitId,
  contentDigestOf,
  digested,
  type Finding,
  FLEET_ORG,
  type FleetPlan,
  fails,
  type Hash,
  type JsonObject,
  type ObjectSide,
  type ObservedOrg,
  type OrgPlan,
  type OrgSlug,
  ofKind,
  type Plan,
  type Reach,
  type Untouched,
} from '../core/model/index.ts';
import { type HazardLimits, planFleet, planOrg, withOrigins } from '../core/plan/index.ts';
import type { OrgHead, OrgStore, Repository } from '../ports/index.ts';
import { appliedObjects } from './applied.ts';
import { sharedRuleFindings } from './between-orgs.ts';
import { limitsOf } from './diff.ts';
import { sharedOrg } from './fleet-objects.ts';
import { type Counters, type Frame, openFrame, unknownOrgs, zeroCounters } from './frame.ts';
import { inputDigest, type LoadedOrg, loadOrgs } from './org.ts';
import { type CarriedOf, carriedInPlan, type PlannedOrg, planReach } from './plan-reach.ts';
import { settingsDigest } from './publish/index.ts';
import { inputSource } from './source.ts';

export interface PlanParts {
  readonly repository: Repository;
  readonly store: OrgStore;
  readonly hash: Hash;
}

/** The plans of one commit against the store, with what each org's apply will also need. */
export interface PlanReport {
  readonly fleet: FleetPlan;
  /** Of the orgs that the commit changes too and that were not asked for: hazards of the whole count them. */
  readonly beside: readonly OrgPlan[];
  readonly frame: Frame;
  /** The store as it was compared with. */
  readonly heads: ReadonlyMap<OrgSlug, OrgHead>;
  readonly limits: HazardLimits | null;
  /** How far the plan reaches; null where it is made for no person. */
  readonly reach: Reach | null;
  /** What is proved of the orgs that it does not change; null also where not every org was asked for. */
  readonly untouched: Untouched | null;
  /** Orgs that could not be rendered: held, and the reason. */
  readonly held: ReadonlyMap<OrgSlug, readonly Finding[]>;
  /** Orgs whose inputs moved without changing what is rendered, with the template that each pins. */
  readonly unchanged: ReadonlyMap<OrgSlug, string>;
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
  /** Orgs that are not planned: they were applied at a later commit, or stay where they are. */
  readonly without?: ReadonlySet<OrgSlug>;
  /** Of those, the ones whose change counts for the hazards of the whole all the same. */
  readonly counted?: readonly OrgSlug[];
}

/**
 * One org of a plan while its documents are at hand: they are dropped when the next ones are read. `loaded` is undefined for
 * the fleet's own objects, and for an org that is gone.
 */
export interface OrgWork extends PlannedOrg {
  readonly frame: Frame;
}

/**
 * Compares one head per org, then renders and diffs only the orgs whose inputs moved. For people: each changed value
 * has the line that it comes from.
 */
export async function plan(parts: PlanParts, ask: PlanAsk): Promise<PlanReport> {
  return planEach(parts, { ...ask, withPlaces: true }, () => undefined);
}

/** What planning any org of a commit takes. */
export interface Planning {
  readonly frame: Frame;
  readonly commit: CommitId;
  readonly limits: HazardLimits | null;
  /** Says of each changed value which line it comes from; that costs three more renders of the org. */
  readonly withPlaces: boolean;
}

/** As `plan`; `look` gets each org that changes while its documents are at hand, those of the fleet first. */
export async function planEach(
  parts: PlanParts,
  ask: PlanAsk & { readonly withPlaces: boolean },
  look: (work: OrgWork) => void,
): Promise<PlanReport> {
  const counters = zeroCounters();
  const { commit, orgs: only, withPlaces } = ask;
  const frame = await openFrame({ tree: parts.repository.treeAt(commit), isStrict: () => true, counters });
  const heads = new Map((await parts.store.heads()).map((head) => [head.org, head] as const));
  const limits = await appliedLimits(parts.store, frame);
  const planning: Planning = { frame, commit, limits, withPlaces };
  const plans: OrgPlan[] = [];
  const held = new Map<OrgSlug, readonly Finding[]>();
  const unchanged = new Map<OrgSlug, string>();
  const reach = withPlaces ? planReach(parts.hash) : null;
  const carriedOf = carriedInPlan(frame);
  const carried = new Set<OrgSlug>();
  const without = ask.without ?? new Set<OrgSlug>();
  const due = dueOrgs(parts, { frame, heads, only, without, every: ask.every === true });
  for await (const work of worksOf(parts, planning, due)) {
    if ('plan' in work) {
      const gateways = carriedOf(work);
      if (gateways.size > 0) carried.add(work.plan.org);
      reach?.add(work, gateways);
    }
    if ('findings' in work) held.set(work.org, work.findings);
    else if (work.plan.changes.length > 0) {
      plans.push(withoutObjects(work.plan));
      look(work);
    } else if (work.plan.org !== FLEET_ORG) unchanged.set(work.plan.org, work.loaded?.template ?? '');
  }
  const isWhole = only === null || ask.every === true;
  const others = isWhole ? [] : dueOrgs(parts, { frame, heads, only: null, without, every: false });
  const carrying = { carriedOf, carried };
  const beside = await plansBeside(parts, planning, { orgs: others.filter((org) => !due.includes(org)), ...carrying });
  const counted = await plansBeside(parts, planning, { orgs: ask.counted ?? [], ...carrying });
  const applied = [...heads.values()].filter(stands).length;
  const bases = [...plans, ...beside].flatMap(({ org }) => heads.get(org)?.commit ?? []);
  const strayed = await parts.repository.strayed([...new Set(bases)], commit);
  return {
    fleet: planFleet(
      { plans, beside: [...beside, ...counted], carried: [...carried], commit, limits, orgs: applied, strayed },
      parts.hash,
    ),
    beside,
    frame,
    heads,
    limits,
    reach: reach?.reach(orgsIn(frame, heads)) ?? null,
    untouched: only === null ? (reach?.untouched({ frame, heads, due, unchanged }) ?? null) : null,
    held,
    unchanged,
    findings: [...frame.findings.filter(fails), ...unknownOrgs(only, [...frame.orgTrees.keys(), ...heads.keys()])],
    counters: { ...counters, headsCompared: heads.size },
  };
}

interface Beside {
  readonly orgs: readonly OrgSlug[];
  readonly carriedOf: CarriedOf;
  /** Orgs that get other bundles by what all share: those of the selection, then the others too. */
  readonly carried: Set<OrgSlug>;
}

/** What the commit changes of orgs that it is not planned for; one that cannot be rendered changes nothing. */
async function plansBeside(
  parts: PlanParts,
  planning: Planning,
  { orgs, carriedOf, carried }: Beside,
): Promise<readonly OrgPlan[]> {
  const plans: OrgPlan[] = [];
  for await (const work of worksOf(parts, { ...planning, withPlaces: false }, orgs)) {
    if (!('plan' in work)) continue;
    if (carriedOf(work).size > 0) carried.add(work.plan.org);
    if (work.plan.changes.length > 0) plans.push(withoutObjects(work.plan));
  }
  return plans;
}

/** Not what all share, and not an org that was removed: its head stays for good, and shares of the fleet would shrink by it. */
function stands({ org, template }: OrgHead): boolean {
  return org !== FLEET_ORG && template !== '';
}

/** Orgs that there are in the commit or applied. */
function orgsIn(frame: Frame, heads: ReadonlyMap<OrgSlug, OrgHead>): number {
  const applied = [...heads.values()].filter(stands).map(({ org }) => org);
  return new Set([...frame.orgTrees.keys(), ...applied]).size;
}

function withoutObjects({ desired: _desired, ...rest }: Plan): OrgPlan {
  return rest;
}

/** The reserved org of shared objects, then orgs whose folder, template or renderer moved, and orgs that are gone. */
function dueOrgs(
  parts: PlanParts,
  state: {
    readonly frame: Frame;
    readonly heads: ReadonlyMap<OrgSlug, OrgHead>;
    readonly only: readonly OrgSlug[] | null;
    readonly without: ReadonlySet<OrgSlug>;
    readonly every: boolean;
  },
): readonly OrgSlug[] {
  const { frame, heads, only, without, every } = state;
  const all = only ?? [...new Set([...frame.orgTrees.keys(), ...heads.keys()])];
  const settings = settingsDigest(frame.shared, parts.hash);
  const isDue = (org: OrgSlug): boolean => {
    const head = heads.get(org);
    if (head === undefined) return frame.orgTrees.has(org);
    const template = frame.orgTrees.has(org) ? head.template : '';
    return every || head.inputDigest !== inputDigest(frame, { org, template, settings }, parts.hash);
  };
  const due = all.filter((org) => org !== FLEET_ORG && isDue(org)).sort(byCodeUnit);
  const asked = only === null || only.includes(FLEET_ORG) ? [FLEET_ORG, ...due] : due;
  return asked.filter((org) => !without.has(org));
}

/** An org that could not be rendered, and why. */
interface Unrendered {
  readonly org: OrgSlug;
  readonly findings: readonly Finding[];
}

/** Orgs read, rendered and held at the same time: memory does not grow with the fleet, and git starts twice for each. */
const BATCH_ORGS = 40;

/** Plans the given orgs in their order, batch by batch, each against what its rows really hold. */
export async function* worksOf(
  parts: PlanParts,
  planning: Planning,
  orgs: readonly OrgSlug[],
): AsyncGenerator<OrgWork | Unrendered> {
  for (let at = 0; at < orgs.length; at += BATCH_ORGS) {
    const batch = orgs.slice(at, at + BATCH_ORGS);
    const loaded = new Map((await loadOrgs(planning.frame, batch)).map((item) => [item.org, item] as const));
    for (const org of batch) {
      const item = loaded.get(org);
      const held = org === FLEET_ORG ? heldFleet(planning.frame) : null;
      if (held !== null) yield held;
      else if (item !== undefined && item.desired === null) yield { org, findings: item.findings };
      else yield await workOf(parts, planning, { org, item });
    }
  }
}

/** What all share where it cannot be read, which is no reason to take it away, or where a rule refuses it. */
function heldFleet(frame: Frame): Unrendered | null {
  const { unread, findings } = frame;
  const found =
    unread.length > 0
      ? findings.filter(({ place }) => unread.includes(place.file))
      : sharedRuleFindings(frame, []).filter(fails);
  return unread.length > 0 || found.length > 0 ? { org: FLEET_ORG, findings: found } : null;
}

async function workOf(
  parts: PlanParts,
  { frame, commit, limits, withPlaces }: Planning,
  { org, item }: { readonly org: OrgSlug; readonly item: LoadedOrg | undefined },
): Promise<OrgWork> {
  const observed = await parts.store.observe(org);
  const rendered = item?.desired ?? null;
  const ofOrg = rendered === null ? null : digested(rendered, parts.hash);
  const desired = org === FLEET_ORG ? sharedOrg(frame, parts.hash) : ofOrg;
  const traced = withPlaces ? (item?.input ?? null) : null;
  const base = observed === undefined ? null : rehashed(observed, parts.hash);
  const input = { observed: base, desired, commit, limits, ...(await commitTime(parts, commit, [base, desired])) };
  const places = traced === null ? {} : { sourceOf: inputSource(traced) };
  const plan = planOrg({ ...input, ...places }, parts.hash);
  const told = withPlaces && observed !== undefined ? await threeWay(parts, plan, observed) : plan;
  return { plan: told, frame, loaded: item, observed };
}

/** When the commit was made, where secrets of tokens change: nothing else is judged by time. */
async function commitTime(
  { repository }: PlanParts,
  commit: CommitId,
  sides: readonly ({ readonly objects: readonly ObjectSide[] } | null)[],
): Promise<{ readonly commitMs?: number }> {
  const [before, after] = sides.map((side) => side?.objects.find(({ id }) => id.kind === 'Credentials')?.digest);
  if (before === undefined || after === undefined || before === after) return {};
  return { commitMs: (await repository.facts(commit)).committedAtMs };
}

/** With where each change comes from, where rows are not what was applied and git still knows what that was. */
async function threeWay(parts: PlanParts, plan: Plan, observed: ObservedOrg): Promise<Plan> {
  const { org, commit } = observed;
  if (commit === null || plan.changes.length === 0 || !isTampered(observed, parts.hash)) return plan;
  if ((await parts.repository.resolve(commit)) === undefined) return plan;
  const applied = await appliedObjects(parts, { org, commit });
  const sides = { org, applied, observed: rehashed(observed, parts.hash).objects, desired: plan.desired };
  return withOrigins(plan, sides, parts.hash);
}

/** Limits of the last applied commit; on an empty store those of the commit being applied (rulings 7). */
export async function appliedLimits(store: OrgStore, frame: Frame): Promise<HazardLimits | null> {
  const applied = await store.observe(FLEET_ORG);
  const fleet = ofKind(applied?.objects ?? [], 'Fleet')[0] ?? null;
  return limitsOf({ fleet: fleet ?? frame.fleet });
}

/** The rows with digests computed from their documents: a row that was changed behind the reconciler's back shows. */
export function rehashed(stored: ObservedOrg, hash: Hash): ObservedOrg {
  const objects = stored.objects.map((object) => ({ ...object, digest: hash.sha256(textOf(object.document)) }));
  return { ...stored, objects };
}

/** The one text of a row; of one that no manifest can say, its JSON, which is the text of no object. */
function textOf(document: JsonObject): string {
  try {
    return emit(document);
  } catch (error) {
    if (!(error instanceof EmitError)) throw error;
    return JSON.stringify(document);
  }
}

/** True when the rows, hashed afresh, are not what the head says was applied last. */
export function isTampered(stored: ObservedOrg, hash: Hash): boolean {
  return (
    stored.contentDigest !== null && contentDigestOf(rehashed(stored, hash).objects, hash) !== stored.contentDigest
  );
}
