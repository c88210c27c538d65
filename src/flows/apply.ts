import {
  type CommitId,
  type DesiredObject,
  type FindingCode,
  FLEET_ORG,
  type FleetPlan,
  fails,
  type Hazard,
  instantText,
  type Json,
  type OrgSlug,
  objectKey,
  ofKind,
  type Plan,
  type Sha256Hex,
} from '../core/model/index.ts';
import { acceptedHazards } from '../core/plan/index.ts';
import type { CommitFacts, Log, OrgTransaction } from '../ports/index.ts';
import { approvalFacts } from './approvals.ts';
import { check } from './check.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { inputDigest, loadOrgs } from './org.ts';
import { appliedLimits, isTampered, type PlanParts, type PlanReport, plan, planOne } from './plan.ts';
import { duePublications, type PublishedOrg, type PublishParts, publishOne } from './publish.ts';

export type ApplyParts = PlanParts & PublishParts & { readonly log: Log };

export interface ApplyAsk {
  readonly commit: CommitId;
  readonly orgs: readonly OrgSlug[] | null;
  /** The planDigest a person saw; anything else is PLAN_STALE. */
  readonly expect: string | null;
  /** Writes what the commit says over rows that are not what was last applied. */
  readonly heal: boolean;
}

/** How one org came out. `held` orgs are untouched; the reason is a code and words. */
export type OrgOutcome =
  | {
      readonly org: OrgSlug;
      readonly outcome: 'applied';
      readonly generation: number;
      readonly changes: number;
      readonly planDigest: Sha256Hex;
    }
  | {
      readonly org: OrgSlug;
      readonly outcome: 'held';
      readonly code: FindingCode;
      readonly message: string;
      readonly hazards: readonly Hazard[];
    };

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
  const wholeHeld = await reasonToHoldAll(parts, ask, report);
  const facts = await parts.repository.facts(ask.commit);
  const outcomes: OrgOutcome[] = [...heldByFindings(report)];
  for (const item of report.fleet.plans) {
    const step = { ask, report, facts, item };
    outcomes.push(wholeHeld === null ? await applyOrg(parts, step) : { org: item.org, outcome: 'held', ...wholeHeld });
    parts.log.progress('apply', outcomes.length, report.fleet.plans.length);
  }
  if (wholeHeld === null) await rememberInputs(parts, report);
  const published: PublishedOrg[] = [];
  for (const org of await duePublications(parts.store)) published.push(await publishOne(parts, org));
  const complete =
    outcomes.every((item) => item.outcome === 'applied') && published.every((item) => !item.findings.some(fails));
  return { commit: ask.commit, ok: wholeHeld === null && complete, plan: report.fleet, orgs: outcomes, published };
}

async function applyOrg(parts: ApplyParts, step: Step): Promise<OrgOutcome> {
  const held = await reasonToHold(parts, step);
  if (held === null) return execute(parts, step);
  const walked = held.code === 'HAZARD_OPEN' && !step.ask.heal ? await walkCommits(parts, step) : null;
  return walked ?? { org: step.item.org, outcome: 'held', ...held };
}

/**
 * An org with an open hazard is applied commit by commit in first-parent order, so that an Approval of one pull request
 * still counts after the next one was merged (rulings 6). null when no commit in between could be applied.
 */
async function walkCommits(parts: ApplyParts, step: Step): Promise<OrgOutcome | null> {
  const from = (await parts.store.observe(step.item.org))?.commit ?? null;
  const commits = from === null ? [] : ((await parts.repository.firstParents(from, step.ask.commit)) ?? []);
  let last: OrgOutcome | null = null;
  for (const commit of commits) {
    const at = await stepAt(parts, step, commit);
    if (at === null || at.item.changes.length === 0) continue;
    const held = await reasonToHold(parts, at);
    if (held !== null) return { org: step.item.org, outcome: 'held', ...held };
    last = await execute(parts, at);
    if (last.outcome === 'held') return last;
  }
  return last;
}

/** The same org's step at an earlier commit; approvals are those of the newest commit. */
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
  return { ask: { ...step.ask, commit }, report, facts: await parts.repository.facts(commit), item: planned };
}

/** Inputs that moved without changing anything rendered are remembered, so that the next pass does not render again. */
async function rememberInputs(parts: ApplyParts, report: PlanReport): Promise<void> {
  const heads = new Map((await parts.store.heads()).map((head) => [head.org, head] as const));
  for (const org of report.unchanged) {
    const head = heads.get(org);
    const template = report.loaded.get(org)?.template ?? '';
    const digest = inputDigest(report.frame, org, template, parts.hash);
    if (head === undefined || head.inputDigest === digest) continue;
    await parts.store.transact(org, (tx) => tx.putHead({ ...head, template, inputDigest: digest }), parts.fence);
  }
}

interface Held {
  readonly code: FindingCode;
  readonly message: string;
  readonly hazards: readonly Hazard[];
}

function hold(code: FindingCode, message: string, hazards: readonly Hazard[] = []): Held {
  return { code, message, hazards };
}

function heldByFindings(report: PlanReport): readonly OrgOutcome[] {
  return [...report.held].map(([org, findings]) => ({
    org,
    outcome: 'held',
    code: findings[0]?.code ?? 'APPLY_INVALID',
    message: findings[0]?.message ?? 'this org could not be rendered',
    hazards: [],
  }));
}

/** What holds the whole commit: another plan than the one a person saw, broken settings, a freeze, a fleet-wide hazard. */
async function reasonToHoldAll(parts: ApplyParts, ask: ApplyAsk, report: PlanReport): Promise<Held | null> {
  const [finding] = report.findings;
  if (finding !== undefined) return hold(finding.code, finding.message);
  if (ask.expect !== null && ask.expect !== report.fleet.planDigest) {
    return hold(
      'PLAN_STALE',
      `expected plan ${ask.expect}, found ${report.fleet.planDigest}: another change came between`,
    );
  }
  const frozen = await freezeNow(parts);
  if (frozen !== null && report.fleet.plans.length > 0) return hold('APPLY_FROZEN', frozen);
  const open = report.fleet.hazards.filter((hazard) => !fleetApproved(parts, report, hazard));
  return open.length === 0
    ? null
    : hold(
        'HAZARD_OPEN',
        `${open.length} fleet-wide hazards need an Approval: ${open.map((item) => item.message).join('; ')}`,
        open,
      );
}

/** A fleet-wide hazard is accepted when every org of the plan is covered by an approval that lists it. */
function fleetApproved(parts: ApplyParts, report: PlanReport, hazard: Hazard): boolean {
  const approvals = approvalFacts(report.frame.approvals, []);
  return report.fleet.plans.every((item) => {
    const judged = acceptedHazards({
      org: item.org,
      hazards: [hazard],
      changeDigest: item.changeDigest,
      approvals,
      nowMs: parts.clock.nowMs(),
    });
    return judged.open.length === 0;
  });
}

/** The reason of a freeze of the last applied settings that holds now, or null. */
async function freezeNow(parts: ApplyParts): Promise<string | null> {
  const applied = await parts.store.observe(FLEET_ORG);
  const nowText = instantText(parts.clock.nowMs());
  const windows = ofKind(applied?.objects ?? [], 'Fleet').flatMap((item) => item.document.spec.freeze ?? []);
  const window = windows.find((item) => item.from <= nowText && nowText < item.to);
  return window === undefined ? null : `changes are frozen until ${window.to}: ${window.reason}`;
}

interface Step {
  readonly ask: ApplyAsk;
  readonly report: PlanReport;
  readonly facts: CommitFacts;
  readonly item: Plan;
}

/** What holds one org: findings at this commit, a store that is not what was last applied, a hazard nobody accepted. */
async function reasonToHold(parts: ApplyParts, step: Step): Promise<Held | null> {
  const { item, ask, report } = step;
  const finding =
    item.org === FLEET_ORG || !report.frame.orgTrees.has(item.org)
      ? undefined
      : await firstFailing(parts, ask.commit, item.org);
  if (finding !== undefined)
    return hold(finding.code, `${finding.place.file}:${finding.place.line}: ${finding.message}`);
  const observed = await parts.store.observe(item.org);
  if (observed !== undefined && !ask.heal && isTampered(observed, parts.hash)) {
    return hold(
      'DRIFT_FIRST',
      `the store is not what was last applied to ${item.org}; look at \`tenantry drift\` first`,
    );
  }
  const authors = await authorsSince(parts, observed?.commit ?? null, step);
  const approvals = approvalFacts(report.frame.approvals, authors);
  const { open } = acceptedHazards({
    org: item.org,
    hazards: item.hazards,
    changeDigest: item.changeDigest,
    approvals,
    nowMs: parts.clock.nowMs(),
  });
  return open.length === 0 ? null : hold('HAZARD_OPEN', open.map((hazard) => hazard.message).join('; '), open);
}

async function firstFailing(
  parts: ApplyParts,
  commit: CommitId,
  org: OrgSlug,
): Promise<Awaited<ReturnType<typeof check>>['findings'][number] | undefined> {
  const tree = parts.repository.treeAt(commit);
  const report = await check({ ...parts, cache: null }, { tree, touched: null, orgs: [org] });
  return report.findings.find(fails);
}

/** Everyone who wrote or committed part of the change: none of them may approve it. */
async function authorsSince(parts: ApplyParts, from: CommitId | null, step: Step): Promise<readonly string[]> {
  const commits =
    from === null
      ? [step.ask.commit]
      : ((await parts.repository.firstParents(from, step.ask.commit)) ?? [step.ask.commit]);
  const facts = await Promise.all(commits.map((commit) => parts.repository.facts(commit)));
  return [...new Set(facts.flatMap((item) => [item.author, item.committer]))];
}

async function execute(parts: ApplyParts, step: Step): Promise<OrgOutcome> {
  const { item } = step;
  const write = async (tx: OrgTransaction): Promise<OrgOutcome> => {
    const found = (await tx.observe())?.generation ?? 0;
    if (found !== item.base.generation) {
      const message = `${item.org} moved from generation ${item.base.generation} to ${found} meanwhile`;
      return { org: item.org, outcome: 'held', ...hold('PLAN_STALE', message) };
    }
    const generation = Math.max(found, await tx.highestGeneration(item.uid)) + 1;
    const template = step.report.loaded.get(item.org)?.template ?? '';
    await writeChanges(tx, item, generation);
    await tx.putHead({
      org: item.org,
      uid: item.uid,
      generation,
      contentDigest: item.desiredDigest,
      commit: item.commit,
      appliedAtMs: parts.clock.nowMs(),
      template,
      inputDigest: inputDigest(step.report.frame, item.org, template, parts.hash),
    });
    await record(tx, { parts, step, generation });
    return { org: item.org, outcome: 'applied', generation, changes: item.changes.length, planDigest: item.planDigest };
  };
  return parts.store.transact(item.org, write, parts.fence);
}

/** Brings the rows to what is desired: every object of the plan, so that a heal also mends rows the diff cannot see. */
async function writeChanges(tx: OrgTransaction, item: Plan, generation: number): Promise<void> {
  const changed = new Set(
    item.changes.flatMap((change) => (change.kind === 'delete' ? [] : [objectKey(change.after.id)])),
  );
  for (const change of item.changes) {
    if (change.kind === 'delete') await tx.deleteObject(change.before.id);
    if (change.kind === 'rename') await tx.deleteObject(change.from);
  }
  for (const object of item.desired) {
    if (changed.has(objectKey(object.id))) await tx.putObject(object, generation);
  }
}

async function record(
  tx: OrgTransaction,
  what: { readonly parts: ApplyParts; readonly step: Step; readonly generation: number },
): Promise<void> {
  const { parts, step, generation } = what;
  const { item, facts } = step;
  const words = item.changes.map(
    (change): Json => ({ kind: change.kind, object: change.key, words: change.fields.map((field) => field.words) }),
  );
  await tx.appendHistory({
    at: parts.clock.nowMs(),
    actor: facts.author,
    action: step.ask.heal ? 'heal' : 'apply',
    generation,
    commit: item.commit,
    approval: null,
    changeDigest: item.changeDigest,
    planDigest: item.planDigest,
    detail: { subject: facts.subject, changes: words },
  });
  for (const object of item.desired) await addVersion(tx, { object, what });
}

async function addVersion(
  tx: OrgTransaction,
  version: {
    readonly object: DesiredObject;
    readonly what: { readonly parts: ApplyParts; readonly step: Step; readonly generation: number };
  },
): Promise<void> {
  const { object, what } = version;
  const policy = ofKind([object], 'Policy')[0];
  if (policy === undefined) return;
  const pack = policy.document.spec.document['pack'] as { readonly version: string };
  const change = what.step.item.changes.find((item) => item.key === objectKey(object.id));
  await tx.addPolicyVersion({
    environment: object.id.environment ?? '',
    name: object.id.name,
    generation: what.generation,
    commit: what.step.item.commit,
    author: what.step.facts.author,
    changeDetail: change?.fields.map((field) => field.words).join('; ') ?? '',
    digest: object.digest,
    packVersion: pack.version,
    at: what.parts.clock.nowMs(),
  });
}
