import {
  closeSync,
  fdatasync,
  ftruncate,
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
import { promisify } from 'node:util';
import type { Hash } from '../../src/core/model/index.ts';
import { type ChainHead, EMPTY_CHAIN, isSameLine, type KeptLine, keptLine, type WrittenLine } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import { errorCode, syncFolder } from './files.ts';
import { type Flush, readFlushes } from './flushes.ts';
import type { KnownLine } from './state.ts';

// The files of the journal: NDJSON segments named by their first sequence.

/** A file of the journal: its first sequence, and how many of its bytes are durable. */
export interface Segment {
  readonly first: number;
  size: number;
  /** Where some of its flushes begin, ascending, so that a reader of a few lines reads few bytes. */
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
  /** Lines that were in it, as the rest of the state folder tells. */
  readonly known?: readonly KnownLine[];
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

/** Notes that the flush of which `sequence` is the first line begins at the byte `at`. */
export function mark(segment: Segment, sequence: number, at: number): void {
  const last = segment.marks.at(-1);
  if (last === undefined || at - last.at >= MARK_BYTES) segment.marks.push({ sequence, at });
}

export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}.ndjson`);
}

/**
 * Reads every line that is kept and shows it to `visit`; room that was never written is cut, and a flush that a crash left
 * unfinished is cut and kept aside. Throws GATEWAY_JOURNAL_BROKEN.
 */
export function recover({ folder, hash, visit, known = [], tailLines, maxTornBytes }: RecoverOptions): Recovered {
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
    const { flushes, goodBytes, rest } = readFlushes(bytes, head, hash);
    const first = flushes[0];
    if (first !== undefined && sequenceOf(first) !== segment.first) throw broken(name, sequenceOf(first));
    if (first !== undefined && head === null) requireSame(known, { sequence: segment.first - 1, hash: first.previous });
    for (const flush of flushes) {
      mark(segment, sequenceOf(flush), flush.at);
      for (const line of flush.lines) {
        requireSame(known, line);
        visit?.(line);
        head = line;
      }
    }
    const lines = flushes.slice(-tailLines).flatMap((flush) => flush.lines);
    tail = [...tail, ...lines.slice(-tailLines).map(keptLine)].slice(-tailLines);
    segment.size = goodBytes;
    if (goodBytes > 0) segments.push(segment);
    if (rest === 'nothing') {
      if (bytes.length < file.length) truncateSync(path, bytes.length);
      continue;
    }
    const isCrash = rest !== 'broken' && index === names.length - 1 && bytes.length - goodBytes <= maxTornBytes;
    if (!isCrash) throw broken(name, (head?.sequence ?? 0) + 1);
    writeFileSync(join(folder, `torn-${name}`), bytes.subarray(goodBytes), { mode: 0o600 });
    if (goodBytes === 0) rmSync(path);
    else truncateSync(path, goodBytes);
    syncFolder(folder);
  }
  requireThere(known, head ?? EMPTY_CHAIN);
  return { head: head ?? EMPTY_CHAIN, segments, tail };
}

const sequenceOf = ({ lines }: Flush): number => lines[0]?.sequence ?? 0;

function requireSame(known: readonly KnownLine[], line: ChainHead): void {
  for (const { sequence, hash, why } of known) {
    if (sequence === line.sequence && hash !== null && !isSameLine({ sequence, hash }, line)) {
      throw lost(`line ${sequence} of hash ${hash}, which ${why}`, `another one of hash ${line.hash}`);
    }
  }
}

function requireThere(known: readonly KnownLine[], head: ChainHead): void {
  for (const { sequence, why } of known) {
    if (sequence > head.sequence) throw lost(`line ${sequence}, which ${why}`, `the last one to be ${head.sequence}`);
  }
}

/** What was written into a segment: the zeros of room at its end belong to no line, since JSON has none. */
function withoutRoom(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

function broken(name: string, sequence: number): GatewayFailure {
  return new GatewayFailure(
    'GATEWAY_JOURNAL_BROKEN',
    `expected an unbroken chain in the journal, found a line that does not follow at ${name}, sequence ${sequence}`,
  );
}

function lost(expected: string, found: string): GatewayFailure {
  return new GatewayFailure('GATEWAY_JOURNAL_BROKEN', `expected ${expected}, in the journal, found ${found}`);
}

/** A line that has to be there and cannot be read. */
export function unreadable(sequence: number, why = 'none there'): GatewayFailure {
  return new GatewayFailure('GATEWAY_JOURNAL_BROKEN', `expected to read line ${sequence} of the journal, found ${why}`);
}

/**
 * Lines from `sequence` on that memory no longer has, at least one and about `maxBytes` of them: where lines before it are
 * deleted, from the first on that is kept. What is read is bounded by that, by the distance of two marks and by a flush,
 * however long the segment is. Throws GATEWAY_JOURNAL_BROKEN.
 */
export function readFrom(
  from: { readonly folder: string; readonly hash: Hash; readonly segments: readonly Segment[] },
  sequence: number,
  maxBytes: number,
): readonly KeptLine[] {
  const holder = from.segments.findLast((segment) => segment.first <= sequence) ?? from.segments[0];
  if (holder === undefined) throw unreadable(sequence);
  const start = holder.marks.findLast((known) => known.sequence <= sequence)?.at ?? 0;
  for (let wanted = maxBytes + 2 * MARK_BYTES; ; wanted *= 2) {
    const end = Math.min(holder.size, start + wanted);
    const bytes = readBytes(segmentPath(from.folder, holder.first), start, end, sequence);
    const { flushes, rest } = readFlushes(bytes, null, from.hash);
    const lines = flushes.flatMap((flush) => flush.lines);
    const found = lines.filter((line) => line.sequence >= sequence).map(keptLine);
    if (found.length > 0) return found;
    if (end === holder.size || bytes.length < end - start || rest === 'broken' || rest === 'torn')
      throw unreadable(sequence, 'its bytes changed');
  }
}

function readBytes(path: string, start: number, end: number, sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    let got = 0;
    while (got < bytes.length) {
      const count = readSync(file, bytes, got, bytes.length - got, start + got);
      if (count === 0) break;
      got += count;
    }
    return bytes.subarray(0, got);
  } catch (error) {
    throw unreadable(sequence, errorCode(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Cuts a file that a failed write may have left lines in; resolves when that is durable. */
export async function cutDurably(descriptor: number, length: number): Promise<void> {
  await promisify(ftruncate)(descriptor, length);
  await promisify(fdatasync)(descriptor);
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
