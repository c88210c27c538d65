import type { OrgSlug, RepoPath } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { PlaceOf } from './place.ts';

/** Every manifest kind; one descriptor and one schema each in core/kinds. */
export const KINDS = [
  'Fleet',
  'Organization',
  'Team',
  'Wallet',
  'Token',
  'Credentials',
  'Policy',
  'Gateway',
  'Overlay',
  'Conflict',
  'PriceBook',
  'Approval',
  'Pin',
  'Review',
  'Waiver',
  'Template',
] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds through which requests come in and go out: an org that is retired has none of them. */
export const LIVE_KINDS: ReadonlySet<Kind> = new Set(['Gateway', 'Token']);

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}

/** What identifies an object inside its org: kind, environment (null where the kind has none) and name. */
export interface ObjectId {
  readonly kind: Kind;
  readonly environment: string | null;
  readonly name: string;
}

/** `Kind/name` or `Kind/environment/name`: how people and reports write an object id. */
export type ObjectKey = string & { readonly __objectKey: never };

export function objectKey(id: ObjectId): ObjectKey {
  return (id.environment === null ? `${id.kind}/${id.name}` : `${id.kind}/${id.environment}/${id.name}`) as ObjectKey;
}

/** Metadata as every manifest carries it. Fleet, Template, PriceBook and Approval have no org. */
export interface Metadata {
  readonly org?: string;
  readonly name: string;
  readonly environment?: string;
  readonly labels?: { readonly [key: string]: string };
}

/** What a person wrote (or a template rendered), shape already checked, with the places of its nodes. */
export interface Manifest<Spec = JsonObject> {
  readonly id: ObjectId;
  readonly org: OrgSlug | null;
  readonly file: RepoPath;
  readonly metadata: Metadata;
  readonly spec: Spec;
  /** The whole document as plain data: apiVersion, kind, metadata, spec. */
  readonly document: JsonObject;
  readonly placeOf: PlaceOf;
}

/** A YAML file that is no manifest (the body of a template), read with the same strictness, with the places of its nodes. */
export interface YamlFile {
  readonly file: RepoPath;
  readonly value: JsonObject;
  readonly placeOf: PlaceOf;
}
