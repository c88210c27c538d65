import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  truncateSync,
  write,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Hash } from '../../src/core/model/index.ts';
import { type ChainHead, EMPTY_CHAIN, type KeptLine, keptLine, readLine, type WrittenLine } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import { syncFolder } from './files.ts';

// The files of the journal: NDJSON segments named by their first sequence.

/** A file of the journal: its first sequence, and how many of its bytes are durable. */
export interface Segment {
  readonly first: number;
  size: number;
  /** Where some of its lines begin, ascending, so that a reader of a few lines reads few bytes. */
  readonly marks: Mark[];
}

interface Mark {
  readonly sequence: number;
  readonly at: number;
}

/** What a journal on disk comes to. */
export interface Recovered {
  readonly head: ChainHead;
  /** Ascending. */
  readonly segments: readonly Segment[];
  readonly tail: readonly KeptLine[];
}

interface RecoverOptions {
  readonly folder: string;
  readonly hash: Hash;
  readonly visit?: (line: WrittenLine) => void;
  /** The most lines to keep in memory. */
  readonly tailLines: number;
  /** The most bytes that a power cut can have torn. */
  readonly maxTornBytes: number;
}

/** The least distance between two marks. */
const MARK_BYTES = 1 << 16;
const SEGMENT = /^([0-9]{16})\.ndjson$/;

/** An empty segment that begins with `first`. */
export function newSegment(first: number): Segment {
  return { first, size: 0, marks: [] };
}

/** Notes that the line `sequence` begins at the byte `at`. */
export function mark(segment: Segment, sequence: number, at: number): void {
  const last = segment.marks.at(-1);
  if (last === undefined || at - last.at >= MARK_BYTES) segment.marks.push({ sequence, at });
}

export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}.ndjson`);
}

/**
 * Reads every line that is kept and shows it to `visit`; room that was never written is cut, and a torn end is cut and kept
 * aside. Throws GATEWAY_JOURNAL_BROKEN.
 */
export function recover({ folder, hash, visit, tailLines, maxTornBytes }: RecoverOptions): Recovered {
  const names = readdirSync(folder)
    .filter((name) => SEGMENT.test(name))
    .sort();
  const segments: Segment[] = [];
  let tail: KeptLine[] = [];
  let head: ChainHead | null = null;
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    const file = readFileSync(path);
    const bytes = withoutRoom(file);
    const segment = newSegment(Number(SEGMENT.exec(name)?.[1] ?? 0));
    const read = readLines(bytes, head, hash);
    const first = read.lines[0];
    if (first !== undefined && first.line.sequence !== segment.first) throw broken(name, first.line.sequence);
    for (const { line, at } of read.lines) {
      visit?.(line);
      mark(segment, line.sequence, at);
      head = line;
    }
    tail = [...tail, ...read.lines.slice(-tailLines).map(({ line }) => keptLine(line))].slice(-tailLines);
    segment.size = read.goodBytes;
    if (read.goodBytes > 0) segments.push(segment);
    if (read.goodBytes === bytes.length) {
      if (bytes.length < file.length) truncateSync(path, bytes.length);
      continue;
    }
    if (!read.isTorn || index < names.length - 1 || bytes.length - read.goodBytes > maxTornBytes) {
      throw broken(name, (head?.sequence ?? 0) + 1);
    }
    writeFileSync(join(folder, `torn-${name}`), bytes.subarray(read.goodBytes), { mode: 0o600 });
    if (read.goodBytes === 0) rmSync(path);
    else truncateSync(path, read.goodBytes);
    syncFolder(folder);
  }
  return { head: head ?? EMPTY_CHAIN, segments, tail };
}

/** What was written into a segment: the zeros of room at its end belong to no line, since JSON has none. */
function withoutRoom(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

interface ReadLines {
  readonly lines: readonly { readonly line: WrittenLine; readonly at: number }[];
  readonly goodBytes: number;
  readonly isTorn: boolean;
}

/** The lines that stand whole in `bytes` and follow one another. */
function readLines(bytes: Buffer, head: ChainHead | null, hash: Hash): ReadLines {
  const lines: { readonly line: WrittenLine; readonly at: number }[] = [];
  let before = head;
  let at = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
    const line = readLine(before, bytes.toString('utf8', at, end), hash);
    if (line === 'torn') break;
    if (line === 'unchained') return { lines, goodBytes: at, isTorn: false };
    lines.push({ line, at });
    before = line;
    at = end + 1;
  }
  return { lines, goodBytes: at, isTorn: true };
}

function broken(name: string, sequence: number): GatewayFailure {
  return new GatewayFailure(
    'GATEWAY_JOURNAL_BROKEN',
    `expected an unbroken chain in the journal, found a line that does not follow at ${name}, sequence ${sequence}`,
  );
}

/**
 * Lines from `sequence` on that memory no longer has, at least one and about `maxBytes` of them. What is read is bounded
 * by that and by the distance of two marks, however long the segment is.
 */
export function readFrom(
  from: { readonly folder: string; readonly hash: Hash; readonly segments: readonly Segment[] },
  sequence: number,
  maxBytes: number,
): readonly KeptLine[] {
  const holder = from.segments.findLast((segment) => segment.first <= sequence) ?? from.segments[0];
  if (holder === undefined) return [];
  const start = holder.marks.findLast((known) => known.sequence <= sequence)?.at ?? 0;
  for (let wanted = maxBytes + 2 * MARK_BYTES; ; wanted *= 2) {
    const end = Math.min(holder.size, start + wanted);
    const bytes = readBytes(segmentPath(from.folder, holder.first), start, end);
    const { lines } = readLines(bytes, null, from.hash);
    const found = lines.flatMap(({ line }) => (line.sequence >= sequence ? [keptLine(line)] : []));
    if (found.length > 0 || end === holder.size) return found;
  }
}

function readBytes(path: string, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  const file = openSync(path, 'r');
  try {
    let got = 0;
    while (got < bytes.length) {
      const count = readSync(file, bytes, got, bytes.length - got, start + got);
      if (count === 0) break;
      got += count;
    }
    return bytes.subarray(0, got);
  } finally {
    closeSync(file);
  }
}

/** Writes all of `bytes` at `position`; resolves when the system has taken them. */
export function writeAll(descriptor: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const rest = (offset: number): void => {
      write(descriptor, bytes, offset, bytes.length - offset, position + offset, (error, written) => {
        if (error !== null) reject(error);
        else if (offset + written < bytes.length) rest(offset + written);
        else resolve();
      });
    };
    rest(0);
  });
}
