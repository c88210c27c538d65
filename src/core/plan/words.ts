import { fieldFacts, keyInWords } from '../kinds/index.ts';
import { isJsonObject, type Json, type Kind, pointerSteps, withUnseen } from '../model/index.ts';
import { isOrder, orderKeys, type Position } from './ordered.ts';
import { entriesTexts, orderTexts, pairTexts, valueText } from './value-text.ts';

/** One changed field, with the values that may be shown. */
export interface FieldWords {
  readonly kind: Kind;
  /** Keyed form. */
  readonly path: string;
  readonly sensitive: boolean;
  /** Absent where the field is; never a sensitive value. */
  readonly before?: Json;
  readonly after?: Json;
  /** The currencies of the object on both sides, for fields of money. */
  readonly currencies: { readonly before: string; readonly after: string };
  /** How often the limit of a wallet starts anew, after the change; empty for everything else. */
  readonly period?: string;
  /** Of an entry of an ordered list, after the change. */
  readonly position?: Position | null;
}

/** Entries whose coming and going grants or takes a right: said as such. Key: kind and pointer of the list. */
const RIGHTS: { readonly [list: string]: readonly [granted: string, taken: string] } = {
  'Token/spec/gateways': ['may now call gateway', 'may no longer call gateway'],
  'Token/spec/scopes': ['may now use scope', 'may no longer use scope'],
  'Token/spec/models': ['may now ask for model', 'may no longer ask for model'],
  'Token/spec/paths': ['may now call path', 'may no longer call path'],
  'Token/spec/addresses': ['may now call from', 'may no longer call from'],
  'Gateway/spec/egress': ['may now reach', 'may no longer reach'],
};

/** Lists that bound what is allowed while they are there: without one, everything is. */
const BOUNDS: { readonly [list: string]: readonly [set: string, lifted: string] } = {
  'Token/spec/models': ['may now ask only for models', 'may now ask for every model, no longer only for'],
  'Token/spec/paths': ['may now call only the paths', 'may now call every path, no longer only'],
  'Token/spec/addresses': ['may now call only from', 'may now call from everywhere, no longer only from'],
};

/** How a diff says one changed field: "monthly limit 500 -> 800 EUR (+60 %)", "member ana@acme.example added". */
export function fieldWords(field: FieldWords): string {
  const { kind, path, before, after } = field;
  if (field.sensitive) return `${labelOf(kind, path)} changed`;
  const list = path.slice(0, path.lastIndexOf('/'));
  const key = withUnseen(keyInWords(kind, list, pointerSteps(path).at(-1) ?? ''));
  if (isOrder(path)) return orderWords(field, list);
  if (isEntry(kind, list) && (before === undefined || after === undefined)) return entryWords(field, list, key);
  const bound = BOUNDS[`${kind}${path}`];
  if (bound !== undefined && before === undefined) return `${bound[0]} ${amountText(field, 'after')}`;
  if (bound !== undefined && after === undefined) return `${bound[1]} ${amountText(field, 'before')}`;
  const label = limitLabel(field);
  if (before === undefined) return `${label} set to ${amountText(field, 'after')}`;
  if (after === undefined) return `${label} ${amountText(field, 'before')} removed`;
  if (Array.isArray(before) && Array.isArray(after)) return listWords(label, before, after);
  return `${label} ${changeText(field)}`;
}

const PERIODS: { readonly [period: string]: string } = {
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
  total: 'total',
};

/** The label of a field; of a limit of money with its period: "monthly limit". */
export function limitLabel({ kind, path, period = '' }: FieldWords): string {
  const often = fieldFacts(kind, path).money ? PERIODS[period] : undefined;
  return `${often === undefined ? '' : `${often} `}${labelOf(kind, path)}`;
}

/** What a diff calls the field at a pointer; below an open document its path in that document. */
export function labelOf(kind: Kind, path: string): string {
  const steps = pointerSteps(path).map(withUnseen);
  if (kind === 'Policy' && path.startsWith('/spec/document/')) return steps.slice(2).join('.');
  if (kind === 'Organization' && path.startsWith('/spec/inputs/')) return steps.slice(1).join('.');
  const words = fieldFacts(kind, path).words;
  return words === '' ? steps.join('.') : withUnseen(words);
}

/** `value` with its currency where the field is one of money. */
export function amountText(field: FieldWords, side: 'before' | 'after'): string {
  const value = field[side];
  if (value === undefined) return '';
  const isMoney = fieldFacts(field.kind, field.path).money && field.currencies[side] !== '';
  const text = valueText(withKeysInWords(field, value));
  return isMoney ? `${text} ${field.currencies[side]}` : text;
}

/** A list in keyed form by the keys that people read. */
function withKeysInWords({ kind, path }: FieldWords, value: Json): Json {
  if (!isJsonObject(value) || fieldFacts(kind, path).list !== 'keyed') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [keyInWords(kind, path, key), item]));
}

/** One of the things that a plural names: "signing keys" as "signing key". */
function singular(plural: string): string {
  if (/(ss|[^s]us|staff|egress)$/.test(plural)) return plural;
  if (/(ch|sh|x)es$/.test(plural)) return plural.slice(0, -2);
  return plural.endsWith('s') ? plural.slice(0, -1) : plural;
}

function isEntry(kind: Kind, list: string): boolean {
  const type = fieldFacts(kind, list).list;
  return type === 'keyed' || type === 'set' || type === 'ordered';
}

function entryWords(field: FieldWords, list: string, key: string): string {
  const { kind, position } = field;
  const added = field.before === undefined;
  const right = RIGHTS[`${kind}${list}`];
  if (right !== undefined) return `${added ? right[0] : right[1]} ${key}`;
  const label = labelOf(kind, list);
  const name = label.includes('.') ? `${label}: ${key}` : `${singular(label)} ${key}`;
  const place = added && position ? ` as ${position.place} of ${position.of}` : '';
  const value = added && isJsonObject(field.after) ? `: ${valueText(field.after)}` : '';
  return `${name} ${added ? 'added' : 'removed'}${place}${value}`;
}

function orderWords(field: FieldWords, list: string): string {
  const [left = [], right = []] = [field.before, field.after].map((order) =>
    typeof order === 'string' ? orderKeys(order).map(withUnseen) : [],
  );
  const [before, after] = orderTexts(left, right);
  return `order of ${labelOf(field.kind, list)} ${before} -> ${after}`;
}

function listWords(label: string, before: readonly Json[], after: readonly Json[]): string {
  const [left, right] = [before, after].map((items) => items.map((item) => JSON.stringify(item)));
  const added = after.filter((item) => !left?.includes(JSON.stringify(item)));
  const removed = before.filter((item) => !right?.includes(JSON.stringify(item)));
  if (added.length === 0 && removed.length === 0) return sameItemsWords(label, before, after);
  const [come, gone] = entriesTexts(added, removed);
  const parts = [
    ...(added.length === 0 ? [] : [`${come} added`]),
    ...(removed.length === 0 ? [] : [`${gone} removed`]),
  ];
  return `${label}: ${parts.join(', ')}`;
}

/** Another order, or another count of the same items; what may not be shown looks the same on both sides. */
function sameItemsWords(label: string, before: readonly Json[], after: readonly Json[]): string {
  const [left, right] = orderTexts(before.map(valueText), after.map(valueText));
  return left === right ? `${label} changed` : `${label}: order ${left} -> ${right}`;
}

function changeText(field: FieldWords): string {
  const { before = null, after = null, currencies } = field;
  const [left, right] = pairTexts(before, after);
  if (currencies.before !== currencies.after) return `${amountText(field, 'before')} -> ${amountText(field, 'after')}`;
  const currency = fieldFacts(field.kind, field.path).money ? ` ${currencies.after}`.trimEnd() : '';
  return `${left} -> ${right}${currency}${shareText(field)}`;
}

/** " (+60 %)" for numbers and money; nothing where there is no share to state. */
function shareText(field: FieldWords): string {
  const isNumber = typeof field.before === 'number' && typeof field.after === 'number';
  if (!isNumber && !fieldFacts(field.kind, field.path).money) return '';
  const [before, after] = [Number(field.before), Number(field.after)];
  if (!(before > 0) || !Number.isFinite(after)) return '';
  const percent = ((after - before) / before) * 100;
  const rounded = Math.abs(percent) < 10 ? Math.round(percent * 10) / 10 : Math.round(percent);
  return ` (${rounded < 0 ? '' : '+'}${rounded} %)`;
}
