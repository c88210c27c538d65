import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A section that can name programs for the content of files, or files that can. */
const MAY_FILTER = /\[\s*(?:filter|include)/i;

/**
 * True where the settings of the clone or of its user speak of filter drivers at all. Told at once, because git is to look at
 * the files while this process goes on.
 */
export function mayFilter(dir: string): boolean {
  return settingsOf(dir).some((path) => MAY_FILTER.test(textAt(path)));
}

/**
 * Settings that switch off every filter driver of a list of names: git would start their programs to compare a file with the
 * index. What is on the disk is then compared as it is.
 */
export function filtersOff(listed: string): readonly string[] {
  const names = new Set(listed.split('\0').flatMap((key) => /^(filter\..+)\.[^.]+$/s.exec(key)?.[1] ?? []));
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
