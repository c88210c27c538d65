import { ORDER_KEY } from '../kinds/index.ts';
import { byCodeUnit, isJsonObject, type Json, type JsonObject, withUnseen } from '../model/index.ts';
import { orderKeys } from './ordered.ts';
import { isMasked } from './sensitive.ts';

const SHOWN_CHARS = 80;
const SHOWN_ITEMS = 6;
const SHOWN_OBJECT_CHARS = 240;
/** So much before the first difference is shown, so that one sees where it is. */
const LEAD_CHARS = 20;
const PLAIN = /^[\p{L}\p{N}_@.:/+*#%…-]+$/u;
const HIDDEN = '(not shown)';

/** A value as words show it: short, on one line, quoted where it is not plain, with unseen characters written out. */
export function valueText(value: Json): string {
  if (Array.isArray(value)) return listText(distinctTexts(value.slice(0, SHOWN_ITEMS)), value.length);
  if (isJsonObject(value)) return objectText(value);
  return typeof value === 'string' ? quoted(cutAround(value, 0)) : String(value);
}

/** Both sides of a change; they read alike only where the values are the same. */
export function pairTexts(before: Json, after: Json): readonly [before: string, after: string] {
  const exact = distinctTexts([before, after]);
  const [left = '', right = ''] =
    isJsonObject(before) || isJsonObject(after) || Array.isArray(before) || Array.isArray(after)
      ? distinctOr([valueText(before), valueText(after)], exact)
      : exact;
  return [left, right];
}

/** Items as far as there is room, of `all` that there are. */
export function listText(items: readonly string[], all = items.length): string {
  if (all === 0) return 'nothing';
  const rest = all - Math.min(items.length, SHOWN_ITEMS);
  return `${items.slice(0, SHOWN_ITEMS).join(', ')}${rest <= 0 ? '' : ` and ${rest} more`}`;
}

/** Two orders of the same items; of long ones the part in which they differ. */
export function orderTexts(before: readonly string[], after: readonly string[]): readonly [string, string] {
  const at = before.findIndex((item, index) => item !== after[index]);
  const from = at < SHOWN_ITEMS - 1 ? 0 : at - 1;
  const told = (items: readonly string[]): string =>
    `${from === 0 ? '' : '…, '}${listText(items.slice(from), items.length - from)}`;
  return [told(before), told(after)];
}

/** Items that were added and those that were removed, as far as there is room: none reads like another one. */
export function entriesTexts(added: readonly Json[], removed: readonly Json[]): readonly [string, string] {
  const shown = [added, removed].map((items) => items.slice(0, SHOWN_ITEMS));
  const texts = distinctTexts(shown.flat());
  const count = shown[0]?.length ?? 0;
  return [listText(texts.slice(0, count), added.length), listText(texts.slice(count), removed.length)];
}

/** Each value by a text that is cut around where it differs from the others; by the whole of it where that does not tell them apart. */
function distinctTexts(values: readonly Json[]): readonly string[] {
  const whole = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const texts = values.map((value, index) => {
    if (isMasked(value)) return HIDDEN;
    const text = whole[index] ?? '';
    const cut = cutAround(text, differsAt(text, whole));
    return typeof value === 'string' ? quoted(cut) : withUnseen(cut);
  });
  return distinctOr(
    texts,
    values.map((value) => (isMasked(value) ? HIDDEN : withUnseen(JSON.stringify(value)))),
  );
}

/** The texts, with the whole of each that reads like another one. */
function distinctOr(texts: readonly string[], whole: readonly string[]): readonly string[] {
  return texts.map((text, index) => {
    const isAmbiguous = texts.some((other, at) => other === text && whole[at] !== whole[index]);
    return isAmbiguous ? (whole[index] ?? text) : text;
  });
}

/** Where a text is first another one than any of the others: the last such place. */
function differsAt(text: string, others: readonly string[]): number {
  return Math.max(0, ...others.filter((other) => other !== text).map((other) => commonLength(text, other)));
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** A text that has room, or the part of it around `at`, never half of a character. */
function cutAround(text: string, at: number): string {
  if (text.length <= SHOWN_CHARS) return text;
  const from = at < SHOWN_CHARS - LEAD_CHARS ? 0 : wholeAt(text, at - LEAD_CHARS);
  const to = wholeAt(text, from + SHOWN_CHARS - 1);
  return `${from === 0 ? '' : '…'}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}

function wholeAt(text: string, index: number): number {
  const isInside = /[\udc00-\udfff]/.test(text[index] ?? '') && /[\ud800-\udbff]/.test(text[index - 1] ?? '');
  return isInside ? index - 1 : index;
}

function quoted(text: string): string {
  const seen = withUnseen(text);
  return PLAIN.test(text) && seen === text ? text : withUnseen(JSON.stringify(text));
}

/** The fields of an object as far as there is room, and how many more; of a set its members, of an ordered list its order. */
function objectText(value: JsonObject): string {
  if (isMasked(value)) return HIDDEN;
  const order = value[ORDER_KEY];
  const keys = Object.keys(value).filter((key) => key !== ORDER_KEY);
  const isSet = keys.every((key) => value[key] === true);
  const parts = isSet
    ? (typeof order === 'string' ? orderKeys(order) : inOrder(keys)).map(withUnseen)
    : keys.map((key) => partText(key, value[key]));
  let chars = 0;
  const fits = parts.findIndex((part) => {
    chars += part.length + 2;
    return chars > SHOWN_OBJECT_CHARS;
  });
  const shown = fits < 0 ? parts.length : Math.max(1, fits);
  const rest = parts.length - shown;
  return parts.length === 0 ? 'nothing' : `${parts.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}

/** Members of a set as people read them: 80 before 100, everything else by its text. */
function inOrder(keys: readonly string[]): readonly string[] {
  const areNumbers = keys.every((key) => /^\d{1,15}$/.test(key));
  return keys.toSorted((a, b) => (areNumbers ? Number(a) - Number(b) : 0) || byCodeUnit(a, b));
}

/** One part of an object: "max_requests 60", "log (url https://logs.acme.example)". */
function partText(key: string, value: Json | undefined): string {
  const name = withUnseen(key);
  if (value === undefined) return name;
  return isJsonObject(value) && !isMasked(value) ? `${name} (${objectText(value)})` : `${name} ${valueText(value)}`;
}
