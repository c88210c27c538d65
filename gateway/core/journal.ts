import {
  EVENT_TYPES,
  type GatewayEvent,
  type Hash,
  type JournalLine,
  parseJson,
  type Sha256Hex,
} from '../../src/core/model/index.ts';

export const FIRST_PREVIOUS = '0'.repeat(64) as Sha256Hex;

/** Where a journal stands: the number and hash of its last line. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: Sha256Hex;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, hash: FIRST_PREVIOUS };

/** A line as it is written, without its line feed, and the hash of exactly that text. */
export interface WrittenLine extends ChainHead {
  readonly text: string;
  readonly event: GatewayEvent;
}

/** What is kept of a durable line until it is delivered. */
export interface KeptLine extends ChainHead {
  readonly text: string;
}

/** A line without its event, of which nothing is asked again. */
export function keptLine({ sequence, hash, text }: WrittenLine): KeptLine {
  return { sequence, hash, text };
}

/** The line that follows `head`. */
export function nextLine(head: ChainHead, event: GatewayEvent, hash: Hash): WrittenLine {
  const sequence = head.sequence + 1;
  const text = `{"sequence":${sequence},"previous":"${head.hash}","event":${JSON.stringify(event)}}`;
  return { sequence, hash: hash.sha256(text), text, event };
}

/** The lines of one write as they stand in a file: first what the journal comes to once all of them are there. */
export function flushText(lines: readonly KeptLine[]): string {
  const last = lines.at(-1);
  if (last === undefined) return '';
  let text = `{"through":${last.sequence},"hash":"${last.hash}"}\n`;
  for (const line of lines) text += `${line.text}\n`;
  return text;
}

/** One line of a file of the journal: where a flush begins and what it comes to, or a line of the evidence. */
export type Item =
  | { readonly kind: 'flush'; readonly end: ChainHead }
  | { readonly kind: 'line'; readonly line: WrittenLine; readonly previous: Sha256Hex };

const HASH = /^[0-9a-f]{64}$/;

/** Reads an item back; undefined for any other text. */
export function readItem(text: string, hash: Hash): Item | undefined {
  let item: Partial<JournalLine> & { readonly through?: unknown; readonly hash?: unknown };
  try {
    item = parseJson(text) as typeof item;
  } catch {
    return undefined;
  }
  if (typeof item !== 'object' || item === null) return undefined;
  const end = readHead(item.through, item.hash);
  if (end !== undefined) return { kind: 'flush', end };
  const { sequence, event } = item;
  if (typeof sequence !== 'number' || typeof event !== 'object' || event === null) return undefined;
  const before = readHead(sequence - 1, item.previous);
  if (before === undefined) return undefined;
  if (!EVENT_TYPES.includes(event.type)) return undefined;
  return { kind: 'line', line: { sequence, hash: hash.sha256(text), text, event }, previous: before.hash };
}

/** A place in a journal as somebody told it, or undefined. */
export function readHead(sequence: unknown, hash: unknown): ChainHead | undefined {
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0) return undefined;
  return typeof hash === 'string' && HASH.test(hash) ? { sequence, hash: hash as Sha256Hex } : undefined;
}

/** True where both are the same line of the same journal. */
export function isSameLine(one: ChainHead, other: ChainHead): boolean {
  return one.sequence === other.sequence && one.hash === other.hash;
}

/** The line that a line says is before it. */
export function lineBefore({ sequence, text }: KeptLine): ChainHead {
  return { sequence: sequence - 1, hash: (parseJson(text) as unknown as JournalLine).previous };
}
