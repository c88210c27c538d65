import {
  type CommitId,
  type Finding,
  type FindingCode,
  FLEET_ORG,
  type Hazard,
  instantText,
  type Manifest,
  type OrgSlug,
  ofKind,
  type Plan,
  type RepoPath,
} from '../core/model/index.ts';
import { acceptedFleetHazards, acceptedHazards, changeMap } from '../core/plan/index.ts';
import type { AcceptedHazard } from '../core/report/index.ts';
import type { CommitFacts, Log, SigningKey } from '../ports/index.ts';
import {
  AUTHORED_PATHS,
  acceptedOf,
  approvalsAbout,
  type ChangeRange,
  type ChangesOf,
  fallenShort,
  type ValidApprovals,
  validApprovals,
} from './acceptance.ts';
import { isLeftOf } from './agreed.ts';
import type { CheckParts } from './check.ts';
import type { PlanParts, PlanReport } from './plan.ts';
import type { Failing, PreparedOrg } from './prepare.ts';

export type HoldParts = PlanParts & Pick<CheckParts, 'clock' | 'zoneOffset'> & { readonly log: Log };

/** Why an org, or everything, stays as it is. */
export interface Held {
  readonly code: FindingCode;
  readonly message: string;
  readonly hazards: readonly Hazard[];
}

export function hold(code: FindingCode, message: string, hazards: readonly Hazard[] = []): Held {
  return { code, message, hazards };
}

/** One commit on its way into the store. */
export interface Commission {
  readonly commit: CommitId;
  /** Approvals are those of the newest commit, also while an earlier one is applied (rulings 5 and 6). */
  readonly newest: CommitId;
  readonly expect: string | null;
  readonly heal: boolean;
}

/** What holds the whole commit: another plan than the one a person saw, broken settings, a freeze, a fleet-wide hazard. */
export async function reasonToHoldAll(parts: HoldParts, ask: Commission, report: PlanReport): Promise<Held | null> {
  const [finding] = report.findings;
  if (finding !== undefined) return hold(finding.code, finding.message);
  const { planDigest, plans, hazards } = report.fleet;
  if (ask.expect !== null && !(await isLeftOf(parts, ask.expect, report))) {
    const found = plans.length === 0 ? 'nothing to apply' : planDigest;
    return hold('PLAN_STALE', `expected plan ${ask.expect}, found ${found}: another change came between`);
  }
  if (ask.heal || plans.length === 0) return null;
  const stray = await offBranch(parts, ask.newest);
  if (stray !== null) return hold('COMMIT_OFF_BRANCH', stray);
  const frozen = await freezeNow(parts);
  if (frozen !== null) return hold('APPLY_FROZEN', frozen);
  if (hazards.length === 0) return null;
  const changes = changeMap([...plans, ...report.beside]);
  const approvals = await approvalsFor(parts, { ask, report, change: await wholeChange(parts, ask, report), changes });
  const nowMs = parts.clock.nowMs();
  const { open } = acceptedFleetHazards({ hazards, changes, approvals: approvals.facts, nowMs });
  const short = fallenShort({ all: report.frame.approvals, changes, open }, nowMs);
  return open.length === 0 ? null : openHazards(open, [...approvals.refused, ...short]);
}

/** Hazards of a plan that an apply would find accepted now, by the judgement of apply: for people who look at it. */
export async function acceptedInPlan(
  parts: HoldParts,
  ask: Commission,
  report: PlanReport,
): Promise<readonly AcceptedHazard[]> {
  if (report.frame.approvals.length === 0) return [];
  const nowMs = parts.clock.nowMs();
  const { hazards, plans } = report.fleet;
  const accepted: AcceptedHazard[] = [];
  if (hazards.length > 0) {
    const changes = changeMap([...plans, ...report.beside]);
    const { facts } = await approvalsFor(parts, {
      ask,
      report,
      change: await wholeChange(parts, ask, report),
      changes,
    });
    accepted.push(...acceptedOf(FLEET_ORG, acceptedFleetHazards({ hazards, changes, approvals: facts, nowMs })));
  }
  for (const item of plans) {
    if (item.hazards.length === 0) continue;
    const range = { from: report.heads.get(item.org)?.commit ?? null, to: ask.commit, paths: pathsOf(item.org) };
    const { facts } = await approvalsFor(parts, { ask, report, change: [range], changes: changeMap([item]) });
    accepted.push(...acceptedOf(item.org, acceptedHazards({ ...item, approvals: facts, nowMs })));
  }
  return accepted;
}

function openHazards(open: readonly Hazard[], refused: readonly string[]): Held {
  return hold('HAZARD_OPEN', [...open.map((hazard) => hazard.message), ...refused].join('; '), open);
}

const SHARED = ['fleet.yaml', 'prices'] as readonly string[] as readonly RepoPath[];

/** The files that make an org what it is. */
export function pathsOf(org: OrgSlug): readonly RepoPath[] {
  return org === FLEET_ORG ? SHARED : (['fleet.yaml', 'templates', `orgs/${org}`] as readonly string[] as RepoPath[]);
}

/** What every org of the plan has not seen: one range per base, and the whole life of an org that is new. */
async function wholeChange(parts: HoldParts, ask: Commission, report: PlanReport): Promise<readonly ChangeRange[]> {
  const heads = new Map((await parts.store.heads()).map((head) => [head.org, head.commit] as const));
  const to = ask.commit;
  const orgs = [...report.fleet.plans, ...report.beside].map((item) => item.org);
  const bases = new Set(orgs.flatMap((org) => heads.get(org) ?? []));
  const created = orgs
    .filter((org) => !heads.has(org))
    .map((org) => ({ from: null, to, paths: pathsOf(org).slice(-1) }));
  return [...[...bases].map((from) => ({ from, to, paths: AUTHORED_PATHS })), ...created];
}

interface ApprovalsAsk {
  readonly ask: Commission;
  readonly report: PlanReport;
  readonly change: readonly ChangeRange[];
  readonly changes: ChangesOf;
}

/** Of the Approvals about this change, which count: a fleet keeps all that were ever written, and each costs a look into Git. */
async function approvalsFor(parts: HoldParts, { ask, report, change, changes }: ApprovalsAsk): Promise<ValidApprovals> {
  const keys = await signingKeys(parts);
  const approvals = approvalsAbout(report.frame.approvals, changes);
  return validApprovals(parts, { approvals, newest: ask.newest, change, keys });
}

/** Signing keys of the last applied settings, so that a change cannot bring its own. */
async function signingKeys(parts: HoldParts): Promise<readonly SigningKey[]> {
  const applied = await parts.store.observe(FLEET_ORG);
  return ofKind(applied?.objects ?? [], 'Fleet').flatMap((item) => item.document.spec.signingKeys ?? []);
}

/** Why a commit is not one of the branch that the last applied settings pin, or null. */
async function offBranch({ store, repository }: HoldParts, commit: CommitId): Promise<string | null> {
  const applied = await store.observe(FLEET_ORG);
  const ref = ofKind(applied?.objects ?? [], 'Fleet').flatMap((item) => item.document.spec.ci?.ref ?? [])[0];
  if (ref === undefined) return null;
  // What was fetched is what the forge protects; a repository without a remote has its own branch.
  const remote = ref.replace('refs/heads/', 'refs/remotes/origin/');
  const tip = (await repository.resolve(remote)) ?? (await repository.resolve(ref));
  if (tip === undefined) return `expected ${ref} in this clone, found no such branch; fetch it`;
  const isOn = (await repository.strayed([commit], tip)).length === 0;
  return isOn ? null : `expected a commit of ${ref} (at ${tip.slice(0, 12)}), found ${commit.slice(0, 12)} beside it`;
}

/** The reason of a freeze of the last applied settings that holds now, or null. */
async function freezeNow(parts: HoldParts): Promise<string | null> {
  const applied = await parts.store.observe(FLEET_ORG);
  const nowText = instantText(parts.clock.nowMs());
  const windows = ofKind(applied?.objects ?? [], 'Fleet').flatMap((item) => item.document.spec.freeze ?? []);
  const window = windows.find((item) => item.from <= nowText && nowText < item.to);
  return window === undefined ? null : `changes are frozen until ${window.to}: ${window.reason}`;
}

/** A commit that is applied. */
export interface AppliedCommit extends CommitFacts {
  /** Of a merge that brought one commit alone: that one, whose author and words are those of the change. */
  readonly brought: CommitFacts | undefined;
}

/** One org at one commit. */
export interface Step {
  readonly ask: Commission;
  readonly report: PlanReport;
  readonly facts: AppliedCommit;
  readonly one: PreparedOrg;
  /** Orgs of the commit that would reach into another one. */
  readonly walls: ReadonlyMap<OrgSlug, Finding>;
}

export interface Judgement {
  /** What holds the org, or null. */
  readonly held: Held | null;
  /** The Approvals that accept its hazards. */
  readonly approval: string | null;
  /** True when the commits in between may pass one by one. */
  readonly isWalked: boolean;
}

/** Whether one org may go on: no finding, rows as they were applied, every hazard accepted. */
export async function judgeOrg(parts: HoldParts, step: Step): Promise<Judgement> {
  const { one, ask, report } = step;
  const item = one.plan;
  const first = firstFailing(step);
  if (first !== undefined) {
    const { place, code, message } = first.finding;
    const held = hold(code, `${place.file}:${place.line}: ${message}${first.isWaived ? NOT_APPLIED : ''}`);
    return { held, approval: null, isWalked: first.isWaived };
  }
  if (one.isDrifted && !ask.heal) return { held: drifted(item.org), approval: null, isWalked: false };
  if (ask.heal || item.hazards.length === 0) return { held: null, approval: null, isWalked: false };
  const range = { from: one.applied, to: ask.commit, paths: pathsOf(item.org) };
  const approvals = await approvalsFor(parts, { ask, report, change: [range], changes: changeMap([item]) });
  return judgeHazards(parts, { item, all: report.frame.approvals, approvals });
}

/** Rows that nobody applied are looked at before anything is written over or beside them. */
export function drifted(org: OrgSlug): Held {
  return hold('DRIFT_FIRST', `the store is not what was last applied to ${org}; look at \`tenantry drift\` first`);
}

const NOT_APPLIED = '; its waiver counts once it is applied, in a change before this one';

interface HazardsAsk {
  readonly item: Plan;
  /** Every Approval of the newest commit. */
  readonly all: readonly Manifest[];
  readonly approvals: ValidApprovals;
}

async function judgeHazards(parts: HoldParts, { item, all, approvals }: HazardsAsk): Promise<Judgement> {
  const { org, hazards, changeDigest } = item;
  const nowMs = parts.clock.nowMs();
  const { open, accepted } = acceptedHazards({ org, hazards, changeDigest, approvals: approvals.facts, nowMs });
  if (open.length > 0) {
    const short = fallenShort({ all, changes: changeMap([item]), open }, nowMs);
    return { held: openHazards(open, [...approvals.refused, ...short]), approval: null, isWalked: true };
  }
  if ((await signingKeys(parts)).length === 0)
    parts.log.warn(
      `hazards of ${org} are accepted by a file: fleet.yaml lists no signingKeys, so who wrote it is only as sure as the forge's branch protection`,
    );
  const approval = [...new Set(accepted.map((one) => one.approval))].join(' ');
  return { held: null, approval, isWalked: false };
}

/** The first thing that stands in the way at this commit: a wall between orgs, then what `check` finds of the org. */
function firstFailing({ one, walls }: Step): Failing | undefined {
  const wall = walls.get(one.plan.org);
  return wall === undefined ? one.failing : { finding: wall, isWaived: false };
}
