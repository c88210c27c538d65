import { asGitError, GitError, startGit } from './process.ts';

/** One `cat-file --batch` process for all bodies; a body over the limit is skipped as it streams by, never kept. */
export function readBlobs(
  dir: string,
  ids: readonly string[],
  limitBytes: number,
): Promise<readonly (Uint8Array | null)[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const child = startGit(dir, ['cat-file', '--batch'], 'pipe');
    const reader = batchReader(limitBytes);
    child.on('error', (cause) => reject(asGitError(cause, dir)));
    child.stdin?.on('error', () => undefined);
    child.stderr?.resume();
    child.stdout?.on('data', (chunk: Buffer) => reader.push(chunk));
    child.on('close', (status) => {
      if (status === 0 && reader.bodies.length === ids.length && !reader.isIncomplete) resolve(reader.bodies);
      else reject(missing(ids[reader.bodies.length] ?? '', reader.bodies.length, ids.length));
    });
    child.stdin?.end(`${ids.join('\n')}\n`);
  });
}

/** Git stops at an object that a partial clone left out: it may not fetch by itself. */
function missing(id: string, read: number, asked: number): GitError {
  const found = `${read} of them before ${id.slice(0, 12)}, which is not there`;
  const fix = 'clone again without --filter; in a whole clone, `git fsck` tells what is damaged';
  return new GitError('GIT_OBJECTS_MISSING', `expected ${asked} objects in this clone, found ${found}; ${fix}`);
}

interface BatchReader {
  readonly bodies: (Uint8Array | null)[];
  /** True once git said that an object is missing; nothing more is read then. */
  readonly isIncomplete: boolean;
  push(chunk: Buffer): void;
}

/** Frames of `cat-file --batch`: "<id> <type> <size>\n<body>\n" or "<id> missing\n". */
function batchReader(limitBytes: number): BatchReader {
  const bodies: (Uint8Array | null)[] = [];
  let header = Buffer.alloc(0);
  let isIncomplete = false;
  let body: { parts: Buffer[]; left: number; kept: boolean } | null = null;
  const finish = (done: { parts: Buffer[]; kept: boolean }): void => {
    const whole = done.kept ? Buffer.concat(done.parts) : null;
    bodies.push(whole === null ? null : new Uint8Array(whole.buffer, whole.byteOffset, whole.length - 1));
    body = null;
  };
  const takeBody = (chunk: Buffer, current: { parts: Buffer[]; left: number; kept: boolean }): Buffer => {
    const part = chunk.subarray(0, current.left);
    if (current.kept) current.parts.push(part);
    current.left -= part.length;
    if (current.left === 0) finish(current);
    return chunk.subarray(part.length);
  };
  const takeHeader = (chunk: Buffer): Buffer => {
    const end = chunk.indexOf(10);
    if (end < 0) {
      header = Buffer.concat([header, chunk]);
      return chunk.subarray(chunk.length);
    }
    const words = Buffer.concat([header, chunk.subarray(0, end)])
      .toString('latin1')
      .split(' ');
    header = Buffer.alloc(0);
    const size = Number(words[2]);
    if (words[2] === undefined) {
      isIncomplete = true;
      return chunk.subarray(chunk.length);
    }
    body = { parts: [], left: size + 1, kept: words[1] === 'blob' && size <= limitBytes };
    return chunk.subarray(end + 1);
  };
  return {
    bodies,
    get isIncomplete() {
      return isIncomplete;
    },
    push(chunk) {
      let rest = isIncomplete ? chunk.subarray(chunk.length) : chunk;
      while (rest.length > 0) rest = body === null ? takeHeader(rest) : takeBody(rest, body);
    },
  };
}
