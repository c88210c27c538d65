import { close, constants, ftruncate, mkdirSync, open, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { GatewayEvent, Hash } from '../../src/core/model/index.ts';
import { type ChainHead, flushText, type KeptLine, keptLine, nextLine, type WrittenLine } from '../core/index.ts';
import { syncFolder } from './files.ts';
import {
  cutDurably,
  mark,
  newSegment,
  type Recovered,
  readFrom,
  recover,
  type Segment,
  segmentPath,
  writeAll,
} from './segments.ts';
import type { KnownLine } from './state.ts';

// The gateway's evidence on disk: NDJSON segments, every line numbered and chained to the one before. Many requests
// share one synchronous write (group commit): what comes in during a flush goes out together in the next, and is there
// after a crash as a whole or not at all.

/** A durable, chained, append-only record. `append` resolves when the line survives a power cut. */
export interface Journal {
  /**
   * Rejects when the line could not be made durable; then it is not in the journal, now or later: what a disk took of it is
   * cut before. Where the disk does not let itself be cut, nothing more is written until it does.
   */
  append(event: GatewayEvent): Promise<WrittenLine>;
  /** The number of the last durable line. */
  head(): ChainHead;
  /**
   * Durable lines after `sequence`, in order, at most `limit` of them and about `maxBytes` of text; none only where there are
   * none. Throws GATEWAY_JOURNAL_BROKEN where they cannot be read.
   */
  after(sequence: number, limit: number, maxBytes?: number): readonly KeptLine[];
  /** Takes lines up to `sequence` out of memory: they are delivered, and disk keeps them. */
  forgetThrough(sequence: number): void;
  /** The first line that could not be read and was not since, or null. */
  damagedAt(): number | null;
  /** Deletes segments whose every line is at or below `sequence`; never the last line there is. */
  discardThrough(sequence: number): void;
  /** Work done since it was opened. */
  readonly counters: JournalCounters;
  /** Flushes what waits and closes the file. */
  close(): Promise<void>;
}

export interface JournalCounters {
  lines: number;
  /** Durable writes of lines, one per flush. */
  syncs: number;
  /** How many of them made a file longer, which costs the disk more than a write into room that is there. */
  extensions: number;
  failures: number;
}

export interface JournalOptions {
  readonly folder: string;
  readonly hash: Hash;
  /** A segment is closed when it has grown to this size. */
  readonly segmentBytes?: number;
  /** Lines that were in it, as the rest of the state folder tells: a journal without them has lost evidence. */
  readonly known?: readonly KnownLine[];
  /** How many durable lines are kept in memory for shipping; older ones are read from disk. */
  readonly tailLines?: number;
  /** Appends are refused while segments that wait to be shipped and deleted are larger than this together. */
  readonly maxBytes?: number;
  /** Sees every line once, in order: when the journal is opened those still kept, later each as it becomes durable. */
  readonly visit?: (line: WrittenLine) => void;
  /** Told after each flush that made lines durable. */
  readonly onFlushed?: () => void;
  /** How many requests are under way that may bring a line soon; without it nobody is waited for. */
  readonly crowd?: () => number;
  /** The longest that a flush waits for the crowd. */
  readonly gatherMs?: number;
  /** Writes bytes of a segment durably; the machine's own unless a test takes its place. */
  readonly write?: typeof writeAll;
  /** Takes back what a failed write left. */
  readonly cut?: typeof cutDurably;
}

/** The most that one flush writes, in UTF-16 units. */
const MAX_FLUSH_UNITS = 1 << 20;
/** Therefore the most that a power cut can tear. */
const MAX_TORN_BYTES = 3 * MAX_FLUSH_UNITS;
const TAIL_LINES = 20_000;
const GATHER_MS = 2;
/** A flush that began longer ago than this many times `gatherMs` is no sign that more lines are about to come. */
const BUSY = 10;

interface Waiting {
  readonly event: GatewayEvent;
  readonly resolve: (line: WrittenLine) => void;
  readonly reject: (error: Error) => void;
}

const openFile = promisify(open);
const closeFile = promisify(close);
const cutFile = promisify(ftruncate);

/**
 * Opens the journal of `folder`: verifies its chain, cuts a flush that a crash left unfinished, shows every line that is still
 * kept to `visit`. Throws GATEWAY_JOURNAL_BROKEN for anything that no crash leaves: a line that changed, or is gone.
 */
export function openJournal(options: JournalOptions): Journal {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  return createWriter(options, recover({ tailLines: TAIL_LINES, ...options, maxTornBytes: MAX_TORN_BYTES }));
}

/** Lines that wait, and when it is time to write them. */
interface Gathering {
  /** Not yet taken by a flush, oldest first. */
  waiting: Waiting[];
  add(item: Waiting): void;
  /**
   * Resolves when the next flush should begin: at once where the last one began long ago or the half of the crowd is here,
   * so that a lone request never waits; under load when half of the crowd has come, or after `gatherMs`.
   */
  ready(): Promise<void>;
}

function createGathering({ crowd = () => 0, gatherMs = GATHER_MS }: JournalOptions): Gathering {
  let lastMs = Number.NEGATIVE_INFINITY;
  let enough: (() => void) | undefined;
  const isEnough = (): boolean => gathering.waiting.length * 2 >= crowd();
  const gathering: Gathering = {
    waiting: [],
    add(item) {
      gathering.waiting.push(item);
      if (enough !== undefined && isEnough()) enough();
    },
    async ready() {
      // Lets every request that is ready in this turn of the event loop bring its line.
      await nextTurn();
      const isBusy = performance.now() - lastMs < BUSY * gatherMs;
      if (isBusy && !isEnough()) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, gatherMs);
          enough = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        enough = undefined;
      }
      lastMs = performance.now();
    },
  };
  return gathering;
}

/** Takes what waits, up to the bound of one flush, as chained lines. */
function nextBatch(gathering: Gathering, head: ChainHead, hash: Hash): Batch {
  const lines: WrittenLine[] = [];
  let size = 0;
  let at = head;
  for (const { event } of gathering.waiting) {
    if (size > MAX_FLUSH_UNITS / 2) break;
    const line = nextLine(at, event, hash);
    lines.push(line);
    at = line;
    size += line.text.length;
  }
  const items = gathering.waiting.slice(0, lines.length);
  gathering.waiting = gathering.waiting.slice(lines.length);
  return { items, lines, bytes: Buffer.from(flushText(lines), 'utf8') };
}

interface Batch {
  readonly items: readonly Waiting[];
  readonly lines: readonly WrittenLine[];
  readonly bytes: Buffer;
}

/**
 * A write that makes the file longer brings this many zeros along: the next writes find their room on disk, and a
 * synchronous write of lines alone need not wait for the file's length and blocks to be written too.
 */
const ROOM = Buffer.alloc(1 << 18);

/** The segment being written. */
interface OpenSegment {
  readonly descriptor: number;
  readonly segment: Segment;
  /** Length of the file; what is behind the segment's lines are zeros. */
  length: number;
  /** A write into it is under way, or failed and is not cut yet. */
  torn: boolean;
}

interface Writer {
  write(bytes: Buffer, sequence: number): Promise<void>;
  close(): Promise<void>;
}

/** Appends to the last of `segments`, and begins a new one after a restart and when the last is full. */
function createSegmentWriter(options: JournalOptions, segments: Segment[], counters: JournalCounters): Writer {
  const { folder, segmentBytes = 16 << 20, maxBytes = 2 ** 31 } = options;
  const { write: writeBytes = writeAll, cut: cutBytes = cutDurably } = options;
  /** None after a restart, so that what was recovered is never written to again. */
  let file: OpenSegment | undefined;
  /** What a failed write left may be whole lines, of which everybody is told that they are not there. */
  const takeBack = async (opened: OpenSegment): Promise<void> => {
    await cutBytes(opened.descriptor, opened.segment.size);
    opened.length = opened.segment.size;
    opened.torn = false;
  };
  const finish = async (): Promise<void> => {
    if (file === undefined) return;
    const finished = file;
    file = undefined;
    // Room that could not be cut is cut when the journal is opened again.
    await cutFile(finished.descriptor, finished.segment.size).catch(() => {});
    await closeFile(finished.descriptor);
  };
  const openSegment = async (sequence: number): Promise<OpenSegment> => {
    if (segments.reduce((sum, segment) => sum + segment.size, 0) > maxBytes) throw new Error('the journal is full');
    if (file?.torn) await takeBack(file);
    if (file !== undefined && file.segment.size < segmentBytes) return file;
    await finish();
    const segment = newSegment(sequence);
    // O_DSYNC: a write returns when it is durable, in one trip to the disk instead of a write and an fdatasync.
    const flags = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_DSYNC;
    const descriptor = await openFile(segmentPath(folder, segment.first), flags, 0o600);
    syncFolder(folder);
    file = { descriptor, segment, length: 0, torn: false };
    segments.push(segment);
    return file;
  };
  return {
    async write(bytes, sequence) {
      const opened = await openSegment(sequence);
      const { segment, descriptor } = opened;
      const isLonger = segment.size + bytes.length > opened.length;
      const written = isLonger ? Buffer.concat([bytes, ROOM]) : bytes;
      opened.torn = true;
      try {
        await writeBytes(descriptor, written, segment.size);
      } catch (error) {
        // Where this fails too, it is the first thing that the next write does.
        await takeBack(opened).catch(() => {});
        throw error;
      }
      mark(segment, sequence, segment.size);
      if (isLonger) opened.length = segment.size + written.length;
      if (isLonger) counters.extensions += 1;
      segment.size += bytes.length;
      opened.torn = false;
    },
    close: finish,
  };
}

function createWriter(options: JournalOptions, start: Recovered): Journal {
  const { folder, hash, tailLines = TAIL_LINES } = options;
  const counters: JournalCounters = { lines: 0, syncs: 0, extensions: 0, failures: 0 };
  const segments = [...start.segments];
  const writer = createSegmentWriter(options, segments, counters);
  const gathering = createGathering(options);
  let tail = start.tail.slice();
  let head = start.head;
  let flushing: Promise<void> | undefined;
  let closed = false;
  let damagedAt: number | null = null;

  const fromDisk = (sequence: number, maxBytes: number): readonly KeptLine[] => {
    try {
      const lines = readFrom({ folder, hash, segments }, sequence, maxBytes);
      if (lines.some((line) => line.sequence === damagedAt)) damagedAt = null;
      return lines;
    } catch (error) {
      damagedAt = Math.min(damagedAt ?? sequence, sequence);
      throw error;
    }
  };

  const becameDurable = (lines: readonly WrittenLine[]): void => {
    counters.syncs += 1;
    counters.lines += lines.length;
    for (const line of lines) {
      tail.push(keptLine(line));
      options.visit?.(line);
    }
    head = lines.at(-1) ?? head;
    if (tail.length > tailLines * 2) tail = tail.slice(-tailLines);
    options.onFlushed?.();
  };

  const flushOne = async (): Promise<void> => {
    const { items, lines, bytes } = nextBatch(gathering, head, hash);
    try {
      await writer.write(bytes, head.sequence + 1);
    } catch (error) {
      counters.failures += 1;
      for (const item of items) item.reject(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    becameDurable(lines);
    for (const [index, item] of items.entries()) {
      const line = lines[index];
      if (line !== undefined) item.resolve(line);
    }
  };

  const flush = async (): Promise<void> => {
    while (gathering.waiting.length > 0) {
      await gathering.ready();
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
        gathering.add({ event, resolve, reject });
        flushing ??= flush();
      });
    },
    after(sequence, limit, maxBytes = Number.POSITIVE_INFINITY) {
      if (sequence >= head.sequence) return [];
      const first = tail[0];
      const kept = first !== undefined && first.sequence <= sequence + 1;
      const source = kept ? tail : fromDisk(sequence + 1, maxBytes);
      return bounded(source, sequence, limit, maxBytes);
    },
    damagedAt: () => damagedAt,
    forgetThrough(sequence) {
      const first = tail[0];
      if (first !== undefined && first.sequence <= sequence) tail = tail.slice(sequence + 1 - first.sequence);
    },
    discardThrough(sequence) {
      // A segment that is opened and not written yet holds no line: after a crash it would be as if there had never been one.
      for (
        let next = segments[1];
        next !== undefined && next.size > 0 && next.first <= sequence + 1;
        next = segments[1]
      ) {
        const gone = segments.shift();
        if (gone !== undefined) rmSync(segmentPath(folder, gone.first), { force: true });
      }
      if (damagedAt !== null && damagedAt < (segments[0]?.first ?? 0)) damagedAt = null;
    },
    async close() {
      closed = true;
      while (flushing !== undefined) await flushing;
      await writer.close();
    },
  };
}

function bounded(lines: readonly KeptLine[], sequence: number, limit: number, maxBytes: number): readonly KeptLine[] {
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
