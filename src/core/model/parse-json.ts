import { noteWritten } from './exact-numbers.ts';
import type { Json, JsonArray, JsonObject } from './json.ts';

/**
 * As JSON.parse, with the keys that the text has. V8 takes an escaped key for another one of as many characters where an object
 * before it had, in its place, a key that looks like the start of the escaped one (nodejs/node#63785: Node.js 24 and 26, not 20),
 * so that who writes one text chooses how the next is read. Texts without escaped keys go to JSON.parse as they are. An integer that
 * no double is stays known as it was written (`writtenAt`). Throws SyntaxError.
 */
export function parseJson(text: string): Json {
  const value = parsed(text);
  if (MAYBE_LONG.test(text)) noteIntegers(text, value);
  return value;
}

function parsed(text: string): Json {
  if (!escapesKey(text)) return JSON.parse(text) as Json;
  const names: string[] = [];
  let marked = '';
  let from = 0;
  try {
    forEachKey(text, (start, end, isEscaped) => {
      const written = text.slice(start, end + 1);
      marked += `${text.slice(from, start)}"k${names.length}"`;
      from = end + 1;
      // A text that is not in an object is read as it stands.
      names.push(isEscaped ? (JSON.parse(written) as string) : written.slice(1, -1));
      return true;
    });
    return unmarked(JSON.parse(marked + text.slice(from)) as Json, names);
  } catch {
    // What is wrong, and where, is said of the text itself.
    return JSON.parse(text) as Json;
  }
}

function escapesKey(text: string): boolean {
  let found = false;
  forEachKey(text, (_start, _end, isEscaped) => {
    found = isEscaped;
    return !found;
  });
  return found;
}

/** Every key of a JSON text by the quotes around it, while `see` says to go on. */
function forEachKey(text: string, see: (start: number, end: number, isEscaped: boolean) => boolean): void {
  let slash = text.indexOf('\\');
  let goesOn = slash !== -1;
  for (let start = text.indexOf('"'); goesOn && start !== -1; ) {
    if (slash !== -1 && slash < start) slash = text.indexOf('\\', start);
    const isPlain = slash === -1;
    const end = isPlain ? text.indexOf('"', start + 1) : endOfString(text, start);
    if (end === -1) return;
    let after = end + 1;
    while (isSpace(text.charCodeAt(after))) after += 1;
    if (text.charCodeAt(after) === 0x3a) goesOn = see(start, end, slash !== -1 && slash < end);
    start = text.indexOf('"', after);
  }
}

const isSpace = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;

/** Where the string of a JSON text that begins at `start` ends: its closing quote, or the end of the text. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

type Box = Json[] | { [key: string]: Json };

/** The value with the keys that stand for `names`; as deep as the parser goes, so without recursion. */
function unmarked(marked: Json, names: readonly string[]): Json {
  const top: Json[] = [];
  const open: [box: Box, key: string | number, value: Json][] = [[top, 0, marked]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [box, key, value] = next;
    if (typeof value !== 'object' || value === null) {
      put(box, key, value);
      continue;
    }
    const made: Box = Array.isArray(value) ? [] : {};
    put(box, key, made);
    const members = Object.entries(value) as [string, Json][];
    // The first one is put first: of a key that is there twice, its place and the last value count.
    for (const [name, inner] of members.reverse()) {
      open.push([made, Array.isArray(value) ? Number(name) : (names[Number(name.slice(1))] ?? ''), inner]);
    }
  }
  return top[0] ?? null;
}

/** An own member, also where its name is `__proto__`. */
function put(box: Box, key: string | number, value: Json): void {
  Object.defineProperty(box, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A number of as many digits as no double has, or a text that looks like one. */
const MAYBE_LONG = /[:,[\s-]\d{16,}\s*[,}\]]/;

/** Where a text has come to in an object or a list; null: of a key that is there twice, the last one was no such thing. */
interface Place {
  readonly holder: JsonArray | JsonObject | null;
  readonly isList: boolean;
  key: string | number;
  /** The next string is a key. */
  awaitsKey: boolean;
}

/** Notes the long integers of a text that `value` was parsed from. */
function noteIntegers(text: string, value: Json): void {
  let place: Place = { holder: [value], isList: true, key: 0, awaitsKey: false };
  const outer: Place[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) {
      const end = endOfString(text, at);
      if (place.awaitsKey) place.key = keyIn(text.slice(at, end + 1));
      at = end;
    } else if (unit === 0x7b || unit === 0x5b) {
      outer.push(place);
      place = placeIn(place, unit === 0x5b);
    } else if (unit === 0x7d || unit === 0x5d) {
      place = outer.pop() ?? place;
    } else if (unit === 0x3a) {
      place.awaitsKey = false;
    } else if (unit === 0x2c) {
      if (place.isList) place.key = Number(place.key) + 1;
      else place.awaitsKey = true;
    } else if (isOfNumber(unit)) {
      const start = at;
      while (isOfNumber(text.charCodeAt(at + 1))) at += 1;
      if (at - start >= 15) noteWritten(place.holder ?? [], String(place.key), text.slice(start, at + 1));
    }
  }
}

const keyIn = (written: string): string =>
  written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);

function placeIn({ holder, key }: Place, isList: boolean): Place {
  const inner = holder !== null && Object.hasOwn(holder, key) ? (holder as JsonObject)[key] : undefined;
  const isSame = typeof inner === 'object' && inner !== null && Array.isArray(inner) === isList;
  return { holder: isSame ? (inner as Place['holder']) : null, isList, key: isList ? 0 : '', awaitsKey: !isList };
}

/** Of a number, and the `e` of the three words of JSON, which are short. */
const isOfNumber = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x2b || unit === 0x2e || unit === 0x65 || unit === 0x45;
