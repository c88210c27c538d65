import {
  close,
  constants,
  ftruncate,
  mkdirSync,
  open,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  write,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { GatewayEvent, Hash } from '../../src/core/model/index.ts';
import { type ChainHead, EMPTY_CHAIN, nextLine, readLine, type WrittenLine } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import { syncFolder } from './files.ts';

// The gateway's evidence on disk: NDJSON segments, every line numbered and chained to the one before. Many requests
// share one synchronous write (group commit): what comes in during a flush goes out together in the next.

/** A durable, chained, append-only record. `append` resolves when the line survives a power cut. */
export interface Journal {
  /** Rejects when the line could not be made durable; then it is not in the journal, now or later. */
  append(event: GatewayEvent): Promise<WrittenLine>;
  /** The number of the last durable line. */
  head(): ChainHead;
  /** Durable lines after `sequence`, in order, at most `limit` of them and about `maxBytes` of text. */
  after(sequence: number, limit: number, maxBytes?: number): readonly WrittenLine[];
  /** Deletes segments whose every line is at or below `sequence`. */
  discardThrough(sequence: number): void;
  /** Work done since it was opened. */
  readonly counters: { readonly lines: number; readonly syncs: number; readonly failures: number };
  /** Flushes what waits and closes the file. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly folder: string;
  readonly hash: Hash;
  /** A segment is closed when it has grown to this size. */
  readonly segmentBytes?: number;
  /** How many durable lines are kept in memory for shipping; older ones are read from disk. */
  readonly tailLines?: number;
  /** Appends are refused while segments that wait to be shipped and deleted are larger than this together. */
  readonly maxBytes?: number;
  /** Sees every line once, in order: when the journal is opened those still kept, later each as it becomes durable. */
  readonly visit?: (line: WrittenLine) => void;
}

/** The most that one flush writes; therefore the most that a power cut can tear. */
const MAX_FLUSH_BYTES = 1 << 20;
const TAIL_LINES = 20_000;
const SEGMENT = /^([0-9]{16})\.ndjson$/;

interface Waiting {
  readonly event: GatewayEvent;
  readonly resolve: (line: WrittenLine) => void;
  readonly reject: (error: Error) => void;
}

const openFile = promisify(open);
const closeFile = promisify(close);
const cutFile = promisify(ftruncate);

/** Opens the journal of `folder`: verifies its chain, cuts a torn end, shows every line that is still kept to `visit`. */
export function openJournal(options: JournalOptions): Journal {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  return createWriter(options, recover(options));
}

function segmentNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => SEGMENT.test(name))
    .sort();
}

function firstSequence(name: string): number {
  return Number(SEGMENT.exec(name)?.[1] ?? 0);
}

function segmentPath(folder: string, sequence: number): string {
  return join(folder, `${String(sequence).padStart(16, '0')}.ndjson`);
}

function recover({ folder, hash, visit, tailLines = TAIL_LINES }: JournalOptions): Start {
  const names = segmentNames(folder);
  const segments: Segment[] = [];
  let tail: WrittenLine[] = [];
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    const read = readSegment(bytes, tail.at(-1) ?? null, hash);
    const first = read.lines[0];
    if (first !== undefined && first.sequence !== firstSequence(name)) throw broken(name, first.sequence);
    for (const line of read.lines) visit?.(line);
    tail = [...tail, ...read.lines].slice(-tailLines);
    if (read.goodBytes > 0) segments.push({ first: firstSequence(name), size: read.goodBytes });
    if (read.goodBytes === bytes.length) continue;
    if (!read.isTorn || index < names.length - 1 || bytes.length - read.goodBytes > MAX_FLUSH_BYTES) {
      throw broken(name, (tail.at(-1)?.sequence ?? 0) + 1);
    }
    writeFileSync(join(folder, `torn-${name}`), bytes.subarray(read.goodBytes), { mode: 0o600 });
    if (read.goodBytes === 0) rmSync(path);
    else truncateSync(path, read.goodBytes);
    syncFolder(folder);
  }
  return { head: tail.at(-1) ?? EMPTY_CHAIN, segments, tail };
}

function readSegment(
  bytes: Buffer,
  head: ChainHead | null,
  hash: Hash,
): { readonly lines: readonly WrittenLine[]; readonly goodBytes: number; readonly isTorn: boolean } {
  const lines: WrittenLine[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    const line = readLine(lines.at(-1) ?? head, bytes.toString('utf8', from, end), hash);
    if (line === 'torn') break;
    if (line === 'unchained') return { lines, goodBytes: from, isTorn: false };
    lines.push(line);
    from = end + 1;
  }
  return { lines, goodBytes: from, isTorn: true };
}

function broken(name: string, sequence: number): GatewayFailure {
  return new GatewayFailure(
    'GATEWAY_JOURNAL_BROKEN',
    `expected an unbroken chain in the journal, found a line that does not follow at ${name}, sequence ${sequence}`,
  );
}

/** A file of the journal: its first sequence, and how many of its bytes are durable. */
interface Segment {
  readonly first: number;
  size: number;
}

interface Start {
  readonly head: ChainHead;
  /** Ascending. */
  readonly segments: readonly Segment[];
  readonly tail: readonly WrittenLine[];
}

function createWriter(options: JournalOptions, start: Start): Journal {
  const { folder, hash, segmentBytes = 16 << 20, tailLines = TAIL_LINES, maxBytes = 2 ** 31 } = options;
  const counters = { lines: 0, syncs: 0, failures: 0 };
  const segments = [...start.segments];
  let tail = start.tail.slice();
  let head = start.head;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;
  /** The segment being written; none after a restart, so that what was recovered is never written to again. */
  let file: { readonly descriptor: number; readonly segment: Segment; torn: boolean } | undefined;

  const openSegment = async (): Promise<NonNullable<typeof file>> => {
    if (segments.reduce((sum, segment) => sum + segment.size, 0) > maxBytes) throw new Error('the journal is full');
    if (file !== undefined && file.segment.size < segmentBytes) {
      if (file.torn) await cutFile(file.descriptor, file.segment.size);
      file.torn = false;
      return file;
    }
    const segment: Segment = { first: head.sequence + 1, size: 0 };
    // O_DSYNC: a write returns when it is durable, in one trip to the disk instead of a write and an fdatasync.
    const flags = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_DSYNC;
    const descriptor = await openFile(segmentPath(folder, segment.first), flags, 0o600);
    syncFolder(folder);
    if (file !== undefined) await closeFile(file.descriptor);
    file = { descriptor, segment, torn: false };
    segments.push(segment);
    return file;
  };

  /** Takes what waits, up to the bound of one flush, as chained lines. */
  const nextBatch = (): {
    readonly batch: readonly Waiting[];
    readonly lines: readonly WrittenLine[];
    readonly bytes: Buffer;
  } => {
    const lines: WrittenLine[] = [];
    let size = 0;
    let at: ChainHead = head;
    for (const item of waiting) {
      if (size > MAX_FLUSH_BYTES / 2) break;
      const line = nextLine(at, item.event, hash);
      lines.push(line);
      at = line;
      size += line.text.length;
    }
    const batch = waiting.slice(0, lines.length);
    waiting = waiting.slice(lines.length);
    return { batch, lines, bytes: Buffer.from(`${lines.map((line) => line.text).join('\n')}\n`, 'utf8') };
  };

  const flushOne = async (): Promise<void> => {
    const { batch, lines, bytes } = nextBatch();
    try {
      const open = await openSegment();
      open.torn = true;
      await writeAll(open.descriptor, bytes, open.segment.size);
      open.segment.size += bytes.length;
      open.torn = false;
    } catch (error) {
      counters.failures += 1;
      for (const item of batch) item.reject(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    counters.syncs += 1;
    counters.lines += lines.length;
    for (const line of lines) {
      head = line;
      tail.push(line);
      options.visit?.(line);
    }
    if (tail.length > tailLines * 2) tail = tail.slice(-tailLines);
    for (const [index, item] of batch.entries()) {
      const line = lines[index];
      if (line !== undefined) item.resolve(line);
    }
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Lets every request that is ready in this turn of the event loop bring its line: fewer, fuller flushes.
      await nextTurn();
      await flushOne();
    }
    flushing = undefined;
  };

  return {
    counters,
    head: () => head,
    append(event) {
      if (closed) return Promise.reject(new Error('the journal is closed'));
      return new Promise((resolve, reject) => {
        waiting.push({ event, resolve, reject });
        flushing ??= flush();
      });
    },
    after(sequence, limit, maxBytes = Number.POSITIVE_INFINITY) {
      const first = tail[0];
      const kept = first !== undefined && first.sequence <= sequence + 1;
      const source = kept ? tail : readAfter(options, segments, sequence);
      return bounded(source, sequence, limit, maxBytes);
    },
    discardThrough(sequence) {
      for (let next = segments[1]; next !== undefined && next.first <= sequence + 1; next = segments[1]) {
        const gone = segments.shift();
        if (gone !== undefined) rmSync(segmentPath(folder, gone.first), { force: true });
      }
    },
    async close() {
      closed = true;
      while (flushing !== undefined) await flushing;
      if (file !== undefined) await closeFile(file.descriptor);
      file = undefined;
    },
  };
}

function bounded(
  lines: readonly WrittenLine[],
  sequence: number,
  limit: number,
  maxBytes: number,
): readonly WrittenLine[] {
  const first = lines[0];
  if (first === undefined) return [];
  const start = Math.max(0, sequence + 1 - first.sequence);
  let [end, bytes] = [start, 0];
  while (end < lines.length && end - start < limit && bytes < maxBytes) {
    bytes += lines[end]?.text.length ?? 0;
    end += 1;
  }
  return lines.slice(start, end);
}

/** The lines of the segment that holds `sequence + 1`, when memory no longer has them. */
function readAfter(
  from: { folder: string; hash: Hash },
  segments: readonly Segment[],
  sequence: number,
): readonly WrittenLine[] {
  const holder = segments.findLast((segment) => segment.first <= sequence + 1) ?? segments[0];
  if (holder === undefined) return [];
  const bytes = readFileSync(segmentPath(from.folder, holder.first)).subarray(0, holder.size);
  return readSegment(bytes, null, from.hash).lines;
}

function writeAll(descriptor: number, bytes: Buffer, position: number): Promise<void> {
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
