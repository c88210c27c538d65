import { emit, pathOf } from '../core/kinds/index.ts';
import {
  type CommitId,
  FLEET_ORG,
  instantText,
  type JsonObject,
  type RepoPath,
  sha256Hex,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import type { WriteTree } from '../ports/index.ts';
import { type DiffParts, diff } from './diff.ts';
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

/** Writes the Approval of exactly the change that was looked at, every org's digest and every hazard of it; or nothing. */
export async function approveChange(
  parts: DiffParts & { readonly write: WriteTree },
  ask: ApproveAsk,
): Promise<Outcome<{ readonly path: RepoPath; readonly hazards: number }>> {
  // Of a base that the head does not come from, it is accepted that it is gone.
  const report = await diff(parts, ask, await parts.repository.strayed([ask.base], ask.head));
  const digest = sha256Hex(ask.digest);
  if (digest === undefined || digest !== report.changeDigest) {
    return {
      ok: false,
      code: 'PLAN_STALE',
      message: `expected the digest of this change, ${report.changeDigest}, found ${ask.digest}; look at \`tenantry diff\` again`,
    };
  }
  const own = report.orgs.flatMap((item) => item.hazards.map((hazard) => ({ org: item.org as string, id: hazard.id })));
  const shared = report.hazards.map((hazard) => ({ org: FLEET_ORG as string, id: hazard.id }));
  const document: JsonObject = {
    apiVersion: 'tenantry/v1',
    kind: 'Approval',
    metadata: { name: digest },
    spec: {
      changes: Object.fromEntries(report.orgs.map((item) => [item.org, item.changeDigest])),
      hazards: [...own, ...shared],
      approver: ask.approver,
      reason: ask.reason,
      expires: instantText(ask.expiresMs),
    },
  };
  const path = pathOf(null, { kind: 'Approval', environment: null, name: digest });
  const text = emit(document);
  const [fault] = parseManifest(text, path).findings;
  if (fault !== undefined) {
    const message = `${fault.message}; expected ${fault.expected}, found ${fault.found}`;
    return { ok: false, code: fault.code, message };
  }
  await parts.write.write(new Map([[path, text]]));
  return { ok: true, value: { path, hazards: own.length + shared.length } };
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
