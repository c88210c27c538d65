import { emit } from '../src/core/kinds/index.ts';
import { type CommitId, FLEET_ORG, instantText, type OrgSlug, type Sha256Hex } from '../src/core/model/index.ts';
import { mapDigest } from '../src/core/plan/index.ts';
import type { DiffReport } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { type OpenFleet, OTTO, START_MS, type TestFleet } from './fleet.testkit.ts';

/** An Approval of all hazards of a diff; each part can be another one. */
export interface ApprovalFile {
  readonly diff: DiffReport;
  readonly name?: string;
  readonly expiresMs?: number;
  readonly changes?: { readonly [org: string]: string };
  readonly approver?: string;
}

/** Writes the file and gives its path. */
export function writeApproval(fleet: TestFleet, { diff, name, expiresMs, changes, approver }: ApprovalFile): string {
  const listed = changes ?? Object.fromEntries(diff.orgs.map((item) => [item.org, item.changeDigest]));
  const digest = mapDigest(new Map(Object.entries(listed)) as never as ReadonlyMap<OrgSlug, Sha256Hex>, nodeHash);
  const own = diff.orgs.flatMap((item) => item.hazards.map((hazard) => ({ org: item.org, id: hazard.id })));
  const shared = diff.hazards.map((hazard) => ({ org: FLEET_ORG, id: hazard.id }));
  const path = `approvals/${name ?? digest}.yaml`;
  const spec = {
    changes: listed,
    hazards: [...own, ...shared],
    approver: approver ?? '@msp/otto',
    reason: 'agreed with the customer',
    expires: instantText(expiresMs ?? START_MS + 86_400_000),
  };
  fleet.write(path, emit({ apiVersion: 'tenantry/v1', kind: 'Approval', metadata: { name: name ?? digest }, spec }));
  return path;
}

/** Has somebody else accept whatever is dangerous since `base`. */
export async function approveAll(fleet: TestFleet, open: OpenFleet, base: CommitId, nowMs = START_MS): Promise<void> {
  writeApproval(fleet, { diff: await open.diff(base, fleet.head()), expiresMs: nowMs + 86_400_000 });
  fleet.commit('approve', OTTO);
}
