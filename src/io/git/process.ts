import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Git said no, or is not there. `code` tells a person's mistake from a missing program. */
export class GitError extends Error {
  readonly code:
    | 'GIT_MISSING'
    | 'GIT_NOT_A_REPOSITORY'
    | 'GIT_FOREIGN_OWNER'
    | 'GIT_OBJECTS_MISSING'
    | 'GIT_TREE_BUSY'
    | 'GIT_FAILED';

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
export const SETTINGS: { readonly [name: string]: string } = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  // What does the same for a git that does not know the setting before: no transport is allowed.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_LITERAL_PATHSPECS: '1',
  LC_ALL: 'C',
};

const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'SYSTEMROOT'];

/**
 * `-c` settings that disarm what a fetched repository's own config could start, that keep git from believing less of
 * a file's times than there is (without the change time, an edit of the same size with its old time put back is unseen),
 * and that have it say what was asked, in UTF-8, whatever a person likes to see in a log.
 */
export const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=true',
  'core.quotePath=false',
  'core.trustctime=true',
  'core.checkStat=default',
  'log.showSignature=false',
  'log.follow=false',
  'i18n.logOutputEncoding=UTF-8',
  'i18n.commitEncoding=UTF-8',
];

export function gitEnvironment(): { readonly [name: string]: string } {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...SETTINGS };
}

/**
 * As `gitEnvironment`, for the few commands that talk to a remote: by transports that keep what is said to themselves and
 * start no program that an address names, and with the person's SSH agent.
 */
export function remoteEnvironment(): { readonly [name: string]: string } {
  const { SSH_AUTH_SOCK: agent } = process.env;
  return {
    ...gitEnvironment(),
    GIT_ALLOW_PROTOCOL: 'https:ssh:file',
    ...(agent === undefined ? {} : { SSH_AUTH_SOCK: agent }),
  };
}

/** Starts git with the safe settings and what is added to them; `args` are ours, never a person's words. */
export function startGit(
  dir: string,
  args: readonly string[],
  input: 'pipe' | 'ignore',
  added: { readonly [name: string]: string } = {},
): ChildProcess {
  const config = CONFIG.flatMap((item) => ['-c', item]);
  const env = { ...gitEnvironment(), ...added };
  return spawn('git', [...config, ...args], { cwd: dir, env, stdio: [input, 'pipe', 'pipe'] });
}

export function asGitError(cause: unknown, dir: string): GitError {
  const message = cause instanceof Error ? cause.message.trim() : String(cause);
  if (!existsSync(dir))
    return new GitError('GIT_NOT_A_REPOSITORY', `expected a folder at ${dir}, found none; pass -C <dir>`);
  if (/ENOENT/.test(message)) return new GitError('GIT_MISSING', 'git was not found; install git and run again');
  if (/not a git repository/i.test(message)) {
    return new GitError(
      'GIT_NOT_A_REPOSITORY',
      `expected a git repository in ${dir}, found none; run \`git init\` or pass -C <dir>`,
    );
  }
  if (/must be run in a work tree/i.test(message)) {
    return new GitError(
      'GIT_NOT_A_REPOSITORY',
      `expected a clone with its files in ${dir}, found a bare repository; run it in a clone, or pass -C <dir>`,
    );
  }
  if (/dubious ownership/i.test(message)) {
    return new GitError(
      'GIT_FOREIGN_OWNER',
      `expected a repository of the user who runs this, found somebody else's in ${dir}, which git does not read; run as its owner, or allow it: git config --global --add safe.directory ${dir}`,
    );
  }
  return new GitError('GIT_FAILED', message.split('\n')[0] ?? message);
}
