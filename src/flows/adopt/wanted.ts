import { EmitError, emit, ORDER_KEY, toKeyed } from '../../core/kinds/index.ts';
import {
  byCodeUnit,
  isJsonObject,
  type Json,
  type JsonObject,
  type Manifest,
  type ObjectId,
  type ObjectKey,
  type ObjectSide,
  objectKey,
  pointerStep,
  type RenderedObject,
  valueAt,
} from '../../core/model/index.ts';
import { changedPointers, sameJson } from '../../core/plan/index.ts';

/** One value that was found in the store or in a manifest, and that the repository does not say. */
export interface Wanted {
  readonly id: ObjectId;
  readonly key: ObjectKey;
  /** In keyed form; empty: the whole object, which nothing renders yet. */
  readonly pointer: string;
  /** As the keyed form has it; undefined: nothing is there. Of a whole object, its document. */
  readonly value: Json | undefined;
}

/** A difference that stays, and why. No values: they may be sensitive. */
export interface NotAdopted {
  readonly object: ObjectKey;
  /** In keyed form; empty: the whole object. */
  readonly path: string;
  readonly words: string;
}

/** What was found of one org. */
export interface Found {
  readonly wanted: readonly Wanted[];
  readonly notAdopted: readonly NotAdopted[];
}

/** What the work tree renders of one org, by key. */
export type Rendered = ReadonlyMap<ObjectKey, RenderedObject>;

export const LABELS = '/metadata/labels';

/** The values in keyed form by which `after` differs from `before`: of a list whose order changed, the list as a whole. */
function differences(
  before: JsonObject,
  after: JsonObject,
  { kind }: ObjectId,
): ReadonlyMap<string, readonly [before: Json | undefined, after: Json | undefined]> {
  const [left, right] = [toKeyed(kind, before), toKeyed(kind, after)];
  const pointers = changedPointers(left, right).flatMap((pointer) => {
    if (pointer.endsWith(`/${ORDER_KEY}`)) return [pointer.slice(0, -ORDER_KEY.length - 1)];
    if (pointer !== LABELS) return [pointer];
    // An overlay gives an object single labels, also the first one.
    const names = [valueAt(left, LABELS), valueAt(right, LABELS)].flatMap((labels) =>
      isJsonObject(labels) ? Object.keys(labels) : [],
    );
    return names.map((name) => `${LABELS}/${pointerStep(name)}`);
  });
  const outer = pointers.filter((pointer) => !pointers.some((other) => pointer.startsWith(`${other}/`)));
  return new Map(outer.map((pointer) => [pointer, [valueAt(left, pointer), valueAt(right, pointer)]]));
}

/** What rows say that were edited behind the reconciler's back: each compared with what was applied. */
export function wantedOfRows(
  rows: readonly ObjectSide[],
  { applied, rendered }: { readonly applied: readonly ObjectSide[]; readonly rendered: Rendered },
): Found {
  const [before, after] = [byKey(applied), byKey(rows)];
  const wanted: Wanted[] = [];
  const notAdopted: NotAdopted[] = [];
  for (const [key, side] of before) {
    if (after.has(key) || !rendered.has(key)) continue;
    const words = 'its row is gone, and no input or overlay removes an object that a template generates';
    notAdopted.push({ object: objectKey(side.id), path: '', words });
  }
  const edited = [...after].filter(([key, { digest }]) => before.get(key)?.digest !== digest);
  for (const [key, { id, document }] of edited) {
    const old = before.get(key);
    if (!canBeSaid(document)) {
      notAdopted.push({ object: key, path: '', words: 'its row holds a value that no YAML text can say' });
      continue;
    }
    const now = rendered.get(key);
    if (now === undefined) {
      if (old === undefined) wanted.push({ id, key, pointer: '', value: document });
      else notAdopted.push({ object: key, path: '', words: 'the work tree does not render it any more' });
      continue;
    }
    const here = toKeyed(id.kind, now.document);
    for (const [pointer, [was, value]] of differences(old?.document ?? now.document, document, id)) {
      const said = valueAt(here, pointer);
      if (isSame(said, value)) continue;
      if (isSame(said, was)) wanted.push({ id, key, pointer, value });
      else notAdopted.push({ object: key, path: pointer, words: 'the work tree says something else there by now' });
    }
  }
  return { wanted, notAdopted };
}

function canBeSaid(document: JsonObject): boolean {
  try {
    return emit(document) !== '';
  } catch (error) {
    if (error instanceof EmitError) return false;
    throw error;
  }
}

/** What an edited manifest says, compared with what is rendered for its path. */
export function wantedOfManifest(manifest: Manifest, rendered: Rendered): Found {
  const { id, document } = manifest;
  const key = objectKey(id);
  const now = rendered.get(key);
  if (now === undefined) return { wanted: [{ id, key, pointer: '', value: document }], notAdopted: [] };
  const changed = [...differences(now.document, document, id)];
  return { wanted: changed.map(([pointer, [, value]]) => ({ id, key, pointer, value })), notAdopted: [] };
}

/** Once each; where two of them are about one place and say different things, neither. */
export function reconciled(found: readonly Found[]): Found {
  const all = found
    .flatMap(({ wanted }) => wanted)
    .sort((a, b) => byCodeUnit(a.key, b.key) || byCodeUnit(a.pointer, b.pointer));
  const wanted: Wanted[] = [];
  const notAdopted = found.flatMap((item) => item.notAdopted);
  for (const item of all) {
    const same = (other: Wanted): boolean => other.key === item.key && meets(other.pointer, item.pointer);
    const clashes = all.some(
      (other) => same(other) && !(other.pointer === item.pointer && isSame(other.value, item.value)),
    );
    const known = [...wanted, ...notAdopted.map(({ object, path }) => ({ key: object, pointer: path }))];
    if (known.some(({ key, pointer }) => key === item.key && pointer === item.pointer)) continue;
    if (!clashes) wanted.push(item);
    else
      notAdopted.push({
        object: item.key,
        path: item.pointer,
        words: 'the store and the manifest say different things',
      });
  }
  return { wanted, notAdopted };
}

const meets = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  one === undefined || other === undefined ? one === other : sameJson(one, other);

const byKey = (sides: readonly ObjectSide[]): ReadonlyMap<ObjectKey, ObjectSide> =>
  new Map(sides.map((side) => [objectKey(side.id), side]));
