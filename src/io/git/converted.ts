import type { GitId, RepoPath } from '../../core/model/index.ts';
import { GitError } from './process.ts';
import type { GitRunner } from './run.ts';

// What git commits of a file where that is not what the disk shows: by the clone's settings it may keep other line ends, and
// believe no executable bit, since some file systems set it everywhere.

/** So many paths are named to one process. */
const MOST_PATHS = 500;

/** Ids of the files with the line ends that git keeps of them; nothing of one that is gone by then. */
export async function convertedIds(git: GitRunner, paths: readonly RepoPath[]): Promise<ReadonlyMap<RepoPath, GitId>> {
  const ids = new Map<RepoPath, GitId>();
  for (let at = 0; at < paths.length; at += MOST_PATHS) {
    const some = paths.slice(at, at + MOST_PATHS);
    const lines = (await orNothing(git.text(['hash-object', '--', ...some]))).split('\n');
    some.forEach((path, index) => {
      const id = lines[index] ?? '';
      if (id !== '') ids.set(path, id as GitId);
    });
  }
  return ids;
}

/** Modes that git goes on with for these files, where it believes none of the disk; nothing where it does. */
export async function indexModes(git: GitRunner, paths: readonly RepoPath[]): Promise<ReadonlyMap<RepoPath, string>> {
  if (paths.length === 0) return new Map();
  const isBelieved = await orNothing(git.text(['config', '--type=bool', '--get', 'core.fileMode']));
  if (isBelieved.trim() !== 'false') return new Map();
  const modes = new Map<string, string>();
  for (let at = 0; at < paths.length; at += MOST_PATHS) {
    const text = await git.text(['ls-files', '--stage', '-z', '--', ...paths.slice(at, at + MOST_PATHS)]);
    for (const record of text.split('\0')) modes.set(record.slice(record.indexOf('\t') + 1), record.slice(0, 6));
  }
  return new Map(paths.map((path) => [path, modes.get(path) ?? '100644'] as const));
}

async function orNothing(asked: Promise<string>): Promise<string> {
  try {
    return await asked;
  } catch (cause) {
    if (cause instanceof GitError && cause.code === 'GIT_FAILED') return '';
    throw cause;
  }
}
