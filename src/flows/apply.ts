import { type CommitId, FLEET_ORG, type FleetPlan, fails, type OrgSlug } from '../core/model/index.ts';
import type { Log } from '../ports/index.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { type Commission, type Held, judgeOrg, reasonToHoldAll, type Step } from './hold.ts';
import { loadOrgs } from './org.ts';
import { appliedLimits, type PlanParts, type PlanReport, plan, planOne } from './plan.ts';
import { isPublishedStale, type PublishedOrg, type PublishParts, publishDue } from './publish.ts';
import { wallFindings } from './walls.ts';
import { type OrgOutcome, rememberInputs, writeOrg } from './write-org.ts';

export type { OrgOutcome } from './write-org.ts';

export type ApplyParts = PlanParts & PublishParts & { readonly log: Log };

export interface ApplyAsk {
  readonly commit: CommitId;
  readonly orgs: readonly OrgSlug[] | null;
  /** The planDigest a person saw; anything else is PLAN_STALE. */
  readonly expect: string | null;
  /** Writes what the commit says over rows that are not what was last applied. */
  readonly heal: boolean;
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
  const report = await plan(parts, { ...ask, every: ask.heal });
  const commission = { ...ask, newest: ask.commit };
  const held = await reasonToHoldAll(parts, commission, report);
  const outcomes =
    held === null
      ? await applyOrgs(parts, commission, report)
      : ((await walkFleet(parts, commission, { ask, held, report })) ?? heldAll(report, held));
  const published = await publishDue(parts);
  const ok =
    outcomes.every((item) => item.outcome === 'applied') && published.every((item) => !item.findings.some(fails));
  return { commit: ask.commit, ok, plan: report.fleet, orgs: outcomes, published };
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
async function applyOrgs(parts: ApplyParts, ask: Commission, report: PlanReport): Promise<readonly OrgOutcome[]> {
  const facts = await parts.repository.facts(ask.commit);
  const walls = await wallFindings(parts, report);
  const outcomes: OrgOutcome[] = [...heldByFindings(report)];
  for (const item of report.fleet.plans) {
    outcomes.push(await applyOrg(parts, { ask, report, facts, item, walls }));
    parts.log.progress('apply', outcomes.length, report.fleet.plans.length);
  }
  for (const org of report.unchanged) {
    const restate = await isPublishedStale(parts, org);
    await rememberInputs(parts, { ask, report, facts }, { org, restate });
  }
  return outcomes;
}

async function applyOrg(parts: ApplyParts, step: Step): Promise<OrgOutcome> {
  const { held, approval, isWalked } = await judgeOrg(parts, step);
  if (held === null) return writeOrg(parts, step, approval);
  const walked = isWalked ? await walkOrg(parts, step) : null;
  return walked ?? { org: step.item.org, outcome: 'held', ...held };
}

/**
 * An org with an open hazard, or with a waiver that was not applied yet, is applied commit by commit in first-parent
 * order, so that what one pull request was allowed still counts after the next one was merged (rulings 6). null when no
 * commit in between could be applied.
 */
async function walkOrg(parts: ApplyParts, step: Step): Promise<OrgOutcome | null> {
  const from = (await parts.store.observe(step.item.org))?.commit ?? null;
  const commits = from === null ? [] : ((await parts.repository.firstParents(from, step.ask.commit)) ?? []);
  let last: OrgOutcome | null = null;
  for (const commit of commits) {
    const at = await stepAt(parts, step, commit);
    if (at === null || at.item.changes.length === 0) continue;
    const { held, approval } = await judgeOrg(parts, at);
    if (held !== null) return { org: step.item.org, outcome: 'held', ...held };
    last = await writeOrg(parts, at, approval);
    if (last.outcome === 'held') return last;
  }
  return last;
}

/** The same org's step at an earlier commit; null when it cannot be rendered there. */
async function stepAt(parts: ApplyParts, step: Step, commit: CommitId): Promise<Step | null> {
  const tree = parts.repository.treeAt(commit);
  const frame = await openFrame({ tree, isStrict: () => true, counters: zeroCounters() });
  const [item] = await loadOrgs(frame, [step.item.org], parts.hash);
  if (item !== undefined && item.desired === null) return null;
  const limits = await appliedLimits(parts.store, frame);
  const planned = await planOne(parts, { org: step.item.org, item, commit, limits });
  const report = {
    ...step.report,
    frame: { ...frame, approvals: step.report.frame.approvals },
    loaded: new Map(item === undefined ? [] : [[step.item.org, item] as const]),
  };
  const one = { ...report, fleet: { ...report.fleet, plans: [planned] } };
  const walls = await wallFindings(parts, one);
  return {
    ask: { ...step.ask, commit },
    report: one,
    facts: await parts.repository.facts(commit),
    item: planned,
    walls,
  };
}

/**
 * The same for hazards that only the whole shows: each commit since the last applied one is planned and judged alone.
 * null when there is nothing to walk.
 */
async function walkFleet(
  parts: ApplyParts,
  commission: Commission,
  { ask, held, report }: { readonly ask: ApplyAsk; readonly held: Held; readonly report: PlanReport },
): Promise<readonly OrgOutcome[] | null> {
  if (held.code !== 'HAZARD_OPEN') return null;
  const commits = await commitsBehind(parts, report, ask.commit);
  if (commits.length < 2) return null;
  const outcomes = new Map<OrgSlug, OrgOutcome>();
  for (const commit of commits) {
    const at = await plan(parts, { ...ask, commit });
    const judged = { ...at, frame: { ...at.frame, approvals: report.frame.approvals } };
    const one = { ...commission, commit, expect: null };
    const stop = await reasonToHoldAll(parts, one, judged);
    const done = stop === null ? await applyOrgs(parts, one, judged) : heldAll(judged, stop);
    for (const outcome of done) outcomes.set(outcome.org, outcome);
    if (stop !== null) break;
  }
  return [...outcomes.values()];
}

/** First-parent commits that at least one org of the plan has not seen, oldest first. */
async function commitsBehind(parts: ApplyParts, report: PlanReport, to: CommitId): Promise<readonly CommitId[]> {
  const heads = new Map((await parts.store.heads()).map((head) => [head.org, head.commit] as const));
  const bases = new Set(report.fleet.plans.flatMap((item) => heads.get(item.org) ?? []));
  const lines = await Promise.all([...bases].map((from) => parts.repository.firstParents(from, to)));
  return lines.reduce<readonly CommitId[]>(
    (longest, line) => ((line ?? []).length > longest.length ? (line ?? []) : longest),
    [],
  );
}
