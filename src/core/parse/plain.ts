import { isPlain } from '../kinds/index.ts';
import type { Json, JsonObject } from '../model/index.ts';

/** The lines of a text that hold something, by indent and what follows it. An item that is a map becomes a line of it. */
interface Lines {
  readonly indents: number[];
  readonly texts: string[];
  next: number;
}

/** One line while what is in brackets is read. */
interface Flow {
  readonly text: string;
  at: number;
}

// One error for all: it is never shown, and its stack would cost more than the reading.
const DECLINED = new Error('declined');
const [BLANK, HASH, DASH, QUOTE, APOSTROPHE] = [0x20, 0x23, 0x2d, 0x22, 0x27];
const [SQUARE, CURLY] = [0x5b, 0x7b];
const KEY_MAX = 128;
const KEY = /^[A-Za-z_$][A-Za-z0-9_./$-]*$/;
const NUMBER = /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$/;
// Begins with a digit and is no number to any reader: a letter that no notation of numbers has, or four parts.
const TEXT_OF_DIGIT =
  /^[0-9](?:[A-Za-z0-9.-]*[g-mp-wyzG-MP-WYZ][A-Za-z0-9.-]*|[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?::[0-9]{1,5})?)$/;

/**
 * Reads the part of YAML in which manifests are mostly written: maps and lists by indentation or in brackets on one line,
 * plain, quoted and numeric values on one line, whole-line comments. Undefined for everything else, everything doubtful
 * and every fault: the two full readers decide then, and say what is wrong. The law: a value that is given is the one
 * that both of them agree on. The text is well-formed and without control characters.
 */
export function readPlain(text: string, maxDepth: number): JsonObject | undefined {
  // A tab may separate or be text, a carriage return may break a line: neither is worth a rule here.
  if (text.includes('\t') || text.includes('\r')) return undefined;
  try {
    const lines = linesOf(text);
    if (lines.texts.length === 0 || lines.indents[0] !== 0) return undefined;
    const value = readMap(lines, 0, maxDepth);
    return lines.next < lines.texts.length ? undefined : value;
  } catch (error) {
    if (error !== DECLINED) throw error;
    return undefined;
  }
}

function decline(): never {
  throw DECLINED;
}

function linesOf(text: string): Lines {
  const [indents, texts]: [number[], string[]] = [[], []];
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    let start = at;
    while (text.charCodeAt(start) === BLANK) start += 1;
    if (start < end && text.charCodeAt(start) !== HASH) {
      if (text.charCodeAt(end - 1) === BLANK) decline();
      indents.push(start - at);
      texts.push(text.slice(start, end));
    }
    at = end + 1;
  }
  return { indents, texts, next: 0 };
}

function isItem(text: string): boolean {
  return text.charCodeAt(0) === DASH && (text.length === 1 || text.charCodeAt(1) === BLANK);
}

/** What stands below a line at `indent`: deeper, or a list at the same indent below a key. */
function readBlock(lines: Lines, indent: number, levels: number): Json {
  const own = lines.indents[lines.next] ?? -1;
  const list = isItem(lines.texts[lines.next] ?? '');
  if (own < indent || (own === indent && !list)) decline();
  return list ? readList(lines, own, levels) : readMap(lines, own, levels);
}

function readMap(lines: Lines, indent: number, levels: number): JsonObject {
  if (levels === 0) decline();
  const map: Record<string, Json> = {};
  while (lines.next < lines.texts.length && lines.indents[lines.next] === indent) {
    const text = lines.texts[lines.next] ?? '';
    if (isItem(text)) break;
    const colon = colonOf(text);
    if (colon < 0) decline();
    const key = keyOf(text.slice(0, colon), map);
    lines.next += 1;
    map[key] =
      colon === text.length - 1 ? readBlock(lines, indent, levels - 1) : readValue(text.slice(colon + 2), levels - 1);
  }
  return map;
}

/** The offset of the colon that ends a key at the beginning of a line, or -1; one blank or nothing follows it. */
function colonOf(text: string): number {
  const colon = text.indexOf(':');
  if (colon < 0 || colon === text.length - 1) return colon;
  return text.charCodeAt(colon + 1) === BLANK && text.charCodeAt(colon + 2) !== BLANK ? colon : -1;
}

// The same few hundred field names stand in every file; bounded, so that data cannot make it grow.
const knownKeys = new Map<string, string>();
const MOST_KEYS = 1000;

/** A key that every reader takes for this text, and that is not in the map yet. */
function keyOf(text: string, map: JsonObject): string {
  const key = knownKeys.get(text) ?? plainKey(text);
  return Object.hasOwn(map, key) ? decline() : key;
}

function plainKey(text: string): string {
  if (text.length > KEY_MAX || !KEY.test(text) || !(text.startsWith('$') || isPlain(text))) decline();
  if (text === '__proto__') decline();
  if (knownKeys.size < MOST_KEYS) knownKeys.set(text, text);
  return text;
}

function readList(lines: Lines, indent: number, levels: number): readonly Json[] {
  if (levels === 0) decline();
  const list: Json[] = [];
  while (lines.next < lines.texts.length && lines.indents[lines.next] === indent) {
    const text = lines.texts[lines.next] ?? '';
    if (!isItem(text)) break;
    list.push(readItem(lines, indent, levels - 1));
  }
  return list;
}

function readItem(lines: Lines, indent: number, levels: number): Json {
  const text = (lines.texts[lines.next] ?? '').slice(2);
  if (text === '') {
    lines.next += 1;
    // A list below a dash stands deeper than the dash.
    return readBlock(lines, indent + 1, levels);
  }
  if (text.charCodeAt(0) === BLANK || isItem(text)) decline();
  const colon = colonOf(text);
  if (colon > 0 && KEY.test(text.slice(0, colon))) {
    lines.indents[lines.next] = indent + 2;
    lines.texts[lines.next] = text;
    return readMap(lines, indent + 2, levels);
  }
  lines.next += 1;
  return readValue(text, levels);
}

/** The whole rest of a line. */
function readValue(text: string, levels: number): Json {
  const first = text.charCodeAt(0);
  if (first !== SQUARE && first !== CURLY) return readScalar(text);
  const flow: Flow = { text, at: 0 };
  const value = readFlow(flow, levels);
  return flow.at === text.length ? value : decline();
}

function readScalar(text: string): Json {
  const first = text.charCodeAt(0);
  if (first === QUOTE || first === APOSTROPHE) return readQuoted(text);
  if (isPlain(text)) return text;
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Object.is(value, -0) ? decline() : value;
  }
  return TEXT_OF_DIGIT.test(text) ? text : decline();
}

/** A text in quotes without an escape of any sort. */
function readQuoted(text: string): string {
  const inner = text.slice(1, -1);
  const mark = text.charAt(0);
  if (text.length < 2 || !text.endsWith(mark) || inner.includes(mark)) decline();
  return mark === '"' && inner.includes('\\') ? decline() : inner;
}

/** A list or map in brackets, or a scalar in one of them. */
function readFlow(flow: Flow, levels: number): Json {
  const first = flow.text.charCodeAt(flow.at);
  if (first === SQUARE) return readFlowList(flow, levels);
  if (first === CURLY) return readFlowMap(flow, levels);
  if (first === QUOTE || first === APOSTROPHE) {
    const end = flow.text.indexOf(flow.text.charAt(flow.at), flow.at + 1) + 1;
    const quoted = flow.text.slice(flow.at, end);
    flow.at = end;
    return end === 0 ? decline() : readQuoted(quoted);
  }
  let end = flow.at;
  while (end < flow.text.length && !',]}'.includes(flow.text.charAt(end))) end += 1;
  const text = flow.text.slice(flow.at, end).trimEnd();
  flow.at = end;
  return readScalar(text);
}

function skipBlanks(flow: Flow): void {
  while (flow.text.charCodeAt(flow.at) === BLANK) flow.at += 1;
}

/** After an item: past a comma to the next item, or past the bracket that ends it all. True when there is one more. */
function hasMore(flow: Flow, close: string): boolean {
  skipBlanks(flow);
  const mark = flow.text.charAt(flow.at);
  flow.at += 1;
  skipBlanks(flow);
  if (mark === close) return false;
  // Nothing after a comma is a matter of taste among readers.
  return mark === ',' && flow.text.charAt(flow.at) !== close ? true : decline();
}

function isEmptyFlow(flow: Flow, close: string): boolean {
  flow.at += 1;
  skipBlanks(flow);
  if (flow.text.charAt(flow.at) !== close) return false;
  flow.at += 1;
  return true;
}

function readFlowList(flow: Flow, levels: number): readonly Json[] {
  if (levels === 0) decline();
  const list: Json[] = [];
  if (isEmptyFlow(flow, ']')) return list;
  do list.push(readFlow(flow, levels - 1));
  while (hasMore(flow, ']'));
  return list;
}

function readFlowMap(flow: Flow, levels: number): JsonObject {
  if (levels === 0) decline();
  const map: Record<string, Json> = {};
  if (isEmptyFlow(flow, '}')) return map;
  do {
    const colon = flow.text.indexOf(':', flow.at);
    if (colon < 0 || flow.text.charCodeAt(colon + 1) !== BLANK) decline();
    const key = keyOf(flow.text.slice(flow.at, colon), map);
    flow.at = colon + 1;
    skipBlanks(flow);
    map[key] = readFlow(flow, levels - 1);
  } while (hasMore(flow, '}'));
  return map;
}
