import {
  exactAs,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  parseJson,
  writtenAt,
} from '../../model/index.ts';
import { type EditNode, editItems, type Pass, PLAIN, type TextFacts } from './walk.ts';

// Arguments of tools: JSON as text, or a value. Every string, number and key counts, and of a value the key that it stands under.

/** Tool arguments: JSON as text, or a value whose every string, number and key counts, as they do in that text. */
export const editArgumentNode: EditNode = (value, role, pass) => {
  if (typeof value !== 'string') return editDeep(value, role, pass, PLAIN);
  return editArguments(value, (text, key) => pass.edit(text, role, key === null ? PLAIN : { key }));
};

function editDeep(value: Json, role: string, pass: Pass, facts: TextFacts): Json {
  if (typeof value === 'string') return pass.edit(value, role, facts);
  const editHeld = (holder: JsonArray | JsonObject, key: string | number, item: Json, known: TextFacts): Json => {
    if (typeof item !== 'number') return editDeep(item, role, pass, known);
    const text = writtenAt(holder, key) ?? String(item);
    const edited = editNumber(text, (number) => pass.edit(number, role, known));
    return edited === text ? item : edited;
  };
  if (Array.isArray(value)) {
    const list = value as JsonArray;
    return editItems(list, (item, index) => editHeld(list, index, item, facts));
  }
  if (!isJsonObject(value)) return editHeld([], 0, value, facts);
  let isChanged = false;
  const members = Object.entries(value).map(([key, item]): [string, Json] => {
    const member: [string, Json] = [pass.edit(key, role, PLAIN), editHeld(value, key, item, { key })];
    isChanged ||= member[0] !== key || member[1] !== item;
    return member;
  });
  return isChanged ? exactAs(Object.fromEntries(numbered(members)), value) : value;
}

/** Keys that an edit has made alike get a number, so that no member takes the place of another. */
function numbered(members: readonly (readonly [string, Json])[]): readonly (readonly [string, Json])[] {
  const taken = new Set<string>();
  return members.map(([key, item]) => {
    let name = key;
    for (let count = 2; taken.has(name); count += 1) name = `${key} ${count}`;
    taken.add(name);
    return [name, item];
  });
}

const TOKENS = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?\d[\d.eE+-]*/g;
const COLON = /\s*:/y;

/** Answers the text to put in place of one; `key` is the last key before a value, null for a key and for what is no JSON. */
type EditArgument = (text: string, key: string | null) => string;

/**
 * Edits the strings and numbers of JSON that is carried as text, the arguments of a tool call. Escapes cannot hide a text, nor an
 * exponent a number, and every byte outside an edited token stays as it is. Text that is not JSON (code, or cut off) is edited as
 * plain text as well, and gets no quotes that it does not have.
 */
export function editArguments(given: string, edit: EditArgument): string {
  const isWhole = isJson(given);
  let key: string | null = null;
  const edited = given.replace(TOKENS, (token: string, offset: number) => {
    if (!token.startsWith('"')) {
      const number = editNumber(token, (text) => edit(text, key));
      return number === token || !isWhole ? number : JSON.stringify(number);
    }
    const { text, write } = readString(token);
    const isKey = standsBeforeColon(given, offset + token.length);
    const replaced = edit(text, isKey ? null : key);
    if (isKey) key = text;
    return replaced === text ? token : write(replaced);
  });
  return isWhole ? edited : edit(edited, null);
}

/** A number as it is written, else as a tool reads it: 4.1e3 is 4100. */
function editNumber(token: string, edit: (text: string) => string): string {
  const replaced = edit(token);
  if (replaced !== token) return replaced;
  const read = String(Number(token));
  if (read === token || read === 'NaN') return token;
  const again = edit(read);
  return again === read ? token : again;
}

function standsBeforeColon(json: string, end: number): boolean {
  COLON.lastIndex = end;
  return COLON.test(json);
}

interface StringToken {
  readonly text: string;
  /** The token with another text in it. */
  readonly write: (text: string) => string;
}

const ESCAPED = /\\u([0-9A-Fa-f]{4})/g;

function readString(token: string): StringToken {
  const whole = parsedString(token);
  if (whole !== null) return { text: whole, write: (text) => JSON.stringify(text) };
  const cutOff = parsedString(`${token}"`);
  if (cutOff !== null) return { text: cutOff, write: (text) => JSON.stringify(text).slice(0, -1) };
  // No JSON: the characters themselves count.
  const text = token.slice(1).replace(ESCAPED, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return { text, write: (other) => `"${other}` };
}

function parsedString(token: string): string | null {
  try {
    return String(parseJson(token));
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}
