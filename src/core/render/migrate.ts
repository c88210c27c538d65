import {
  isJsonObject,
  type Json,
  type JsonObject,
  pointerStep,
  pointerSteps,
  type Template,
  valueAt,
} from '../model/index.ts';
import type { YamlEdit } from './migrate-text.ts';

export type Migrations = NonNullable<Template['spec']['migrations']>;

/** An input that was to move to a place that holds something already; pointers below the inputs. */
export interface TakenPlace {
  readonly from: string;
  readonly to: string;
  readonly moved: Json;
  readonly there: Json;
}

export interface MigratedInputs {
  readonly inputs: JsonObject;
  /** What was done, one after the other; pointers below the inputs. */
  readonly edits: readonly YamlEdit[];
  readonly taken: readonly TakenPlace[];
}

/**
 * The inputs of an org after the migrations of one version: inputs moved, then defaults set where the org says nothing.
 * A move to a place that is taken is left out and reported; `keep` says which value a person wants there.
 */
export function migrateInputs(
  inputs: JsonObject,
  { moves, defaults = [] }: Migrations,
  keep: (place: TakenPlace) => 'moved' | 'there' | null,
): MigratedInputs {
  const edits: YamlEdit[] = [];
  const taken: TakenPlace[] = [];
  let current = inputs;
  const make = (edit: YamlEdit): void => {
    edits.push(edit);
    current = edited(current, edit);
  };
  for (const { from, to } of inOrder(moves.flatMap((move) => placesOf(inputs, move)))) {
    const [moved, there] = [valueAt(current, from), valueAt(current, to)];
    if (moved === undefined) continue;
    const place: TakenPlace | null = there === undefined ? null : { from, to, moved, there };
    const kept = place === null ? 'moved' : keep(place);
    if (place !== null && kept === null) taken.push(place);
    if (place !== null && kept === 'moved') make({ op: 'remove', path: to });
    if (kept === 'moved') make({ op: 'move', from, to });
    if (kept === 'there') make({ op: 'remove', path: from });
  }
  for (const { path, value } of defaults) {
    for (const place of defaultPlaces(current, path)) make({ op: 'set', path: place, value: value as Json });
  }
  return { inputs: current, edits, taken };
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/** The moves of a version with `*` written out: the children that the first pointer meets stand for those of the second. */
function placesOf(inputs: JsonObject, { from, to }: Move): readonly Move[] {
  return starsOf(inputs, pointerSteps(from)).map(({ steps, stars }) => {
    let next = 0;
    const target = pointerSteps(to).map((step) => (step === '*' ? (stars[next++] ?? step) : step));
    return { from: pointerOf(steps), to: pointerOf(target) };
  });
}

interface Place {
  readonly steps: readonly string[];
  /** What each `*` stands for. */
  readonly stars: readonly string[];
}

function starsOf(value: Json, pattern: readonly string[]): readonly Place[] {
  let places: readonly Place[] = [{ steps: [], stars: [] }];
  for (const step of pattern) {
    places = places.flatMap(({ steps, stars }) => {
      if (step !== '*') return [{ steps: [...steps, step], stars }];
      return childrenOf(valueAt(value, pointerOf(steps))).map((name) => ({
        steps: [...steps, name],
        stars: [...stars, name],
      }));
    });
  }
  return places;
}

function childrenOf(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return [...value.keys()].map(String);
  return isJsonObject(value) ? Object.keys(value) : [];
}

function pointerOf(steps: readonly string[]): string {
  return steps.map((step) => `/${pointerStep(step)}`).join('');
}

/** A move into a place that another one empties comes after that one. What goes in a circle keeps its order. */
function inOrder(moves: readonly Move[]): readonly Move[] {
  const left = [...moves];
  const ordered: Move[] = [];
  while (left.length > 0) {
    const free = left.findIndex((move) => !left.some((other) => other !== move && other.from === move.to));
    ordered.push(...left.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

/** Where a default is to be set: the place says nothing, and what it would stand in is there. */
function defaultPlaces(inputs: JsonObject, path: string): readonly string[] {
  const steps = pointerSteps(path);
  const stars = steps.includes('*') ? starsOf(inputs, steps).map((place) => pointerOf(place.steps)) : [path];
  return stars.filter((pointer) => valueAt(inputs, pointer) === undefined);
}

/** Plain inputs after one edit: what the edited text must say. */
export function edited(inputs: JsonObject, edit: YamlEdit): JsonObject {
  switch (edit.op) {
    case 'set':
      return withValue(inputs, pointerSteps(edit.path), edit.value) as JsonObject;
    case 'remove':
      return withValue(inputs, pointerSteps(edit.path), undefined) as JsonObject;
    case 'move': {
      const value = valueAt(inputs, edit.from);
      const without = withValue(inputs, pointerSteps(edit.from), undefined);
      return withValue(without, pointerSteps(edit.to), value) as JsonObject;
    }
  }
}

function withValue(node: Json | undefined, [step = '', ...rest]: readonly string[], value: Json | undefined): Json {
  if (Array.isArray(node)) {
    const copy: Json[] = [...node];
    const index = Number(step);
    if (rest.length > 0) copy[index] = withValue(copy[index], rest, value);
    else if (value === undefined) copy.splice(index, 1);
    else copy[index] = value;
    return copy;
  }
  const copy: Record<string, Json> = { ...(isJsonObject(node) ? node : {}) };
  if (rest.length > 0) copy[step] = withValue(copy[step], rest, value);
  else if (value === undefined) delete copy[step];
  else copy[step] = value;
  return copy;
}
