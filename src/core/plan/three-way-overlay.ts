import { documentPointer, fromKeyed, toKeyed } from '../kinds/index.ts';
import {
  type AnyValue,
  type Conflict,
  isJsonObject,
  type Json,
  type JsonObject,
  type Kind,
  type Overlay,
  valueAt,
} from '../model/index.ts';
import { applyKeyed } from './keyed.ts';
import { mergeThreeWay, type Sides, sameJson } from './three-way.ts';

export type Patch = Overlay['spec']['patches'][number];
export type ConflictItem = Conflict['spec']['items'][number];
export type Choice = ConflictItem['suggestion'];

/** What a patch of an overlay means after an upgrade of the template. */
export type Verdict =
  | { readonly type: 'unchanged'; readonly sides: Sides }
  /** `hides`: the template changed something at the same place that our value does not have. */
  | { readonly type: 'refreshed'; readonly patch: Patch; readonly hides: boolean; readonly sides: Sides }
  /** The new template says it already, or a person gave it up. */
  | { readonly type: 'unnecessary' }
  | ({ readonly type: 'conflict' } & Undecided);

/** A conflict without the file that it is about. */
export interface Undecided extends Sides {
  readonly cause: 'both-changed' | 'target-gone' | 'field-gone';
  readonly words: string;
  readonly suggestion: Choice;
}

export interface OverlaidTarget {
  readonly kind: Kind;
  /** What the old template generates, without overlays. */
  readonly base: JsonObject;
  /** What the new template generates, without overlays; null when it does not generate the object. */
  readonly theirs: JsonObject | null;
  /** Every patch of this target, in the order in which they apply; they apply to `base`. */
  readonly patches: readonly Patch[];
  /** What a person decided about a conflict of the patch at this index; null for nothing. */
  readonly decided: (index: number, conflict: Undecided) => Choice | null;
}

/**
 * Judges the patches of one generated manifest against the manifest that the new template generates, one after the
 * other, each seeing what those before it made. One verdict for each patch. A patch never changes its own value; only its
 * guard is made to say what the new template says.
 */
export function judgePatches(target: OverlaidTarget): readonly Verdict[] {
  const { kind, patches, decided } = target;
  let base = toKeyed(kind, target.base);
  let theirs = target.theirs === null ? null : toKeyed(kind, target.theirs);
  return patches.map((patch, index) => {
    const patched = patchedBy(kind, base, patch);
    const verdict = settle(
      kind,
      theirs,
      { ...judge(kind, { base, ours: patched, theirs }, patch), patch },
      (conflict) => decided(index, conflict),
    );
    base = patched;
    if (theirs !== null && verdict.type === 'unchanged') theirs = patchedBy(kind, theirs, patch);
    if (theirs !== null && verdict.type === 'refreshed') theirs = patchedBy(kind, theirs, verdict.patch);
    return verdict;
  });
}

interface Documents {
  readonly base: JsonObject;
  readonly ours: JsonObject;
  readonly theirs: JsonObject | null;
}

function judge(kind: Kind, documents: Documents, patch: Patch): { readonly verdict: Verdict } {
  const { path } = patch;
  const { theirs } = documents;
  const sides: Sides = {
    base: shown(kind, documents.base, path),
    ours: shown(kind, documents.ours, path),
    theirs: theirs === null ? undefined : shown(kind, theirs, path),
  };
  if (theirs === null) return gone('target-gone', 'the new template does not generate the object', sides);
  if (path.endsWith('/-')) return { verdict: judgeAppended(theirs, patch, sides) };
  const keyed = {
    base: valueAt(documents.base, path),
    ours: valueAt(documents.ours, path),
    theirs: valueAt(theirs, path),
  };
  const hasParent = isContainer(parentOf(theirs, path));
  if (sameJson(keyed.theirs, keyed.ours)) return { verdict: { type: 'unnecessary' } };
  if (!hasParent || (patch.op === 'replace' && keyed.theirs === undefined)) {
    return gone('field-gone', 'the new template does not have the field', sides);
  }
  if (sameJson(keyed.theirs, keyed.base)) return { verdict: { type: 'unchanged', sides } };
  const merged = mergeThreeWay(kind, keyed, path);
  if (merged.clashes.length > 0 || keyed.ours === undefined) {
    const words = 'the org and the new template both changed it';
    return { verdict: { type: 'conflict', cause: 'both-changed', words, ...sides, suggestion: { take: 'ours' } } };
  }
  const hides = !sameJson(merged.value, keyed.ours);
  return { verdict: { type: 'refreshed', patch: refreshed(kind, theirs, patch), hides, sides } };
}

function gone(cause: 'target-gone' | 'field-gone', words: string, sides: Sides): { readonly verdict: Verdict } {
  return { verdict: { type: 'conflict', cause, words, ...sides, suggestion: { take: 'theirs' } } };
}

/** An item that goes to the end of a plain list has no place of its own: the list must be there, and not hold it yet. */
function judgeAppended(theirs: JsonObject, patch: Patch, sides: Sides): Verdict {
  const list = parentOf(theirs, patch.path);
  if (!Array.isArray(list)) {
    const words = 'the new template does not have the list';
    return { type: 'conflict', cause: 'field-gone', words, ...sides, suggestion: { take: 'theirs' } };
  }
  const has = list.some((item: Json) => sameJson(item, patch.value as Json));
  return has ? { type: 'unnecessary' } : { type: 'unchanged', sides };
}

/** Follows what a person decided. Where it cannot be followed, the conflict stays. */
function settle(
  kind: Kind,
  theirs: JsonObject | null,
  judged: { readonly verdict: Verdict; readonly patch: Patch },
  decided: (conflict: Undecided) => Choice | null,
): Verdict {
  const { verdict, patch } = judged;
  if (verdict.type !== 'conflict') return verdict;
  const { type: _type, ...conflict } = verdict;
  const choice = decided(conflict);
  if (choice === null) return verdict;
  if (choice.take === 'theirs') return { type: 'unnecessary' };
  const own: Patch =
    choice.take === 'value' && choice.value !== undefined ? { ...patch, op: 'replace', value: choice.value } : patch;
  if (theirs === null || !holds(theirs, own)) return verdict;
  return {
    type: 'refreshed',
    patch: refreshed(kind, theirs, own),
    hides: true,
    sides: { base: conflict.base, ours: conflict.ours, theirs: conflict.theirs },
  };
}

/** The patch with a guard that says what stands there; without one, and as an addition, where nothing does. */
function refreshed(kind: Kind, theirs: JsonObject, patch: Patch): Patch {
  const { was: _was, ...rest } = patch;
  const found = shown(kind, theirs, patch.path);
  if (found === undefined) return { ...rest, op: 'add' };
  return { ...rest, op: patch.op === 'add' ? 'replace' : patch.op, was: found as AnyValue };
}

/** What stands at a keyed pointer as a person writes it: lists as lists. A member of a set is `true`, as patches have it. */
function shown(kind: Kind, keyed: JsonObject, path: string): Json | undefined {
  const value = valueAt(keyed, path);
  if (!isContainer(value)) return value;
  const document = fromKeyed(kind, keyed);
  return valueAt(document, documentPointer(kind, document, path));
}

/** A keyed document after a patch; lists that a person wrote where the keyed form has a map become that map. */
function patchedBy(kind: Kind, keyed: JsonObject, patch: Patch): JsonObject {
  const { path, op } = patch;
  const operation = op === 'remove' ? { op, path } : { op, path, value: patch.value };
  return toKeyed(kind, fromKeyed(kind, applyKeyed(keyed, [operation])));
}

/** True when the patch can be made there once its guard is right: no list has a place beyond its end. */
function holds(document: JsonObject, { path, op }: Patch): boolean {
  const parent = parentOf(document, path);
  const free = isJsonObject(parent) && op !== 'remove';
  return free || (isContainer(parent) && valueAt(document, path) !== undefined);
}

function parentOf(document: JsonObject, path: string): Json | undefined {
  return valueAt(document, path.slice(0, path.lastIndexOf('/')));
}

function isContainer(value: Json | undefined): value is JsonObject | readonly Json[] {
  return isJsonObject(value) || Array.isArray(value);
}
