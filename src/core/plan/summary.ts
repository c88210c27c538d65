import { type FieldFacts, fieldFacts, toKeyed } from '../kinds/index.ts';
import {
  type FieldChange,
  isJsonObject,
  type Json,
  type JsonObject,
  type Kind,
  type ObjectSide,
  objectKey,
  pointerStep,
} from '../model/index.ts';
import { currencyOf, type ProvenanceOf, periodOf, shownSides, withSource } from './fields.ts';
import { sensitiveFields } from './sensitive.ts';
import { amountText, limitLabel, valueText } from './words.ts';

const SHOWN_FIELDS = 8;

/** The main fields of an object that comes: money first, then what it refers to, then the rest. */
export function createdFields(after: ObjectSide, sourceOf?: ProvenanceOf): readonly FieldChange[] {
  return mainFields(after, 'after', (path) => sourceOf?.(objectKey(after.id), path) ?? null);
}

/** The main fields of an object that goes. */
export function deletedFields(before: ObjectSide): readonly FieldChange[] {
  return mainFields(before, 'before', () => null);
}

function mainFields(
  side: ObjectSide,
  which: 'before' | 'after',
  sourceOf: (path: string) => FieldChange['source'],
): readonly FieldChange[] {
  const { kind } = side.id;
  const keyed = toKeyed(kind, side.document);
  const isSensitive = sensitiveFields(kind, keyed);
  const [currency, period] = [currencyOf(keyed), periodOf(keyed)];
  const ranked = leaves(kind, keyed)
    .filter(({ path }) => !isSensitive(path))
    .map((leaf, position) => ({ leaf, rank: rankOf(leaf.facts), position }))
    .sort((a, b) => a.rank - b.rank || a.position - b.position);
  return ranked.slice(0, SHOWN_FIELDS).map(({ leaf }) => {
    const { path, facts } = leaf;
    const values = shownSides(isSensitive, path, { before: undefined, after: undefined, [which]: leaf.value });
    const field = {
      kind,
      path,
      sensitive: false,
      ...values,
      currencies: { before: currency, after: currency },
      period,
    };
    const text =
      isJsonObject(leaf.value) && facts.list !== null ? valueText(Object.keys(leaf.value)) : amountText(field, which);
    return withSource({ path, ...values, words: `${limitLabel(field)} ${text}` }, () => sourceOf(path));
  });
}

interface Leaf {
  readonly path: string;
  readonly value: Json;
  readonly facts: FieldFacts;
}

/** The fields of spec that have words of their own; one level deeper where an object only groups them. */
function leaves(kind: Kind, keyed: JsonObject): readonly Leaf[] {
  const spec = keyed['spec'];
  if (!isJsonObject(spec)) return [];
  const leafAt = (path: string, value: Json): Leaf => ({ path, value, facts: fieldFacts(kind, path) });
  return Object.entries(spec).flatMap(([key, value]): Leaf[] => {
    const leaf = leafAt(`/spec/${pointerStep(key)}`, value);
    if (!isJsonObject(value) || leaf.facts.list !== null) return [leaf];
    return Object.entries(value)
      .map(([inner, part]) => leafAt(`${leaf.path}/${pointerStep(inner)}`, part))
      .filter((below) => !isJsonObject(below.value) || below.facts.list !== null);
  });
}

function rankOf({ money, ref }: FieldFacts): number {
  if (money) return 0;
  return ref !== null ? 1 : 2;
}
