import {
  byCodeUnit,
  type Documents,
  type Finding,
  finding,
  type Kind,
  type OrgSlug,
  objectKey,
  type RenderedObject,
  type RenderedOrg,
  startOf,
} from '../model/index.ts';

/** An object with its spec under the type of its kind; the shape was checked when it was parsed or rendered. */
export interface Typed<K extends Kind> {
  readonly object: RenderedObject;
  readonly spec: Documents[K]['spec'];
}

/** The org's objects of one kind. */
export function allOf<K extends Kind>(desired: RenderedOrg, kind: K): readonly Typed<K>[] {
  return desired.objects
    .filter((object) => object.id.kind === kind)
    .map((object) => ({ object, spec: object.document['spec'] as unknown as Documents[K]['spec'] }));
}

/** The one object of that name (and environment); BUNDLE_REFERENCE at `from`, who names it, when there is none. */
export function onlyOf<K extends Kind>(
  desired: RenderedOrg,
  kind: K,
  id: { readonly name: string; readonly environment?: string },
  from?: RenderedObject,
): Typed<K> {
  const { name, environment } = id;
  const found = allOf(desired, kind).find(
    ({ object }) => object.id.name === name && (environment === undefined || object.id.environment === environment),
  );
  if (found !== undefined) return found;
  const wanted = environment === undefined ? `${kind}/${name}` : `${kind}/${environment}/${name}`;
  throw new GapError('BUNDLE_REFERENCE', from, { expected: wanted, found: 'no such object' });
}

/** Why a bundle cannot be built; becomes a finding at the object that asks for what is missing. */
export class GapError extends Error {
  readonly code: 'BUNDLE_REFERENCE' | 'BUNDLE_VALUE';
  readonly from: RenderedObject | undefined;
  readonly words: Words;

  constructor(code: GapError['code'], from: RenderedObject | undefined, words: Words) {
    super(`expected ${words.expected}, found ${words.found}`);
    this.code = code;
    this.from = from;
    this.words = words;
  }

  asFinding(org: OrgSlug): Finding {
    const path = this.from?.path ?? (`orgs/${org}/org.yaml` as RenderedObject['path']);
    return finding(this.code, {
      org,
      object: this.from === undefined ? null : objectKey(this.from.id),
      place: startOf(path),
      message: `The bundle cannot be built: ${this.message}`,
      ...this.words,
    });
  }
}

interface Words {
  readonly expected: string;
  readonly found: string;
}

/** A value of `from` that cannot be used. */
export function valueError(from: RenderedObject, words: Words): GapError {
  return new GapError('BUNDLE_VALUE', from, words);
}

/** Orders by name. */
export function named(a: { readonly name: string }, b: { readonly name: string }): number {
  return byCodeUnit(a.name, b.name);
}

export function sorted<T extends string>(names: readonly T[]): readonly T[] {
  return [...names].sort(byCodeUnit);
}
