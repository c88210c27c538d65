import type { DesiredObject, StoredObject } from './desired.ts';
import type { CommitId, OrgSlug, OrgUid, Sha256Hex } from './ids.ts';
import type { Json } from './json.ts';
import type { ObjectId, ObjectKey } from './manifest.ts';
import type { Place } from './place.ts';

/** A value as a report may show it: a sensitive one appears only as changed. */
export type Shown = Json | { readonly changed: true };

/** One field of one object, in words. `path` is a JSON pointer in keyed form, readable: /spec/members/ana@acme.example. */
export interface FieldChange {
  readonly path: string;
  readonly before?: Shown;
  readonly after?: Shown;
  /** "monthly limit 500 -> 800 EUR" */
  readonly words: string;
  readonly source: Place | null;
  /** In a plan against rows that were edited behind the reconciler's back; absent: the commit's own change. */
  readonly origin?: 'drift' | 'conflict';
}

/** What either side of a diff knows of an object; Desired and Stored objects both fit. */
export type ObjectSide = Pick<DesiredObject | StoredObject, 'id' | 'path' | 'document' | 'digest'>;

/** What a change says of a side: which object it is. The documents stay with `Plan.desired` and the store. */
export type ObjectRef = Pick<ObjectSide, 'id'>;

/** One change of one object, with exactly what it needs. */
export type Change<Side extends ObjectRef = ObjectRef> = {
  /** Of a token: the team that it acts for, so that a sentence can name it. */
  readonly team?: string;
} & (
  | {
      readonly kind: 'create';
      readonly key: ObjectKey;
      readonly after: Side;
      readonly fields: readonly FieldChange[];
    }
  | {
      readonly kind: 'update';
      readonly key: ObjectKey;
      readonly before: Side;
      readonly after: Side;
      readonly fields: readonly FieldChange[];
    }
  | {
      readonly kind: 'delete';
      readonly key: ObjectKey;
      readonly before: Side;
      readonly fields: readonly FieldChange[];
    }
  | {
      readonly kind: 'rename';
      readonly key: ObjectKey;
      readonly from: ObjectId;
      readonly before: Side;
      readonly after: Side;
      readonly fields: readonly FieldChange[];
    }
);

/** A danger that a person must accept in an Approval before apply goes on. `id` is stable for the same danger. */
export interface Hazard {
  readonly id: string;
  readonly code: import('./codes/index.ts').FindingCode;
  readonly message: string;
  readonly object: ObjectKey | null;
}

/** What one pull request would change for one org: from git alone, no store. */
export interface OrgDiff {
  readonly org: OrgSlug;
  readonly changes: readonly Change[];
  readonly hazards: readonly Hazard[];
  readonly changeDigest: Sha256Hex;
}

/** The change of one org against the store, as people and the rules over the whole look at it: no documents. */
export interface OrgPlan extends OrgDiff {
  readonly uid: OrgUid;
  readonly commit: CommitId;
  /** The store's generation and content that the plan was computed from. */
  readonly base: { readonly generation: number; readonly contentDigest: Sha256Hex | null };
  readonly desiredDigest: Sha256Hex;
  readonly planDigest: Sha256Hex;
}

/** The change of one org against the store, ready to execute. */
export interface Plan extends OrgPlan {
  readonly desired: readonly DesiredObject[];
}

/** The plans of a commit and the hazards that only the whole shows. */
export interface FleetPlan {
  readonly commit: CommitId;
  readonly plans: readonly OrgPlan[];
  readonly hazards: readonly Hazard[];
  /** SHA-256 of RFC 8785 of {org: changeDigest} and of {org: planDigest} (rulings 5). */
  readonly changeDigest: Sha256Hex;
  readonly planDigest: Sha256Hex;
}
