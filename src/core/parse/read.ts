import { load } from 'js-yaml';
import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type PlaceOf,
  type RepoPath,
  type Result,
  startOf,
  type YamlFile,
} from '../model/index.ts';
import { lazyPlacesOf, type Parsed, parseWithPlaces, placeOfOffset, placesOf } from './document.ts';
import { readPlain } from './plain.ts';
import { type Fault, findingOf, placeAt, type Source, sourceOf } from './source.ts';
import { deepAt, textOf } from './text.ts';
import { misusesOf } from './tree.ts';
import { type BadValue, badValue, firstDifference } from './values.ts';

/** How large a file may be before it is decoded, and how deep its values may be nested. */
export interface ReadLimits {
  readonly bytes: number;
  readonly depth: number;
}

export const DEFAULT_LIMITS: ReadLimits = { bytes: 256 * 1024, depth: 64 };

/** Brackets in texts count in the scan before parsing, so it allows more than the parsers do. */
const SCAN_FACTOR = 4;
const FINDINGS_MAX = 50;

/**
 * `strict`: two independent readers must agree; for every file that is not accepted yet.
 * `fast`: one reader; for files that were accepted before and have not changed since.
 */
export interface ReadOptions {
  readonly mode?: 'strict' | 'fast';
  readonly limits?: Partial<ReadLimits>;
}

/**
 * Reads one YAML file as a map of plain JSON values, or says what is wrong, each with line and column. Never throws.
 * `fast` accepts more than `strict`, which also refuses what only one of two readers reads so, and what manifests do not
 * use (anchors, aliases, tags, empty keys). Of a text in the plain subset the two are the reader of that subset and the fast
 * full one, of any other the two full ones (template-notes.md); what is not accepted so is read by the two full ones for its
 * findings. Plans and applies read strictly.
 */
export function readYaml(data: Uint8Array | string, file: RepoPath, options: ReadOptions = {}): Result<YamlFile> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const source = sourceOf(file);
  const text = textOf(data, source, limits.bytes);
  if (typeof text !== 'string') return refused(source, [text]);
  const isFast = options.mode === 'fast';
  const plain = isFast ? readPlain(text, limits.depth) : readAlike(text, limits.depth, loadValue);
  if (plain !== undefined) return accepted(file, plain, lazyPlacesOf(file, text));
  if (isFast) {
    const value = loadValue(text, limits.depth);
    if (value.ok && isJsonObject(value.json) && badValue(value.json, limits.depth) === undefined) {
      return accepted(file, value.json, lazyPlacesOf(file, text));
    }
  }
  return readByFullReaders(text, source, limits);
}

/** A text of the plain subset as its own reader gives it, where a `second` one, which is not ours, gives the same; else undefined. */
export function readAlike(
  text: string,
  maxDepth: number,
  second: (text: string, maxDepth: number) => Loaded,
): JsonObject | undefined {
  const plain = readPlain(text, maxDepth);
  if (plain === undefined) return undefined;
  const other = second(text, maxDepth);
  return other.ok && firstDifference(plain, other.json) === undefined ? plain : undefined;
}

function accepted(file: RepoPath, value: JsonObject, placeOf: PlaceOf): Result<YamlFile> {
  return { ok: true, value: { file, value, placeOf }, findings: [] };
}

function refused(source: Source, faults: readonly Fault[]): { readonly ok: false; readonly findings: Finding[] } {
  return { ok: false, findings: faults.slice(0, FINDINGS_MAX).map((fault) => findingOf(source, fault)) };
}

/** As `readYaml` reads what is not in the plain subset: both full readers must agree, and their faults are the findings. */
export function readByFullReaders(text: string, source: Source, limits: ReadLimits): Result<YamlFile> {
  const deep = deepAt(text, limits.depth * SCAN_FACTOR);
  if (deep !== undefined) return refused(source, [tooDeep(source, text, deep, limits.depth)]);
  const other = loadValue(text, limits.depth);
  if (!other.ok && other.deep) return refused(source, [tooDeep(source, text, other.offset, limits.depth)]);
  const parsed = parse(text);
  if (parsed === undefined) return refused(source, [tooDeep(source, text, 0, limits.depth)]);
  const faults = misusesOf(parsed.document, text).map(
    ({ offset, ...rest }): Fault => ({ ...rest, place: placeOfOffset(source.file, parsed.lines, offset) }),
  );
  if (faults.length > 0) return refused(source, faults);
  return compare(text, source, { parsed, other, limits });
}

/** What both readers made of one text that neither of them refused outright. */
interface Readings {
  readonly parsed: Parsed;
  readonly other: Loaded;
  readonly limits: ReadLimits;
}

function compare(text: string, source: Source, { parsed, other, limits }: Readings): Result<YamlFile> {
  const placeOf = placesOf(source.file, parsed);
  const value = parsed.document.toJS({ maxAliasCount: 0 }) as Json;
  if (!isJsonObject(value)) return refused(source, [notAMap(source, value, placeOf)]);
  const bad = badValue(value, limits.depth);
  if (bad !== undefined) return refused(source, [unsafe(bad, placeOf)]);
  if (!other.ok) {
    return refused(source, [ambiguous(placeAt(source.file, text, other.offset), `one reader stops: ${other.reason}`)]);
  }
  const difference = firstDifference(value, other.json);
  if (difference !== undefined) return refused(source, [ambiguous(placeOf(difference), 'two different values')]);
  return accepted(source.file, value, placeOf);
}

function parse(text: string): Parsed | undefined {
  try {
    return parseWithPlaces(text);
  } catch {
    return undefined;
  }
}

type Loaded =
  | { readonly ok: true; readonly json: Json }
  | { readonly ok: false; readonly deep: boolean; readonly offset: number; readonly reason: string };

/** The second reader: fast, without places, refuses aliases, unknown tags and double keys by itself. */
function loadValue(text: string, maxDepth: number): Loaded {
  try {
    // This reader's own limit is the first depth that it refuses.
    return { ok: true, json: load(text, { maxDepth: maxDepth + 1, maxAliases: 0 }) as Json };
  } catch (error) {
    const { reason, mark } = error as { readonly reason?: string; readonly mark?: { readonly position?: number } };
    const words = reason ?? 'it cannot read the file';
    return { ok: false, deep: words.includes('maxDepth'), offset: mark?.position ?? 0, reason: words };
  }
}

function tooDeep(source: Source, text: string, offset: number, depth: number): Fault {
  return {
    code: 'YAML_TOO_DEEP',
    place: placeAt(source.file, text, offset),
    message: 'the file is nested too deeply',
    expected: `at most ${depth} levels`,
    found: 'more',
  };
}

function notAMap(source: Source, value: Json, placeOf: PlaceOf): Fault {
  return {
    code: 'YAML_NOT_A_MAP',
    place: value === null ? startOf(source.file) : placeOf(''),
    message: 'the file is no map of fields',
    expected: 'fields such as apiVersion and kind',
    found: value === null ? 'an empty file' : Array.isArray(value) ? 'a list' : 'a single value',
  };
}

function unsafe({ pointer, rule, found }: BadValue, placeOf: PlaceOf): Fault {
  const place = placeOf(pointer, rule === 'key' ? 'key' : 'value');
  switch (rule) {
    case 'key':
      return { code: 'YAML_KEY', place, message: 'a key is not allowed', expected: 'another key', found };
    case 'number':
      return {
        code: 'YAML_NUMBER',
        place,
        message: 'a number is not read alike by everyone',
        expected: 'a finite number, whole ones between -(2^53 - 1) and 2^53 - 1',
        found,
      };
    case 'text':
      return {
        code: 'YAML_ENCODING',
        place,
        message: 'a text is not well-formed Unicode',
        expected: 'whole characters',
        found,
      };
    case 'unseen':
      return {
        code: 'YAML_CONTROL_CHARACTER',
        place,
        message: 'a value holds a character that cannot be seen',
        expected: 'visible characters, blanks, tabs and line breaks',
        found,
      };
    case 'depth':
      return { code: 'YAML_TOO_DEEP', place, message: 'nested too deeply', expected: 'fewer levels', found };
  }
}

function ambiguous(place: Fault['place'], found: string): Fault {
  return {
    code: 'YAML_AMBIGUOUS',
    place,
    message: 'two YAML readers do not agree',
    expected: 'the same value from both',
    found,
  };
}
