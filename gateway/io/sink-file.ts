import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type KeptLine, lineBefore } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import { errorCode, syncFolder } from './files.ts';
import { writeAll } from './segments.ts';
import type { Delivery, LineSource, SinkDriver } from './sink-runner.ts';

// Evidence as NDJSON, line for line the texts of the journal. A batch counts as taken when it is fsynced, so the file itself
// says where to go on: after a crash no line is missing and none is twice. Grown to `maxBytes` it is renamed, after its last
// line where lines go on over processes, and the oldest of `keep` renamed ones goes.

export interface FileSinkOptions {
  readonly path: string;
  /** The journal whose lines go on where the file ends; null: every process begins anew at 1. */
  readonly journal: LineSource | null;
  readonly maxBytes?: number;
  /** Renamed files that stay. */
  readonly keep?: number;
}

export interface FileSink extends SinkDriver {
  /** The number of the last line that was in it at the start; 0 for none. */
  readonly through: number;
}

const MAX_BYTES = 64 << 20;
const KEEP = 10;
const NAME_DIGITS = 16;
/** The longest line that is looked for at the end. */
const TAIL_BYTES = 1 << 20;

/** Opens or makes the file, cutting a line that a crash left unfinished. Throws GATEWAY_EVENTS_FILE. */
export function createFileSink(options: FileSinkOptions): FileSink {
  const { path, journal, maxBytes = MAX_BYTES, keep = KEEP } = options;
  const end = openedEnd(path);
  if (journal !== null && !isEndOf(journal, end)) throw refused(path, `line ${end.through} of another journal`);
  // It would stand there after a shorter line, for whoever reads the file.
  if (end.rest > 0) truncateSync(path, end.size);
  let { size } = end;
  let through = journal === null ? 0 : end.through;
  const before = through;
  let file: FileHandle | undefined;
  const rotate = async (): Promise<void> => {
    await file?.close();
    file = undefined;
    // Numbers that began anew are no names: the newest file would stand before older ones, or take the place of one.
    const name = Math.max(through, sequenceOfName(rotated(path).at(-1)) + 1);
    renameSync(path, `${path}.${String(name).padStart(NAME_DIGITS, '0')}`);
    for (const old of rotated(path).slice(0, -keep || undefined)) rmSync(old, { force: true });
    closeSync(openSync(path, 'a', 0o600));
    syncFolder(dirname(path));
    size = 0;
  };
  const append = async (lines: readonly KeptLine[]): Promise<void> => {
    if (size >= maxBytes) await rotate();
    file ??= await open(path, 'r+');
    const bytes = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''), 'utf8');
    try {
      // A disk that gets full takes a part and says nothing: what is left is asked for until it is taken or refused.
      await writeAll(file.fd, bytes, size);
      await file.datasync();
    } catch (error) {
      await file.truncate(size).catch(() => {});
      await file.close().catch(() => {});
      file = undefined;
      throw error;
    }
    size += bytes.length;
    through = lines.at(-1)?.sequence ?? through;
  };
  return {
    name: 'file',
    through: before,
    async deliver(lines): Promise<Delivery> {
      const fresh = lines.filter(({ sequence }) => sequence > through);
      if (fresh.length === 0) return { kind: 'done' };
      try {
        await append(fresh);
        return { kind: 'done' };
      } catch (error) {
        return { kind: 'again', why: errorCode(error) || 'the file could not be written' };
      }
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}

/** Renamed files, oldest first. */
function rotated(path: string): readonly string[] {
  const prefix = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^[0-9]{16}$/.test(name.slice(prefix.length)))
    .sort()
    .map((name) => join(dirname(path), name));
}

interface End {
  readonly size: number;
  /** Bytes behind it that are no whole line. */
  readonly rest: number;
  /** The number of the last line; 0 for none. */
  readonly through: number;
  /** Of its text; null where it stands in a renamed file. */
  readonly hash: string | null;
}

/** Whether the file ends with a line of the journal, as far as that still has the line or the one behind it. */
function isEndOf(journal: LineSource, { through, hash }: End): boolean {
  if (through > journal.head().sequence) return false;
  const [kept] = through === 0 || hash === null ? [] : journal.after(through - 1, 1);
  if (kept?.sequence === through) return kept.hash === hash;
  return kept?.sequence === through + 1 ? lineBefore(kept).hash === hash : true;
}

function openedEnd(path: string): End {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'a+', 0o600);
  } catch (error) {
    throw refused(path, errorCode(error) || 'an error');
  }
  try {
    // Of a pipe or a terminal nothing is kept that could be gone on from.
    if (!fstatSync(descriptor).isFile()) throw refused(path, 'no file of a disk');
    const end = readEnd(descriptor, path);
    fsyncSync(descriptor);
    return end.size > 0 ? end : { ...end, through: sequenceOfName(rotated(path).at(-1)) };
  } finally {
    closeSync(descriptor);
  }
}

function sequenceOfName(path: string | undefined): number {
  return path === undefined ? 0 : Number(path.slice(-NAME_DIGITS));
}

/** Where the last whole line ends, and which it is; what follows it was not finished. */
function readEnd(descriptor: number, path: string): End {
  const { size } = fstatSync(descriptor);
  const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
  readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
  const end = bytes.lastIndexOf(10);
  if (end === -1 && bytes.length === size && isBeginning(bytes)) return { size: 0, rest: size, through: 0, hash: null };
  const start = end <= 0 ? -1 : bytes.lastIndexOf(10, end - 1);
  const last = end === -1 ? '' : bytes.toString('utf8', start + 1, end);
  const [, sequence] = /^\{"sequence":([0-9]{1,16}),"previous":"/.exec(last) ?? [];
  if (sequence === undefined) throw refused(path, 'something else');
  const hash = createHash('sha256').update(last).digest('hex');
  const rest = bytes.length - end - 1;
  return { size: size - rest, rest, through: Number(sequence), hash };
}

const LINE_START = '{"sequence":';

/** What a crash left of the first line: some of it, or the zeros of a disk that had not written it; or nothing. */
function isBeginning(bytes: Buffer): boolean {
  return LINE_START.startsWith(bytes.toString('latin1', 0, LINE_START.length)) || bytes.every((byte) => byte === 0);
}

function refused(path: string, found: string): GatewayFailure {
  return new GatewayFailure(
    'GATEWAY_EVENTS_FILE',
    `expected --events-file to be a file of this gateway's evidence, or none yet in a folder that is there; found ${found} at ${path}`,
    64,
  );
}
