import { FLEET_ORG, type Hazard, type OrgSlug, type Sha256Hex } from '../model/index.ts';

/** One Approval of the newest main commit, with what the forge's history says of it. */
export interface ApprovalFacts {
  /** The file's name: the digest of `changes`. */
  readonly name: string;
  readonly changes: { readonly [org: string]: string };
  readonly hazards: readonly { readonly org: string; readonly id: string }[];
  readonly approver: string;
  /** Every author and committer of the change, as the same names that `approver` is one of. */
  readonly authors: readonly string[];
  readonly expiresMs: number;
}

export interface Acceptance {
  readonly open: readonly Hazard[];
  readonly accepted: readonly { readonly hazard: Hazard; readonly approval: string; readonly approver: string }[];
}

export interface OrgAcceptanceInput {
  readonly org: OrgSlug;
  readonly hazards: readonly Hazard[];
  readonly changeDigest: Sha256Hex;
  readonly approvals: readonly ApprovalFacts[];
  readonly nowMs: number;
}

/**
 * Which hazards of one org are accepted: by an approval that lists the org's change digest and the hazard's id, has not
 * expired, and was given by somebody who did not make the change (rulings 5).
 */
export function acceptedHazards(input: OrgAcceptanceInput): Acceptance {
  const changes = new Map([[input.org, input.changeDigest]]);
  return acceptance({ ...input, changes });
}

export interface FleetAcceptanceInput {
  readonly hazards: readonly Hazard[];
  /** {org: changeDigest} of every org that the commit changes. */
  readonly changes: ReadonlyMap<OrgSlug, Sha256Hex>;
  readonly approvals: readonly ApprovalFacts[];
  readonly nowMs: number;
}

/** Which hazards of the whole are accepted: by an approval that lists the digest of every changed org, and the id under `_fleet`. */
export function acceptedFleetHazards(input: FleetAcceptanceInput): Acceptance {
  return acceptance({ ...input, org: FLEET_ORG });
}

function acceptance(input: FleetAcceptanceInput & { readonly org: OrgSlug }): Acceptance {
  const { org, changes, nowMs } = input;
  const valid = input.approvals.filter(
    (approval) => approval.expiresMs > nowMs && isByAnother(approval) && lists(approval, changes),
  );
  const found = input.hazards.map((hazard) => ({ hazard, approval: valid.find((one) => accepts(one, org, hazard)) }));
  return {
    open: found.filter(({ approval }) => approval === undefined).map(({ hazard }) => hazard),
    accepted: found.flatMap(({ hazard, approval }) =>
      approval === undefined ? [] : [{ hazard, approval: approval.name, approver: approval.approver }],
    ),
  };
}

function isByAnother({ approver, authors }: ApprovalFacts): boolean {
  return !authors.some((author) => author.toLowerCase() === approver.toLowerCase());
}

function lists(approval: ApprovalFacts, changes: ReadonlyMap<OrgSlug, Sha256Hex>): boolean {
  return (
    changes.size > 0 &&
    [...changes].every(([org, digest]) => Object.hasOwn(approval.changes, org) && approval.changes[org] === digest)
  );
}

function accepts(approval: ApprovalFacts, org: OrgSlug, hazard: Hazard): boolean {
  return approval.hazards.some((listed) => listed.org === org && listed.id === hazard.id);
}
