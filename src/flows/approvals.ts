import { emit, pathOf } from '../core/kinds/index.ts';
import {
  type CommitId,
  FLEET_ORG,
  instantText,
  type JsonObject,
  type RepoPath,
  sha256Hex,
} from '../core/model/index.ts';
import type { WriteTree } from '../ports/index.ts';
import { type DiffParts, diff } from './diff.ts';
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

/** Writes the Approval of exactly the change that was looked at: every org's digest and every hazard of it. */
export async function approveChange(
  parts: DiffParts & { readonly write: WriteTree },
  ask: ApproveAsk,
): Promise<Outcome<{ readonly path: RepoPath; readonly hazards: number }>> {
  const report = await diff(parts, ask);
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
  await parts.write.write(new Map([[path, emit(document)]]));
  return { ok: true, value: { path, hazards: own.length + shared.length } };
}
