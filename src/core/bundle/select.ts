import {
  byCodeUnit,
  type DesiredObject,
  type DesiredOrg,
  type Finding,
  finding,
  type ManifestByKind,
  type OrgSlug,
  objectKey,
  startOf,
} from '../model/index.ts';

/** An object with its spec under the type of its kind; the shape was checked when it was parsed. */
export interface Typed<K extends keyof ManifestByKind> {
  readonly object: DesiredObject;
  readonly spec: ManifestByKind[K]['spec'];
}

/** The org's objects by kind. A class for the lifetime of one build, so that each kind is listed once. */
export class OrgObjects {
  readonly #byKind: ReadonlyMap<string, readonly DesiredObject[]>;

  constructor(desired: DesiredOrg) {
    this.#byKind = Map.groupBy(desired.objects, (object) => object.id.kind);
  }

  all<K extends keyof ManifestByKind>(kind: K): readonly Typed<K>[] {
    return (this.#byKind.get(kind) ?? []).map((object) => ({
      object,
      spec: object.document['spec'] as unknown as ManifestByKind[K]['spec'],
    }));
  }

  /** The one object of that name (and environment); BUNDLE_REFERENCE at `from` when there is none. */
  only<K extends keyof ManifestByKind>(kind: K, name: string, environment?: string, from?: DesiredObject): Typed<K> {
    const found = this.all(kind).find(
      ({ object: { id } }) => id.name === name && (environment === undefined || id.environment === environment),
    );
    if (found !== undefined) return found;
    const wanted = environment === undefined ? `${kind}/${name}` : `${kind}/${environment}/${name}`;
    throw new GapError('BUNDLE_REFERENCE', from, wanted, 'no such object');
  }
}

/** Why a bundle cannot be built; becomes a finding at the object that asks for what is missing. */
export class GapError extends Error {
  readonly code: 'BUNDLE_REFERENCE' | 'BUNDLE_VALUE';
  readonly from: DesiredObject | undefined;
  readonly expected: string;
  readonly found: string;

  constructor(code: GapError['code'], from: DesiredObject | undefined, expected: string, found: string) {
    super(`expected ${expected}, found ${found}`);
    this.code = code;
    this.from = from;
    this.expected = expected;
    this.found = found;
  }

  asFinding(org: OrgSlug): Finding {
    const path = this.from?.path ?? (`orgs/${org}/org.yaml` as DesiredObject['path']);
    return finding(this.code, {
      org,
      object: this.from === undefined ? null : objectKey(this.from.id),
      place: startOf(path),
      message: `The bundle cannot be built: ${this.message}`,
      expected: this.expected,
      found: this.found,
    });
  }
}

/** A value of `from` that cannot be used. */
export function valueError(
  from: DesiredObject,
  words: { readonly expected: string; readonly found: string },
): GapError {
  return new GapError('BUNDLE_VALUE', from, words.expected, words.found);
}

/** Orders by name. */
export function named(a: { readonly name: string }, b: { readonly name: string }): number {
  return byCodeUnit(a.name, b.name);
}

export function sorted<T extends string>(names: readonly T[]): readonly T[] {
  return [...names].sort(byCodeUnit);
}
