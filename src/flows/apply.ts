import {
  type CommitId,
  FLEET_ORG,
  type FleetPlan,
  type OrgSlug,
  type RepoPath,
  type Sha256Hex,
} from '../core/model/index.ts';
import type { Log, OrgHead } from '../ports/index.ts';
import type { CheckParts } from './check.ts';
import { openFrame, zeroCounters } from './frame.ts';
import {
  type AppliedCommit,
  type Commission,
  type Held,
  hold,
  judgeOrg,
  pathsOf,
  reasonToHoldAll,
  type Step,
} from './hold.ts';
import { appliedLimits, type PlanParts, type PlanReport, worksOf } from './plan.ts';
import { inTurn, type Prepared, prepare, preparedOrg } from './prepare.ts';
import {
  isHeld,
  isPublishedStale,
  type PublishedOrg,
  type PublishParts,
  publishDue,
  sharedSettings,
} from './publish/index.ts';
import { orgFacts, wallFindings } from './walls.ts';
import { type OrgOutcome, rememberInputs, writeOrg } from './write-org.ts';

export type { OrgOutcome } from './write-org.ts';

export type ApplyParts = PlanParts & PublishParts & Pick<CheckParts, 'zoneOffset'> & { readonly log: Log };

export interface ApplyAsk {
  readonly commit: CommitId;
  readonly orgs: readonly OrgSlug[] | null;
  /** The planDigest a person saw; anything else than it, or than what is left of it, is PLAN_STALE. */
  readonly expect: string | null;
  /** Writes what the commit says over rows that are not what was last applied. */
  readonly heal: boolean;
  /** What was planned and shown already; applied as it is where the store has not moved since, PLAN_STALE else. */
  readonly prepared?: Prepared;
}

export interface ApplyReport {
  readonly commit: CommitId;
  readonly ok: boolean;
  readonly plan: FleetPlan;
  readonly orgs: readonly OrgOutcome[];
  readonly published: readonly PublishedOrg[];
}

/** The same steps as the pull request, at the merged commit, org by org; one org's trouble stops that org alone. */
export async function apply(parts: ApplyParts, ask: ApplyAsk): Promise<ApplyReport> {
  const { commit, orgs, heal, prepared: shown } = ask;
  const isCurrent = shown !== undefined && !heal && !hasMoved(shown.report.heads, await parts.store.heads());
  const prepared = isCurrent ? shown : await prepare(parts, { commit, orgs, every: heal, withPlaces: false });
  const { report } = prepared;
  const expect = ask.expect ?? shown?.report.fleet.planDigest ?? null;
  const commission = { commit, newest: commit, heal, expect };
  const held = await reasonToHoldAll(parts, commission, report);
  const outcomes =
    held === null
      ? await applyOrgs(parts, commission, prepared)
      : ((await walkFleet(parts, commission, { orgs, held, report })) ?? heldAll(report, held));
  const published = await publishDue(parts);
  const ok = outcomes.every((item) => item.outcome === 'applied') && published.every((item) => !isHeld(item));
  return { commit, ok, plan: report.fleet, orgs: outcomes, published };
}

function hasMoved(before: ReadonlyMap<OrgSlug, OrgHead>, now: readonly OrgHead[]): boolean {
  const isSame = (head: OrgHead): boolean => {
    const known = before.get(head.org);
    return known?.uid === head.uid && known.generation === head.generation && known.inputDigest === head.inputDigest;
  };
  return before.size !== now.length || !now.every(isSame);
}

function heldAll(report: PlanReport, held: Held): readonly OrgOutcome[] {
  const plans = report.fleet.plans.map((item): OrgOutcome => ({ org: item.org, outcome: 'held', ...held }));
  const all = [...heldByFindings(report, held), ...plans];
  // Broken settings hold a fleet in which nothing else moved, too.
  return all.length === 0 ? [{ org: FLEET_ORG, outcome: 'held', ...held }] : all;
}

/** Orgs that could not be rendered, each for its own reason, or for that of the whole. */
function heldByFindings(report: PlanReport, whole: Held | null = null): readonly OrgOutcome[] {
  return [...report.held].map(([org, findings]) => {
    const { code, message } = findings[0] ??
      whole ?? { code: 'APPLY_INVALID', message: 'this org could not be rendered' };
    return { org, outcome: 'held', code, message, hazards: [] };
  });
}

/** Every org of a commit that nothing holds as a whole; the fleet's own objects come first. */
async function applyOrgs(parts: ApplyParts, ask: Commission, prepared: Prepared): Promise<readonly OrgOutcome[]> {
  const { report } = prepared;
  const facts = await appliedCommit(parts, ask.commit);
  const round = await applyPlanned(parts, { ask, facts, prepared });
  const outcomes = new Map([...heldByFindings(report), ...round.outcomes].map((item) => [item.org, item] as const));
  // What they take may have been given up by now: an org cannot be planned on what another one is yet to apply.
  if (round.walled.length > 0 && round.outcomes.some((item) => item.outcome === 'applied')) {
    const at = await prepare(parts, { commit: ask.commit, orgs: round.walled, withPlaces: false });
    const judged = {
      ...at,
      report: { ...at.report, frame: { ...at.report.frame, approvals: report.frame.approvals } },
    };
    for (const item of (await applyPlanned(parts, { ask, facts, prepared: judged })).outcomes)
      outcomes.set(item.org, item);
  }
  const settings = await sharedSettings(parts);
  for (const org of report.unchanged.keys()) {
    const restate = await isPublishedStale(parts, org, settings);
    const kept = await rememberInputs(parts, { report, facts }, { org, restate, settings: settings.digest });
    if (kept !== null) outcomes.set(org, kept);
  }
  return [...outcomes.values()];
}

async function appliedCommit({ repository }: Pick<ApplyParts, 'repository'>, commit: CommitId): Promise<AppliedCommit> {
  const facts = await repository.facts(commit);
  return { ...facts, brought: await repository.broughtBy(facts) };
}

interface Round {
  readonly ask: Commission;
  readonly facts: AppliedCommit;
  readonly prepared: Prepared;
}

/** Each org of the plan in turn; `walled` are those that would have reached into another one. */
async function applyPlanned(
  parts: ApplyParts,
  { ask, facts, prepared }: Round,
): Promise<{ readonly outcomes: readonly OrgOutcome[]; readonly walled: readonly OrgSlug[] }> {
  const { report } = prepared;
  const walls = await wallFindings(parts, report.frame, prepared.facts);
  const outcomes: OrgOutcome[] = [];
  const planned = new Map(report.fleet.plans.map((item) => [item.org, item.planDigest] as const));
  let settings = await sharedSettings(parts);
  for await (const one of inTurn(parts, prepared)) {
    const { org, planDigest } = one.plan;
    const isStale = planned.get(org) !== planDigest;
    const step = { ask, report, facts, one, walls };
    outcomes.push(isStale ? movedMeanwhile(org) : await applyOrg(parts, step, settings.digest));
    planned.delete(org);
    // Bundles are made from the fleet's settings as they are applied by then.
    if (org === FLEET_ORG) settings = await sharedSettings(parts);
    parts.log.progress('apply', outcomes.length, report.fleet.plans.length);
  }
  return { outcomes: [...outcomes, ...[...planned.keys()].map(movedMeanwhile)], walled: [...walls.keys()] };
}

function movedMeanwhile(org: OrgSlug): OrgOutcome {
  return { org, outcome: 'held', ...hold('PLAN_STALE', `${org} is not what it was when it was planned`) };
}

async function applyOrg(parts: ApplyParts, step: Step, settings: Sha256Hex): Promise<OrgOutcome> {
  const { held, approval, isWalked } = await judgeOrg(parts, step);
  if (held === null) return writeOrg(parts, step, { approval, settings });
  const walked = isWalked ? await walkOrg(parts, step, settings) : null;
  return walked ?? { org: step.one.plan.org, outcome: 'held', ...held };
}

/**
 * An org with an open hazard, or with a waiver that was not applied yet, is applied commit by commit in first-parent
 * order, so that what one pull request was allowed still counts after the next one was merged (rulings 6). null when no
 * commit in between could be applied.
 */
async function walkOrg(parts: ApplyParts, step: Step, settings: Sha256Hex): Promise<OrgOutcome | null> {
  const { org } = step.one.plan;
  const from = (await parts.store.observe(org))?.commit ?? null;
  const commits = from === null ? [] : ((await parts.repository.firstParents(from, step.ask.commit)) ?? []);
  let last: OrgOutcome | null = null;
  for (const commit of commits) {
    const at = await stepAt(parts, step, commit);
    if (at === null || at.one.plan.changes.length === 0) continue;
    const { held, approval } = await judgeOrg(parts, at);
    if (held !== null) return { org, outcome: 'held', ...held };
    last = await writeOrg(parts, at, { approval, settings });
    if (last.outcome === 'held') return last;
  }
  return last;
}

/** The same org's step at an earlier commit; null when it cannot be rendered there. */
async function stepAt(parts: ApplyParts, step: Step, commit: CommitId): Promise<Step | null> {
  const tree = parts.repository.treeAt(commit);
  const frame = await openFrame({ tree, isStrict: () => true, counters: zeroCounters() });
  const planning = { frame, commit, limits: await appliedLimits(parts.store, frame), withPlaces: false };
  const { value: work } = await worksOf(parts, planning, [step.one.plan.org]).next();
  if (!work || 'findings' in work) return null;
  return {
    ask: { ...step.ask, commit },
    // The settings that a head remembers are those of the frame that was rendered; approvals are the newest ones.
    report: { ...step.report, frame: { ...frame, approvals: step.report.frame.approvals } },
    facts: await appliedCommit(parts, commit),
    one: preparedOrg(parts, work),
    walls: await wallFindings(parts, work.frame, [orgFacts(parts, work)]),
  };
}

/**
 * The same for hazards that only the whole shows: each commit since the last applied one is planned and judged alone, for
 * the orgs that were not applied after it. One that cannot be read as a whole is passed over: what it changed comes with
 * the next. An org that its own hazard holds at one stays there, so that it keeps nobody back: it counts where a commit
 * touches it, and is judged alone at the end. null when there is nothing to walk.
 */
async function walkFleet(
  parts: ApplyParts,
  commission: Commission,
  { orgs, held, report }: { readonly orgs: ApplyAsk['orgs']; readonly held: Held; readonly report: PlanReport },
): Promise<readonly OrgOutcome[] | null> {
  if (held.code !== 'HAZARD_OPEN') return null;
  const commits = await commitsBehind(parts, report, commission.commit);
  if (commits.length < 2) return null;
  const heads = [...report.heads.values()];
  const numbers = new Map(commits.map((commit, index) => [commit, index] as const));
  const outcomes = new Map<OrgSlug, OrgOutcome>();
  const stuck = new Set<OrgSlug>();
  let judged = commits[0] ?? commission.commit;
  for (const [index, commit] of commits.entries()) {
    const later = heads.filter((head) => (numbers.get(head.commit) ?? -1) >= index).map(({ org }) => org);
    const without = new Set([...later, ...stuck]);
    const counted = await touchedBy(parts, { from: judged, to: commit }, stuck);
    const walked = await walkCommit(parts, { ...commission, commit }, { orgs, without, counted, report });
    if (walked === null) continue;
    judged = commit;
    const { isStopped, done } = walked;
    for (const outcome of done) outcomes.set(outcome.org, outcome);
    if (isStopped) return [...outcomes.values()];
    for (const item of done) if (item.outcome === 'held' && item.code === 'HAZARD_OPEN') stuck.add(item.org);
  }
  for (const org of stuck) outcomes.delete(org);
  if (stuck.size === 0) return [...outcomes.values()];
  const without = new Set(heads.flatMap(({ org }) => (stuck.has(org) ? [] : [org])));
  const last = await walkCommit(parts, commission, { orgs: [...stuck], without, counted: [], report });
  return [...outcomes.values(), ...(last?.done ?? [])];
}

/** Those of the orgs that a commit may change. */
async function touchedBy(
  { repository }: ApplyParts,
  { from, to }: { readonly from: CommitId; readonly to: CommitId },
  orgs: ReadonlySet<OrgSlug>,
): Promise<readonly OrgSlug[]> {
  if (orgs.size === 0) return [];
  const changed = new Set<string>([
    ...(await repository.changed(from, to, null)),
    ...(await repository.changed(from, to, 'orgs' as RepoPath)),
  ]);
  return [...orgs].filter((org) => [...pathsOf(org), 'prices'].some((path) => changed.has(path)));
}

interface Walk {
  readonly orgs: ApplyAsk['orgs'];
  readonly without: ReadonlySet<OrgSlug>;
  readonly counted: readonly OrgSlug[];
  readonly report: PlanReport;
}

/** One commit of several, judged as if it were the newest; Approvals are those of the newest one. null: it cannot be read. */
async function walkCommit(
  parts: ApplyParts,
  commission: Commission,
  { orgs, without, counted, report }: Walk,
): Promise<{ readonly isStopped: boolean; readonly done: readonly OrgOutcome[] } | null> {
  const at = await prepare(parts, { commit: commission.commit, orgs, without, counted, withPlaces: false });
  const judged = { ...at.report, frame: { ...at.report.frame, approvals: report.frame.approvals } };
  if (judged.findings.length > 0) return null;
  const one = { ...commission, expect: null };
  const stop = await reasonToHoldAll(parts, one, judged);
  const done = stop === null ? await applyOrgs(parts, one, { ...at, report: judged }) : heldAll(judged, stop);
  return { isStopped: stop !== null, done };
}

/** First-parent commits that at least one org of the plan has not seen, oldest first. */
export async function commitsBehind(
  { repository }: Pick<ApplyParts, 'repository'>,
  { fleet, heads }: Pick<PlanReport, 'fleet' | 'heads'>,
  to: CommitId,
): Promise<readonly CommitId[]> {
  const bases = new Set(fleet.plans.flatMap(({ org }) => heads.get(org)?.commit ?? []));
  const lines = await Promise.all([...bases].map((from) => repository.firstParents(from, to)));
  return lines.reduce<readonly CommitId[]>(
    (longest, line) => ((line ?? []).length > longest.length ? (line ?? []) : longest),
    [],
  );
}
