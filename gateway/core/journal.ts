import {
  EVENT_TYPES,
  type GatewayEvent,
  type Hash,
  type JournalLine,
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

/** Reads a line back: `torn` when it is no line at all, `unchained` when it does not follow `head` (null: the first line kept). */
export function readLine(head: ChainHead | null, text: string, hash: Hash): WrittenLine | 'torn' | 'unchained' {
  let line: JournalLine;
  try {
    line = JSON.parse(text) as JournalLine;
  } catch {
    return 'torn';
  }
  const { sequence, previous, event } = line;
  if (!Number.isSafeInteger(sequence) || typeof event !== 'object' || event === null) return 'unchained';
  if (!EVENT_TYPES.includes(event.type)) return 'unchained';
  if (head !== null && (sequence !== head.sequence + 1 || previous !== head.hash)) return 'unchained';
  return { sequence, hash: hash.sha256(text), text, event };
}
