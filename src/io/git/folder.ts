import { lstatSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Git's own folder of the work tree `dir`: in a linked one `.git` is a file that names it. undefined where there is none. */
export function gitFolder(dir: string): string | undefined {
  const facts = lstatSync(join(dir, '.git'), { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  const linked = facts.isFile() ? /^gitdir: (.+)\n?$/.exec(readFileSync(join(dir, '.git'), 'utf8'))?.[1] : '.git';
  return linked === undefined ? undefined : resolve(dir, linked);
}
