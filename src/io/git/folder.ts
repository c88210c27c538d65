import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Git's own folder of the work tree `dir`: in a linked one `.git` is a file that names it. undefined where there is none. */
export function gitFolder(dir: string): string | undefined {
  const facts = lstatSync(join(dir, '.git'), { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  const linked = facts.isFile() ? /^gitdir: (.+)\n?$/.exec(readFileSync(join(dir, '.git'), 'utf8'))?.[1] : '.git';
  return linked === undefined ? undefined : resolve(dir, linked);
}

/** The clone's own work tree, where `dir` is one that `git worktree` linked to it; undefined for any other folder. */
export function mainWorkTree(dir: string): string | undefined {
  const folder = gitFolder(dir);
  if (folder === undefined || basename(dirname(folder)) !== 'worktrees') return undefined;
  const shared = dirname(dirname(folder));
  return basename(shared) === '.git' ? dirname(shared) : undefined;
}
