import {
  type Change,
  type FieldChange,
  type Hazard,
  type Json,
  type JsonObject,
  type ObjectId,
  type ObjectKey,
  type OrgDiff,
  type OrgSlug,
  objectKey,
  type Reach,
  type Sha256Hex,
  type Untouched,
} from '../../model/index.ts';

/** What a report says of a change; every `Change` is one, and so is one that was read back from JSON. */
export interface ReportedChange {
  readonly kind: Change['kind'];
  readonly key: ObjectKey;
  /** What a renamed object was before. */
  readonly from?: ObjectId;
  /** Of a token. */
  readonly team?: string;
  readonly fields: readonly FieldChange[];
}

/** What a report says of one org; every `OrgDiff` and `Plan` is one. */
export type ReportedDiff = Omit<OrgDiff, 'changes'> & { readonly changes: readonly ReportedChange[] };

/** What a diff or a plan tells; with `planDigest` it is a plan. */
export interface ChangeReport {
  /** What the change starts from, as a person names it: a commit, or the store. */
  readonly base: string;
  readonly head: string;
  readonly changeDigest: Sha256Hex;
  readonly planDigest?: Sha256Hex;
  /** Of a plan: the commit from which a diff shows the same, if there is one. */
  readonly from?: string;
  /** Of a plan that no diff shows: the oldest commit that was applied of orgs with hazards. */
  readonly applied?: string;
  /** Orgs that change; others may be left out. */
  readonly orgs: readonly ReportedDiff[];
  /** Hazards that only the whole shows. */
  readonly hazards: readonly Hazard[];
  /** Hazards that an Approval accepts; fleet-wide ones under `_fleet`. */
  readonly accepted?: readonly AcceptedHazard[];
  /** In how many commits a plan's change came: where the whole is not accepted, apply judges each of them alone. */
  readonly commits?: number;
  readonly reach?: Reach;
  readonly untouched?: Untouched;
  /** Orgs that the head does not render: what would change for them is not known. */
  readonly held?: readonly OrgSlug[];
  /** The work that it took, exactly. */
  readonly counters?: WorkCounted;
  /** The command that prints everything. With it, long texts are cut and name it; Markdown is always cut. */
  readonly whole?: string;
}

export interface WorkCounted {
  readonly orgs: number;
  readonly manifests: number;
  readonly blobsRead: number;
  readonly documentsParsed: number;
  readonly orgsRendered: number;
}

export interface AcceptedHazard {
  readonly org: OrgSlug;
  readonly id: string;
  /** The name of the Approval: its file is `approvals/<name>.yaml`. */
  readonly approval: Sha256Hex;
  /** Who gave it, as the Approval says. */
  readonly approver: string;
}

/** One change as JSON; without sources it is what two orgs are compared by. */
export function changeJson(change: ReportedChange, withSources: boolean): JsonObject {
  return {
    kind: change.kind,
    object: change.key,
    ...(change.from === undefined ? {} : { from: objectKey(change.from) }),
    ...(change.team === undefined ? {} : { team: change.team }),
    fields: change.fields.map((field): Json => {
      const { path, before, after, words, origin } = field;
      return {
        path,
        ...(before === undefined ? {} : { before: before as Json }),
        ...(after === undefined ? {} : { after: after as Json }),
        words,
        ...(origin === undefined ? {} : { origin }),
        ...(withSources ? { source: field.source === null ? null : { ...field.source } } : {}),
      };
    }),
  };
}

/** The approval of a hazard, or undefined while it is open. */
export function approvalOf(report: ChangeReport, org: OrgSlug, hazard: Hazard): AcceptedHazard | undefined {
  return report.accepted?.find((accepted) => accepted.org === org && accepted.id === hazard.id);
}

/** The file of an Approval, short enough for a line. */
export function approvalFile({ approval }: AcceptedHazard): string {
  return `approvals/${approval.slice(0, 12)}….yaml`;
}
