import {
  byCodeUnit,
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
  type Sha256Hex,
} from '../../model/index.ts';

/** What a report says of a change; every `Change` is one, and so is one that was read back from JSON. */
export interface ReportedChange {
  readonly kind: Change['kind'];
  readonly key: ObjectKey;
  /** What a renamed object was before. */
  readonly from?: ObjectId;
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
  /** Orgs that change; others may be left out. */
  readonly orgs: readonly ReportedDiff[];
  /** Hazards that only the whole shows. */
  readonly hazards: readonly Hazard[];
  /** Hazards that an Approval accepts; fleet-wide ones under `_fleet`. */
  readonly accepted?: readonly AcceptedHazard[];
}

export interface AcceptedHazard {
  readonly org: OrgSlug;
  readonly id: string;
  readonly approval: string;
}

/** Changes that are the same for each of `orgs`. */
export interface ChangeGroup {
  readonly orgs: readonly OrgSlug[];
  readonly changes: readonly ReportedChange[];
}

/**
 * Every change once, with the orgs that it is the same for; changes of the same orgs stand together in their order of
 * execution. What sets an org apart is a group of its own beside the one it shares. Largest group first.
 */
export function groupsOf(diffs: readonly ReportedDiff[]): readonly ChangeGroup[] {
  const bySignature = new Map<string, { readonly change: ReportedChange; readonly orgs: OrgSlug[] }>();
  for (const { org, changes } of [...diffs].sort((a, b) => byCodeUnit(a.org, b.org))) {
    for (const change of changes) {
      const signature = JSON.stringify(changeJson(change, false));
      const known = bySignature.get(signature);
      if (known === undefined) bySignature.set(signature, { change, orgs: [org] });
      else known.orgs.push(org);
    }
  }
  const byOrgs = new Map<string, { readonly orgs: OrgSlug[]; readonly changes: ReportedChange[] }>();
  for (const { change, orgs } of bySignature.values()) {
    const group = byOrgs.get(orgs.join(' '));
    if (group === undefined) byOrgs.set(orgs.join(' '), { orgs, changes: [change] });
    else group.changes.push(change);
  }
  return [...byOrgs.values()].sort(
    (a, b) => b.orgs.length - a.orgs.length || byCodeUnit(a.orgs[0] ?? '', b.orgs[0] ?? ''),
  );
}

/** One change as JSON; without sources it is what two orgs are compared by. */
export function changeJson(change: ReportedChange, withSources: boolean): JsonObject {
  return {
    kind: change.kind,
    object: change.key,
    ...(change.from === undefined ? {} : { from: objectKey(change.from) }),
    fields: change.fields.map(
      ({ path, before, after, words, source }): Json => ({
        path,
        ...(before === undefined ? {} : { before: before as Json }),
        ...(after === undefined ? {} : { after: after as Json }),
        words,
        ...(withSources ? { source: source === null ? null : { ...source } } : {}),
      }),
    ),
  };
}

/** The approval of a hazard, or undefined while it is open. */
export function approvalOf(report: ChangeReport, org: OrgSlug, hazard: Hazard): string | undefined {
  return report.accepted?.find((accepted) => accepted.org === org && accepted.id === hazard.id)?.approval;
}
