import { spawn } from 'node:child_process';
import { type SimpleGit, simpleGit } from 'simple-git';

/** Git said no, or is not there. `code` tells a person's mistake from a missing program. */
export class GitError extends Error {
  readonly code: 'GIT_MISSING' | 'GIT_NOT_A_REPOSITORY' | 'GIT_FAILED';

  constructor(code: GitError['code'], message: string) {
    super(message);
    this.name = 'GitError';
    this.code = code;
  }
}

/**
 * The environment of every git process: nothing of the system's or the caller's git settings that could run a program,
 * swap objects (replace refs), prompt, or fetch lazily from a promisor remote.
 */
const SETTINGS: { readonly [name: string]: string } = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_LITERAL_PATHSPECS: '1',
  LC_ALL: 'C',
};

const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'SYSTEMROOT'];

/** `-c` settings that disarm what a fetched repository's own config could start. */
export const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=true',
  'core.quotePath=false',
];

export function gitEnvironment(): { readonly [name: string]: string } {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...SETTINGS };
}

/** Runs git in one folder. */
export interface GitRunner {
  readonly dir: string;
  /** Standard output as text; throws GitError. */
  text(args: readonly string[]): Promise<string>;
  /** Bodies of blobs by id, in the order asked; null for one over the limit or missing. */
  blobs(ids: readonly string[], limitBytes: number): Promise<readonly (Uint8Array | null)[]>;
}

export function gitRunner(dir: string): GitRunner {
  const git: SimpleGit = simpleGit({
    baseDir: dir,
    config: [...CONFIG],
    trimmed: false,
    maxConcurrentProcesses: 4,
    allowEnvironment: Object.keys(SETTINGS),
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true },
  }).env(gitEnvironment());
  return {
    dir,
    async text(args) {
      try {
        return await git.raw([...args]);
      } catch (cause) {
        throw asGitError(cause, dir);
      }
    },
    blobs: (ids, limitBytes) => readBlobs(dir, ids, limitBytes),
  };
}

function asGitError(cause: unknown, dir: string): GitError {
  const message = cause instanceof Error ? cause.message.trim() : String(cause);
  if (/ENOENT/.test(message)) return new GitError('GIT_MISSING', 'git was not found; install git and run again');
  if (/not a git repository/i.test(message)) {
    return new GitError(
      'GIT_NOT_A_REPOSITORY',
      `expected a git repository in ${dir}, found none; run \`git init\` or pass -C <dir>`,
    );
  }
  return new GitError('GIT_FAILED', message.split('\n')[0] ?? message);
}

/** One `cat-file --batch` process for all bodies; a body over the limit is skipped as it streams by, never kept. */
function readBlobs(dir: string, ids: readonly string[], limitBytes: number): Promise<readonly (Uint8Array | null)[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...CONFIG.flatMap((item) => ['-c', item]), 'cat-file', '--batch'], {
      cwd: dir,
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const reader = batchReader(limitBytes);
    child.on('error', (cause) => reject(asGitError(cause, dir)));
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => reader.push(chunk));
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
    child.stdin.end(`${ids.join('\n')}\n`);
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
