import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A section that can name programs for the content of files, or files that can. */
const MAY_FILTER = /\[\s*(?:filter|include)/i;

/**
 * Settings that switch off every filter driver which the settings of the clone or of its user name: git would start their
 * programs to compare a file with the index. What is on the disk is then compared as it is. `ask` is asked for the names
 * only where a text of the settings speaks of filters at all.
 */
export async function filtersOff(dir: string, ask: () => Promise<string>): Promise<readonly string[]> {
  if (!settingsOf(dir).some((path) => MAY_FILTER.test(textAt(path)))) return [];
  const names = new Set((await ask()).split('\0').flatMap((key) => /^(filter\..+)\.[^.]+$/s.exec(key)?.[1] ?? []));
  return [...names].flatMap((name) => [
    `${name}.clean=`,
    `${name}.smudge=`,
    `${name}.process=`,
    `${name}.required=false`,
  ]);
}

export const FILTER_NAMES = ['config', '--null', '--name-only', '--includes', '--get-regexp', '^filter\\.'];

function settingsOf(dir: string): readonly string[] {
  const { HOME: home = homedir(), XDG_CONFIG_HOME: shared = join(home, '.config') } = process.env;
  return [...ofClone(join(dir, '.git')), join(home, '.gitconfig'), join(shared, 'git/config')];
}

/** In a linked work tree `.git` is a file that names the folder, whose settings are those of the clone two levels up. */
function ofClone(at: string): readonly string[] {
  const isFile = lstatSync(at, { throwIfNoEntry: false })?.isFile() === true;
  const folder = isFile ? (/^gitdir: (.+)\n?$/.exec(textAt(at))?.[1] ?? at) : at;
  return [join(folder, 'config'), join(folder, 'config.worktree'), join(folder, '../../config')];
}

function textAt(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
