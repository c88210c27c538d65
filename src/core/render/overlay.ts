import { documentPointer, fieldFacts, fromKeyed, toKeyed } from '../kinds/index.ts';
import {
  type Finding,
  finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Manifest,
  type ObjectKey,
  type Overlay,
  objectKey,
  type Place,
  pointerSteps,
  valueAt,
} from '../model/index.ts';
import { equal } from './floors.ts';
import { wordsOf } from './inputs.ts';
import { nearestEntry } from './trace.ts';

type Patch = Overlay['spec']['patches'][number];

/** Patches of one overlay with where they stand. */
export interface PlacedPatch {
  readonly patch: Patch;
  readonly overlay: Manifest;
  /** Its place; asked only for what is reported or traced. */
  readonly place: () => Place;
}

/** A patch as it was done to a document. */
export interface DonePatch extends PlacedPatch {
  /** In the keyed form that it met; `-` is the index that the item got. */
  readonly path: string;
  /** It took an item out of a list without keys: those behind it moved up. */
  readonly shifts: boolean;
}

/** A document after its patches, and those that were done, in their order. */
export interface Patched {
  readonly document: JsonObject;
  readonly done: readonly DonePatch[];
}

const PACK_VERSION = '/spec/document/pack/version';
const LABELS = '/metadata/labels';

/** Patches by the key of their target, in the order of the overlays' files, then as written. */
export function patchesByTarget(overlays: readonly Manifest[]): ReadonlyMap<ObjectKey, readonly PlacedPatch[]> {
  const sorted = [...overlays].sort((a, b) => (a.file < b.file ? -1 : 1));
  const byTarget = new Map<ObjectKey, PlacedPatch[]>();
  for (const overlay of sorted) {
    const key = targetKey(overlay);
    const { patches } = overlay.spec as unknown as Overlay['spec'];
    const placed = patches.map((patch, index) => ({
      patch,
      overlay,
      place: () => overlay.placeOf(`/spec/patches/${index}`),
    }));
    byTarget.set(key, [...(byTarget.get(key) ?? []), ...placed]);
  }
  return byTarget;
}

/** The object key that an overlay changes. */
export function targetKey(overlay: Manifest): ObjectKey {
  const { target } = overlay.spec as unknown as Overlay['spec'];
  return objectKey({ kind: target.kind, environment: target.environment ?? null, name: target.name });
}

/**
 * Applies patches to a generated document. Works on the keyed form and copies what it changes: no other document can
 * see it. A patch whose guard does not hold is a finding and is left out.
 */
export function applyPatches(
  document: JsonObject,
  target: Manifest['id'],
  patches: readonly PlacedPatch[],
  findings: Finding[],
): Patched {
  let patched = document;
  const done: DonePatch[] = [];
  for (const placed of patches) {
    const keyed = toKeyed(target.kind, patched);
    const refusal = refusalOf(placed, target, keyed);
    if (refusal !== null) {
      findings.push(refusal);
      continue;
    }
    const { path, op, value } = placed.patch;
    const written = setAt(keyed, path, op === 'remove' ? undefined : (value as Json));
    // A map or list may be what a person wrote, in an order of their own; a scalar is not.
    const holdsLists = typeof value === 'object' && value !== null;
    const next = fromKeyed(target.kind, holdsLists ? normal(target, written) : written);
    if (!isItem(target, path, { keyed, next })) {
      findings.push(noItem(placed, target));
      continue;
    }
    patched = next;
    done.push(doneOf(placed, keyed));
  }
  return { document: patched, done };
}

/**
 * False where a patch set something in the keyed form of a list that makes no item: an index, `-`, or a value that items have
 * not. What stays is a map in the place of the list, of which every later check would say something beside the point.
 */
function isItem(
  { kind }: Manifest['id'],
  path: string,
  { keyed, next }: { readonly keyed: JsonObject; readonly next: JsonObject },
): boolean {
  const list = path.slice(0, path.lastIndexOf('/'));
  const { list: type } = fieldFacts(kind, list);
  if (type === null || type === 'atomic' || !isJsonObject(valueAt(keyed, list))) return true;
  return Array.isArray(valueAt(next, documentPointer(kind, next, list)));
}

function noItem({ patch: { op, path, value }, ...placed }: PlacedPatch, target: Manifest['id']): Finding {
  return finding('OVERLAY_STALE', {
    org: placed.overlay.org,
    object: objectKey(target),
    place: placed.place(),
    message: `${op} ${path} makes no item of the list`,
    expected:
      'an item by its name or key, whose value is true or the rest of the item, or the whole list at its own path',
    found: `${path.slice(path.lastIndexOf('/') + 1)} with ${shown((value ?? null) as Json)}`,
  });
}

function doneOf(placed: PlacedPatch, keyed: JsonObject): DonePatch {
  const { path, op } = placed.patch;
  const above = path.slice(0, path.lastIndexOf('/'));
  const list = valueAt(keyed, above);
  if (!Array.isArray(list)) return { ...placed, path, shifts: false };
  return { ...placed, path: path.endsWith('/-') ? `${above}/${list.length}` : path, shifts: op === 'remove' };
}

/** What stood where a patch was done: the entry of it or of what it was part of, and the first of those in it. */
export interface Before<T> {
  readonly own: T | undefined;
  readonly inside: T | undefined;
}

/**
 * Entries by pointer after what patches did to the document: what was set has the one entry that `entryOf` makes of what was
 * there; so has what is not there any more, or the list that an item was taken out of; items behind that one moved up.
 */
export function afterPatches<T>(
  entries: ReadonlyMap<string, T>,
  done: readonly DonePatch[],
  entryOf: (patch: DonePatch, before: Before<T>) => T,
): Map<string, T> {
  let now = new Map(entries);
  for (const patch of done) {
    const { path, shifts } = patch;
    const inside = [...now].find(([pointer]) => pointer.startsWith(`${path}/`))?.[1];
    const entry = entryOf(patch, { own: nearestEntry(now, path), inside });
    const left = [...now].filter(([pointer]) => pointer !== path && !pointer.startsWith(`${path}/`));
    now = new Map(shifts ? left.map(([pointer, item]) => [movedUp(pointer, path), item]) : left);
    now.set(shifts ? path.slice(0, path.lastIndexOf('/')) : path, entry);
  }
  return now;
}

/** Where what stood at `pointer` is after the item at `path` was taken out of its list. */
function movedUp(pointer: string, path: string): string {
  const list = path.slice(0, path.lastIndexOf('/') + 1);
  if (!pointer.startsWith(list)) return pointer;
  const [step = '', ...rest] = pointer.slice(list.length).split('/');
  const index = Number(step);
  if (index <= Number(path.slice(list.length))) return pointer;
  return [list + String(index - 1), ...rest].join('/');
}

/** Lists that a person wrote where the keyed form has a map become that map. */
function normal(target: Manifest['id'], keyed: JsonObject): JsonObject {
  return toKeyed(target.kind, fromKeyed(target.kind, keyed));
}

function refusalOf(placed: PlacedPatch, target: Manifest['id'], keyed: JsonObject): Finding | null {
  const { path, op, was = null } = placed.patch;
  if (!isAllowed(path)) return forbidden(placed, target);
  const parentPath = path.slice(0, path.lastIndexOf('/'));
  // An object without labels has none of them, and may get some.
  const parent = valueAt(keyed, parentPath) ?? (parentPath === LABELS ? {} : undefined);
  const current = valueAt(keyed, path);
  const show = (value: Json): string => (fieldFacts(target.kind, path).sensitive ? wordsOf(value) : shown(value));
  const found = current === undefined ? 'nothing' : show(current);
  if (!isJsonObject(parent) && !Array.isArray(parent))
    return stale(placed, target, 'a field to be in', 'no such field');
  if (op === 'add') {
    const free = Array.isArray(parent) ? path.endsWith('/-') : current === undefined;
    if (free) return null;
    return stale(placed, target, Array.isArray(parent) ? 'a path that ends in /-' : 'nothing there yet', found);
  }
  if (current !== undefined && equal(current, guardValue(target, keyed, path, was as Json))) return null;
  return stale(placed, target, show(was as Json), found);
}

function isAllowed(path: string): boolean {
  const isInside = path.startsWith('/spec/') || path.startsWith(`${LABELS}/`);
  return isInside && !isWithin(PACK_VERSION, path) && !pointerSteps(path).includes('__proto__');
}

/** True when one pointer is the other or leads through it. */
export function isWithin(pointer: string, path: string): boolean {
  return pointer === path || pointer.startsWith(`${path}/`) || path.startsWith(`${pointer}/`);
}

/** The guard in keyed form: a person may have written a list where the keyed form has a map. */
function guardValue(target: Manifest['id'], keyed: JsonObject, path: string, was: Json): Json | undefined {
  if (!Array.isArray(was) && !isJsonObject(was)) return was;
  return valueAt(normal(target, setAt(keyed, path, was)), path);
}

/** Scalars are shown, for a guard is of no use to a person otherwise; lists and maps are named. */
function shown(value: Json): string {
  return isJsonObject(value) || Array.isArray(value) ? wordsOf(value) : JSON.stringify(value);
}

function forbidden(placed: PlacedPatch, target: Manifest['id']): Finding {
  return finding('OVERLAY_FORBIDDEN', {
    org: placed.overlay.org,
    object: objectKey(target),
    place: placed.place(),
    message: `${placed.patch.path} is not for overlays`,
    expected: 'a path below /spec or /metadata/labels, other than the version of the pack',
    found: placed.patch.path,
  });
}

function stale(placed: PlacedPatch, target: Manifest['id'], expected: string, found: string): Finding {
  return finding('OVERLAY_STALE', {
    org: placed.overlay.org,
    object: objectKey(target),
    place: placed.place(),
    message: `${placed.patch.op} ${placed.patch.path} no longer fits`,
    expected,
    found,
  });
}

/** A copy of the document with the value at the pointer set, or taken away; only what is on the way is copied. */
function setAt(document: JsonObject, pointer: string, value: Json | undefined): JsonObject {
  const set = (node: Json | undefined, steps: readonly string[]): Json => {
    const [step = '', ...rest] = steps;
    if (Array.isArray(node)) {
      const index = step === '-' ? node.length : Number(step);
      const copy: Json[] = [...node];
      if (rest.length > 0) copy[index] = set(copy[index], rest);
      else if (value === undefined) copy.splice(index, 1);
      else copy[index] = value;
      return copy;
    }
    const copy: Record<string, Json> = { ...(isJsonObject(node) ? node : {}) };
    if (rest.length > 0) copy[step] = set(copy[step], rest);
    else if (value === undefined) delete copy[step];
    else copy[step] = value;
    return copy;
  };
  return set(document, pointerSteps(pointer)) as JsonObject;
}
