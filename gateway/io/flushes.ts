import type { Hash, Sha256Hex } from '../../src/core/model/index.ts';
import { type ChainHead, isSameLine, readItem, type WrittenLine } from '../core/index.ts';

// What stands in a file of the journal: flushes, each the lines of one write behind an item that says with which line, of which
// hash, it ends. So a write of which a part is missing is never taken for a shorter one, and the last line is proved as
// every other is by the one behind it.

/** The lines of one write, whole. */
export interface Flush {
  readonly lines: readonly WrittenLine[];
  /** The hash that its first line says is the one of the line before. */
  readonly previous: Sha256Hex;
  /** Its bytes. */
  readonly at: number;
  readonly end: number;
}

/**
 * What follows the flushes that are whole: nothing; a flush of which the end is not there; one that a power cut may have left,
 * with zeros where sectors were not written; or anything else, which no crash leaves.
 */
export type Rest = 'nothing' | 'begun' | 'torn' | 'broken';

export interface ReadFlushes {
  readonly flushes: readonly Flush[];
  /** Where they end. */
  readonly goodBytes: number;
  readonly rest: Rest;
}

const LINE_FEED = 10;

/** The flushes that stand whole at the beginning of `bytes` and go on from `head` (null: from wherever the first one does). */
export function readFlushes(bytes: Buffer, head: ChainHead | null, hash: Hash): ReadFlushes {
  const flushes: Flush[] = [];
  let before = head;
  let at = 0;
  while (at < bytes.length) {
    const read = readFlush({ bytes, at, hash }, before);
    if (typeof read === 'string') return { flushes, goodBytes: at, rest: read };
    flushes.push(read);
    before = read.lines.at(-1) ?? before;
    at = read.end;
  }
  return { flushes, goodBytes: at, rest: 'nothing' };
}

interface Place {
  readonly bytes: Buffer;
  readonly at: number;
  readonly hash: Hash;
}

/**
 * The flush at a place, or what stands there instead. One write is under way at a time and its bytes are lines, so all that a
 * crash can leave is one flush, the last, with an end or whole sectors of it missing: whatever is there of it has to fit.
 * A line outside of any flush is of a journal of before, and stands for itself.
 */
function readFlush({ bytes, at, hash }: Place, head: ChainHead | null): Flush | Rest {
  const lines: WrittenLine[] = [];
  let begin: Sha256Hex | undefined;
  let wanted: ChainHead | undefined;
  let before = head;
  let isHoled = false;
  let next = at;
  for (let end = bytes.indexOf(LINE_FEED, next); end !== -1; end = bytes.indexOf(LINE_FEED, next)) {
    const [from, isFirst] = [next, next === at];
    next = end + 1;
    if (bytes.subarray(from, end).includes(0)) {
      [isHoled, before] = [true, null];
      continue;
    }
    const item = readItem(bytes.toString('utf8', from, end), hash);
    if (item === undefined || (item.kind === 'flush' && !isFirst)) return 'broken';
    if (item.kind === 'flush') {
      wanted = item.end;
      continue;
    }
    const { line, previous } = item;
    if (before !== null && !isSameLine(before, { sequence: line.sequence - 1, hash: previous })) return 'broken';
    before = line;
    lines.push(line);
    begin ??= previous;
    const left = (wanted?.sequence ?? line.sequence) - line.sequence;
    if (left < 0 || (wanted !== undefined && (left === 0) !== (line.hash === wanted.hash))) return 'broken';
    if (left === 0 && !isHoled) return { lines, previous: begin, at, end: next };
  }
  const isHole = bytes.subarray(next).includes(0);
  // A write that was cut leaves no item whole with another byte in place of its line feed.
  if (!isHole && readItem(bytes.toString('utf8', next, bytes.length - 1), hash) !== undefined) return 'broken';
  return isHoled || isHole ? 'torn' : 'begun';
}
