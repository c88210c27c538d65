import { fieldFacts, fromKeyed, toKeyed } from '../kinds/index.ts';
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

type Patch = Overlay['spec']['patches'][number];

/** Patches of one overlay with where they stand. */
export interface PlacedPatch {
  readonly patch: Patch;
  readonly overlay: Manifest;
  /** Its place; asked only for what is reported or traced. */
  readonly place: () => Place;
}

/** A document after its patches, and the patch that won for each pointer that one touched. */
export interface Patched {
  readonly document: JsonObject;
  readonly touched: ReadonlyMap<string, PlacedPatch>;
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
  const touched = new Map<string, PlacedPatch>();
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
    patched = fromKeyed(target.kind, holdsLists ? normal(target, written) : written);
    touched.set(path, placed);
  }
  return { document: patched, touched };
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
