import { type FieldFacts, fieldFacts, toKeyed } from '../kinds/index.ts';
import {
  byCodeUnit,
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
import { amountText, limitLabel } from './words.ts';

/** So many fields that nobody looks for first are shown beside those that are, and so many of a document of a policy in all. */
const SHOWN_OTHERS = 8;
const SHOWN_OF_DOCUMENT = 24;

/** The fields of an object that comes: all that money, access and policy are about, then some of the rest, then how many more. */
export function createdFields(after: ObjectSide, sourceOf?: ProvenanceOf): readonly FieldChange[] {
  return mainFields(after, 'after', (path) => sourceOf?.(objectKey(after.id), path) ?? null);
}

/** The same of an object that goes. */
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
  const all = leaves(kind, keyed)
    .filter(({ path }) => !isSensitive(path))
    .sort((a, b) => rankOf(a) - rankOf(b) || byCodeUnit(a.path, b.path));
  const shown = shownOf(all);
  const fields = shown.map(({ path, value }) => {
    const values = shownSides(isSensitive, path, { before: undefined, after: undefined, [which]: value });
    const field = {
      kind,
      path,
      sensitive: false,
      ...values,
      currencies: { before: currency, after: currency },
      period,
    };
    return withSource({ path, ...values, words: `${limitLabel(field)} ${amountText(field, which)}` }, () =>
      sourceOf(path),
    );
  });
  const left = all.length - shown.length;
  return left === 0 ? fields : [...fields, { path: '/spec', words: `and ${counted(left)} more`, source: null }];
}

const counted = (count: number): string => (count === 1 ? '1 field' : `${count} fields`);

interface Leaf {
  readonly path: string;
  readonly value: Json;
  readonly facts: FieldFacts;
  /** In a part of the object whose fields its schema leaves open. */
  readonly isOpen: boolean;
}

/** Every field of spec that holds a value or a list, however deep: the order of a file says nothing of what is shown. */
function leaves(kind: Kind, keyed: JsonObject): readonly Leaf[] {
  const below = (path: string, value: Json): readonly Leaf[] => {
    const facts = fieldFacts(kind, path);
    if (isJsonObject(value) && facts.list === null) return inside(path, value);
    return [{ path, value, facts, isOpen: OPEN_DOCUMENTS.some((open) => path.startsWith(open)) }];
  };
  const inside = (path: string, value: JsonObject): readonly Leaf[] =>
    Object.entries(value).flatMap(([key, part]) => below(`${path}/${pointerStep(key)}`, part));
  const spec = keyed['spec'];
  return isJsonObject(spec) ? inside('/spec', spec) : [];
}

const OPEN_DOCUMENTS = ['/spec/document/', '/spec/inputs/'];

function shownOf(ranked: readonly Leaf[]): readonly Leaf[] {
  const room = new Map([
    ['document', SHOWN_OF_DOCUMENT],
    ['other', SHOWN_OTHERS],
  ]);
  return ranked.filter(({ facts, isOpen }) => {
    const part = isOpen ? 'document' : facts.topic === 'other' ? 'other' : null;
    if (part === null) return true;
    const left = (room.get(part) ?? 0) - 1;
    room.set(part, left);
    return left >= 0;
  });
}

/** What a policy does when it finds something, and whether it is in force: `response/action`, `on_no_compliant_provider`, `enabled`. */
const ACTION = /\/(action|enabled|on_[a-z_]+)$/;

/** Amounts, then what is referred to and lists of what is granted, then what was chosen, then the rest of what a topic is about, then all else. */
function rankOf({ facts, path, isOpen }: Leaf): number {
  if (facts.money) return 0;
  if (facts.topic === 'other') return 6;
  if (isOpen) return facts.list === 'ordered' ? 1 : ACTION.test(path) ? 2 : 5;
  if (facts.ref !== null) return 1;
  if (facts.list !== null) return 2;
  return facts.choice ? 3 : 4;
}
