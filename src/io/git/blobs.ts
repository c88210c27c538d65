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
      if (status === 0 && reader.bodies.length === ids.length) resolve(reader.bodies);
      else
        reject(
          new GitError(
            'GIT_FAILED',
            `git cat-file ended with ${status} after ${reader.bodies.length} of ${ids.length} objects`,
          ),
        );
    });
    child.stdin?.end(`${ids.join('\n')}\n`);
  });
}

interface BatchReader {
  readonly bodies: (Uint8Array | null)[];
  push(chunk: Buffer): void;
}

/** Frames of `cat-file --batch`: "<id> <type> <size>\n<body>\n" or "<id> missing\n". */
function batchReader(limitBytes: number): BatchReader {
  const bodies: (Uint8Array | null)[] = [];
  let header = Buffer.alloc(0);
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
    if (words[1] !== 'blob' && words[2] === undefined) bodies.push(null);
    else body = { parts: [], left: size + 1, kept: words[1] === 'blob' && size <= limitBytes };
    return chunk.subarray(end + 1);
  };
  return {
    bodies,
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0) rest = body === null ? takeHeader(rest) : takeBody(rest, body);
    },
  };
}
