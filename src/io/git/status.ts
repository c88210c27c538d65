import fs from 'node:fs';
import { join } from 'node:path';
import { type CommitId, commitId } from '../../core/model/index.ts';
import type { GitRunner } from './run.ts';

/** HEAD and the paths that differ from it, untracked files included. */
export interface WorkTreeStatus {
  /** Null in a repository without a commit. */
  readonly head: CommitId | null;
  readonly dirty: readonly string[];
}

/**
 * One `git status` process gives HEAD and every dirty path. Untracked folders come collapsed (that is what git's
 * untracked cache can answer) and are listed one by one afterwards, only where there are any; so are folders that stand
 * where a tracked file stood, of which git tells nothing but that the file is gone. `options` are git's own, before the command.
 */
export async function readStatus(git: GitRunner, options: readonly string[] = []): Promise<WorkTreeStatus> {
  const text = await git.look([
    ...options,
    'status',
    '--porcelain=v2',
    '-z',
    '--branch',
    '--untracked-files=normal',
    '--no-renames',
  ]);
  let head: CommitId | null = null;
  const dirty: string[] = [];
  const gone: string[] = [];
  const folders: string[] = [];
  for (const record of text.split('\0')) {
    if (record.startsWith('# branch.oid ')) head = commitId(record.slice(13)) ?? null;
    else if (record.startsWith('1 ')) (record[3] === 'D' ? gone : dirty).push(record.split(' ').slice(8).join(' '));
    else if (record.startsWith('u ')) dirty.push(record.split(' ').slice(10).join(' '));
    else if (record.startsWith('? ')) (record.endsWith('/') ? folders : dirty).push(record.slice(2));
  }
  dirty.push(...gone);
  folders.push(...(await foldersAmong(git.dir, gone)));
  if (folders.length > 0) {
    const others = await git.text(['ls-files', '--others', '--exclude-standard', '-z', '--', ...folders]);
    dirty.push(...others.split('\0').filter((path) => path !== ''));
  }
  return { head, dirty };
}

/** Those of the paths at which folders of plain files stand. A repository inside this one is one thing, listed by its path. */
async function foldersAmong(dir: string, paths: readonly string[]): Promise<readonly string[]> {
  const isFolder = async (path: string): Promise<boolean> => {
    const at = join(dir, path);
    const [facts, inner] = await Promise.all([at, join(at, '.git')].map((one) => lstatOf(one)));
    return facts?.isDirectory() === true && inner === undefined;
  };
  const found = await Promise.all(paths.map(isFolder));
  return paths.filter((_, index) => found[index]);
}

function lstatOf(path: string): Promise<fs.Stats | undefined> {
  return fs.promises.lstat(path).catch(() => undefined);
}
