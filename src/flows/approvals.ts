import { emit, pathOf } from '../core/kinds/index.ts';
import {
  type Approval,
  type Clock,
  type CommitId,
  checkedInstantMs,
  type FindingCode,
  FLEET_ORG,
  instantText,
  type JsonObject,
  ofKind,
  type RepoPath,
  type Sha256Hex,
  sha256Hex,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import type { Repository, WriteTree } from '../ports/index.ts';
import { type DiffParts, type DiffReport, diff } from './diff.ts';
import { readManifests, zeroCounters } from './frame.ts';
import type { PlanReport } from './plan.ts';
import type { Outcome } from './tokens.ts';

export interface ApproveAsk {
  /** The change digest that was looked at. */
  readonly digest: string;
  readonly base: CommitId;
  readonly head: CommitId;
  readonly approver: string;
  readonly reason: string;
  readonly expiresMs: number;
}

export interface WrittenApproval {
  readonly path: RepoPath;
  readonly hazards: number;
  /** Whose Approval of the same change was there, and until when; null where there was none. */
  readonly replaced: Pick<Approval['spec'], 'approver' | 'expires'> | null;
}

type AcceptedHazards = Approval['spec']['hazards'];

/**
 * Writes the Approval of exactly the change that was looked at, every org's digest and every hazard of it; or nothing. One that
 * stands is replaced by its own approver, or where it does not do: it has run out, or accepts less.
 */
export async function approveChange(
  parts: DiffParts & { readonly write: WriteTree; readonly clock: Clock },
  ask: ApproveAsk,
): Promise<Outcome<WrittenApproval>> {
  // Of a base that the head does not come from, it is accepted that it is gone.
  const report = await diff(parts, ask, await parts.repository.strayed([ask.base], ask.head));
  const digest = sha256Hex(ask.digest);
  if (digest === undefined || digest !== report.changeDigest)
    return refused(
      'PLAN_STALE',
      `expected the digest of this change, ${report.changeDigest}, found ${ask.digest}; look at \`tenantry diff\` again`,
    );
  const hazards = hazardsOf(report);
  const [blind] = report.findings;
  if (hazards.length === 0 && blind !== undefined)
    return refused(
      'APPLY_INVALID',
      `expected a change that can be told, found that ${report.held.join(', ')} cannot be rendered: ${blind.place.file}:${blind.place.line} ${blind.message}`,
    );
  if (hazards.length === 0)
    return refused('APPROVAL_NEEDLESS', `expected hazards of change ${digest}, found none; it is applied without one`);
  const path = pathOf(null, { kind: 'Approval', environment: null, name: digest });
  const standing = await approvalAt(parts.repository, path);
  if (standing !== null && doesForOthers(standing, { hazards, ask, nowMs: parts.clock.nowMs() }))
    return refused(
      'APPROVAL_STANDS',
      `expected a change that nobody has accepted yet, found ${path} of ${standing.approver} until ${standing.expires}; commit that one, or remove it first`,
    );
  const text = emit(documentOf(report, { digest, hazards, ask }));
  const [fault] = parseManifest(text, path).findings;
  if (fault !== undefined)
    return refused(fault.code, `${fault.message}; expected ${fault.expected}, found ${fault.found}`);
  await parts.write.write(new Map([[path, text]]));
  const replaced = standing === null ? null : { approver: standing.approver, expires: standing.expires };
  return { ok: true, value: { path, hazards: hazards.length, replaced } };
}

const refused = (code: FindingCode, message: string): Outcome<never> => ({ ok: false, code, message });

function hazardsOf(report: DiffReport): AcceptedHazards {
  const own = report.orgs.flatMap((item) => item.hazards.map((hazard) => ({ org: item.org as string, id: hazard.id })));
  return [...own, ...report.hazards.map((hazard) => ({ org: FLEET_ORG as string, id: hazard.id }))];
}

/** The Approval at a path of the work tree; null where none is, or one that nobody can read. */
async function approvalAt(repository: Repository, path: RepoPath): Promise<Approval['spec'] | null> {
  const tree = repository.workTree();
  const { entries } = await tree.list([path]);
  const { manifests } = await readManifests({ tree, isStrict: () => true, counters: zeroCounters() }, entries);
  return ofKind(manifests, 'Approval')[0]?.document.spec ?? null;
}

/** True where somebody else accepts all that is to be accepted, and still does. */
function doesForOthers(
  standing: Approval['spec'],
  of: { readonly hazards: AcceptedHazards; readonly ask: ApproveAsk; readonly nowMs: number },
): boolean {
  const accepted = new Set(standing.hazards.map(({ org, id }) => `${org} ${id}`));
  return (
    standing.approver.toLowerCase() !== of.ask.approver.toLowerCase() &&
    checkedInstantMs(standing.expires) > of.nowMs &&
    of.hazards.every(({ org, id }) => accepted.has(`${org} ${id}`))
  );
}

function documentOf(
  report: DiffReport,
  of: { readonly digest: Sha256Hex; readonly hazards: AcceptedHazards; readonly ask: ApproveAsk },
): JsonObject {
  return {
    apiVersion: 'tenantry/v1',
    kind: 'Approval',
    metadata: { name: of.digest },
    spec: {
      changes: Object.fromEntries(report.orgs.map((item) => [item.org, item.changeDigest])),
      hazards: of.hazards.map(({ org, id }) => ({ org, id })),
      approver: of.ask.approver,
      reason: of.ask.reason,
      expires: instantText(of.ask.expiresMs),
    },
  };
}

/** The oldest commit that was applied of orgs with hazards: a diff from there shows all of them; null where none was. */
export function oldestApplied({ fleet, heads }: Pick<PlanReport, 'fleet' | 'heads'>): CommitId | null {
  const rows = fleet.plans.flatMap(({ org, hazards }) => (hazards.length === 0 ? [] : (heads.get(org) ?? [])));
  const [oldest] = rows.sort((a, b) => a.appliedAtMs - b.appliedAtMs);
  return oldest?.commit ?? null;
}

/** So many commits are compared: the newest ones that something was applied from, at which mostly all orgs were in line. */
const MOST_BASES = 3;

/**
 * The commit from which a diff shows exactly what a plan does, so that its hazards can be approved; null where there is none
 * (orgs that were held at different commits) or nothing to approve.
 */
export async function approvableFrom(
  parts: DiffParts,
  { fleet, heads }: Pick<PlanReport, 'fleet' | 'heads'>,
): Promise<CommitId | null> {
  if (fleet.hazards.length === 0 && fleet.plans.every(({ hazards }) => hazards.length === 0)) return null;
  const newest = [...heads.values()].sort((a, b) => b.appliedAtMs - a.appliedAtMs);
  const bases = new Set(newest.map(({ commit }) => commit));
  for (const base of [...bases].slice(0, MOST_BASES)) {
    if ((await parts.repository.resolve(base)) === undefined) continue;
    const { changeDigest } = await diff(parts, { base, head: fleet.commit });
    if (changeDigest === fleet.changeDigest) return base;
  }
  return null;
}
