import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { type Place, type PlaceOf, pointerSteps, type RepoPath } from '../model/index.ts';

/** A file as the parser with positions sees it. */
export interface Parsed {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** Parses with positions. Errors and warnings are in the document; may throw RangeError on nesting beyond the stack. */
export function parseWithPlaces(text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    // Not `silent`: the parser would then say nothing of a second document.
    logLevel: 'error',
    lineCounter: lines,
  });
  return { document, lines };
}

export function placeOfOffset(file: RepoPath, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

/** Looks up places in a parsed document; see `PlaceOf`. */
export function placesOf(file: RepoPath, { document, lines }: Parsed): PlaceOf {
  return (pointer, at = 'value') => placeOfOffset(file, lines, offsetOf(document, pointerSteps(pointer), at));
}

/** The same for a text that is parsed only when somebody asks. The text must be one that parses. */
export function lazyPlacesOf(file: RepoPath, text: string): PlaceOf {
  let places: PlaceOf | undefined;
  return (pointer, at) => {
    places ??= placesOf(file, parseWithPlaces(text));
    return places(pointer, at);
  };
}

function offsetOf(document: Document.Parsed, steps: readonly string[], at: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let key: number | undefined;
  let missing = false;
  for (const step of steps) {
    const next = childOf(node, step);
    missing = next === undefined;
    if (next === undefined) break;
    key = startOfNode(next.key) ?? startOfNode(next.value);
    node = next.value;
  }
  const value = startOfNode(node);
  // Of an ancestor, the key is what a person looks for; its value may begin lines below.
  return (at === 'key' || missing ? (key ?? value) : (value ?? key)) ?? 0;
}

function childOf(node: unknown, step: string): { readonly key: unknown; readonly value: unknown } | undefined {
  if (isMap(node)) return node.items.find((pair) => keyText(pair) === step);
  if (!isSeq(node) || !/^(0|[1-9][0-9]*)$/.test(step)) return undefined;
  const value = node.items[Number(step)];
  return value === undefined ? undefined : { key: undefined, value };
}

function keyText(pair: Pair<unknown, unknown>): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/** Where a node begins, or undefined for none. */
export function startOfNode(node: unknown): number | undefined {
  const { range } = (node ?? {}) as Partial<Node>;
  return range?.[0];
}
