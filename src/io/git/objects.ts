import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { asGitError, GitError, startGit } from './process.ts';
import { gitRunner } from './run.ts';

// Bodies of git's objects, by name. One `git cat-file --batch` answers all that is asked while somebody asks: starting git
// takes longer than most of what is asked of it.

export interface Objects {
  /** Bodies in the order asked; null for one over the limit. Throws GIT_OBJECTS_MISSING. */
  blobs(ids: readonly string[], limitBytes: number): Promise<readonly (Uint8Array | null)[]>;
  /** Raw tree objects in the order asked, by id or as `<commit>^{tree}`. Throws GIT_OBJECTS_MISSING, and for what is no tree. */
  trees(names: readonly string[]): Promise<readonly Uint8Array[]>;
}

/** What was really done. */
export interface ObjectCounters {
  processes: number;
  blobsRead: number;
}

/** A folder of a hundred thousand customers is a tenth of it. */
const TREE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Longer than what lies between two questions of one command; whoever ends sooner does not wait for it. */
const IDLE_MS = 500;

/** Reads objects of the repository at `dir`. A process is started when something is asked, and ends when nothing was for a while. */
export function openObjects(dir: string, counters: ObjectCounters): Objects {
  let running: Running | undefined;
  const ask = (wanted: Wanted): Promise<readonly (Uint8Array | null)[]> => {
    if (wanted.names.length === 0) return Promise.resolve([]);
    if (running === undefined || running.isOver) {
      counters.processes += 1;
      running = start(dir);
    }
    return running.ask(wanted).catch(async (cause: unknown) => {
      if (!(cause instanceof GitError) || cause.code !== 'GIT_OBJECTS_MISSING') throw cause;
      throw new GitError(cause.code, `${cause.message}; ${await howToFetch(dir)}`);
    });
  };
  return {
    blobs(ids, limitBytes) {
      counters.blobsRead += ids.length;
      return ask({ names: ids, type: 'blob', limitBytes });
    },
    async trees(names) {
      const bodies = await ask({ names, type: 'tree', limitBytes: TREE_LIMIT_BYTES });
      return bodies.map((body, index) => {
        if (body !== null) return body;
        const expected = `expected a tree of at most ${TREE_LIMIT_BYTES} bytes`;
        throw new GitError('GIT_FAILED', `${expected} at ${names[index]}, found another object`);
      });
    },
  };
}

interface Wanted {
  readonly names: readonly string[];
  /** An object of another type gives null. */
  readonly type: 'blob' | 'tree';
  readonly limitBytes: number;
}

interface Batch extends Wanted {
  readonly bodies: (Uint8Array | null)[];
  /** The first that is not there. */
  missing: string | null;
  readonly resolve: (bodies: readonly (Uint8Array | null)[]) => void;
  readonly reject: (error: GitError) => void;
}

interface Running {
  /** Takes no more questions. */
  readonly isOver: boolean;
  ask(wanted: Wanted): Promise<readonly (Uint8Array | null)[]>;
}

function start(dir: string): Running {
  const child = startGit(dir, ['cat-file', '--batch'], 'pipe');
  const batches: Batch[] = [];
  let isOver = false;
  let idle: NodeJS.Timeout | undefined;
  let said = '';
  const rest = (): void => {
    hold(child, false);
    idle = setTimeout(() => {
      isOver = true;
      child.stdin?.end();
    }, IDLE_MS).unref();
  };
  const frames = createFrames(batches, rest);
  const fail = (errorOf: (batch: Batch) => GitError): void => {
    isOver = true;
    clearTimeout(idle);
    for (const batch of batches.splice(0)) batch.reject(errorOf(batch));
  };
  child.on('error', (cause) => fail(() => asGitError(cause, dir)));
  child.stdin?.on('error', () => undefined);
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdout?.on('data', frames.push);
  child.on('close', (_status, signal) =>
    fail((batch) => {
      if (signal !== null)
        return new GitError('GIT_FAILED', `git was ended by ${signal} while it read objects; run again`);
      if (/not a git repository/i.test(said)) return asGitError(new Error(said), dir);
      // Git ends by itself at an object that a partial clone left out: it may not fetch.
      return missing(batch);
    }),
  );
  return {
    get isOver() {
      return isOver;
    },
    ask(wanted) {
      clearTimeout(idle);
      hold(child, true);
      return new Promise((resolve, reject) => {
        batches.push({ ...wanted, bodies: [], missing: null, resolve, reject });
        child.stdin?.write(`${wanted.names.join('\n')}\n`);
      });
    },
  };
}

/** Whether this process waits for git before it ends: only while something is asked. Git ends when its input does. */
function hold(child: ChildProcess, isHeld: boolean): void {
  const parts = [child, child.stdin, child.stdout, child.stderr] as readonly (Holdable | null)[];
  for (const part of parts) {
    if (isHeld) part?.ref?.();
    else part?.unref?.();
  }
}

/** A pipe to a child is a socket; its type does not say so. */
type Holdable = (ChildProcess | Readable | Writable) & { ref?(): unknown; unref?(): unknown };

function missing({ names, bodies, missing: name }: Batch): GitError {
  const read = name === null ? bodies.length : names.indexOf(name);
  const found = `${read} of them before ${(names[read] ?? '').slice(0, 12)}, which is not there`;
  return new GitError('GIT_OBJECTS_MISSING', `expected ${names.length} objects in this clone, found ${found}`);
}

/** What to do where an object is not there, by what kind of clone it is. */
async function howToFetch(dir: string): Promise<string> {
  const shallow = await gitRunner(dir).text(['rev-parse', '--is-shallow-repository']);
  return shallow.trim() === 'true'
    ? 'this clone is shallow: run `git fetch --unshallow` in it'
    : 'clone again without --filter; in a whole clone, `git fsck` tells what is damaged';
}

interface Body {
  readonly parts: Buffer[];
  /** Bytes that are to come, with the line feed at the end. */
  left: number;
  readonly isKept: boolean;
}

/**
 * Frames of `cat-file --batch` ("<id> <type> <size>\n<body>\n", "<name> missing\n") as bodies of the batches that wait, in
 * the order asked. A body over the limit is skipped as it streams by, never kept. `onRest`: nobody waits any more.
 */
function createFrames(batches: Batch[], onRest: () => void): { readonly push: (chunk: Buffer) => void } {
  let header: Buffer = Buffer.alloc(0);
  let body: Body | null = null;
  const answer = (bytes: Uint8Array | null): void => {
    const [batch] = batches;
    if (batch === undefined) return;
    batch.bodies.push(bytes);
    if (batch.bodies.length < batch.names.length) return;
    batches.shift();
    if (batch.missing === null) batch.resolve(batch.bodies);
    else batch.reject(missing(batch));
    if (batches.length === 0) onRest();
  };
  const takeBody = (chunk: Buffer, current: Body): Buffer => {
    const part = chunk.subarray(0, current.left);
    if (current.isKept) current.parts.push(part);
    current.left -= part.length;
    if (current.left > 0) return chunk.subarray(part.length);
    body = null;
    const [only] = current.parts;
    const whole = current.parts.length === 1 && only !== undefined ? only : Buffer.concat(current.parts);
    answer(current.isKept ? new Uint8Array(whole.buffer, whole.byteOffset, whole.length - 1) : null);
    return chunk.subarray(part.length);
  };
  const takeHeader = (chunk: Buffer): Buffer => {
    const end = chunk.indexOf(10);
    if (end < 0) {
      header = Buffer.concat([header, chunk]);
      return chunk.subarray(chunk.length);
    }
    const line = Buffer.concat([header, chunk.subarray(0, end)]).toString('latin1');
    header = Buffer.alloc(0);
    const [, type, size] = line.split(' ');
    const [batch] = batches;
    if (size === undefined) {
      if (batch !== undefined) batch.missing ??= batch.names[batch.bodies.length] ?? null;
      answer(null);
    } else {
      const isKept = batch !== undefined && type === batch.type && Number(size) <= batch.limitBytes;
      body = { parts: [], left: Number(size) + 1, isKept };
    }
    return chunk.subarray(end + 1);
  };
  return {
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0) rest = body === null ? takeHeader(rest) : takeBody(rest, body);
    },
  };
}
