import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import type { CommandContext, Flags } from './spec.ts';
import { CommandError, EXIT, openTerminal } from './terminal.ts';

/** What a command gets, of the flags that all commands share: -C, --format, --no-color, --quiet. Throws where -C is no folder. */
export function openContext(flags: Flags): CommandContext {
  const color = flags['color'] !== false && process.env['NO_COLOR'] === undefined && isatty(1);
  const terminal = openTerminal({ color, quiet: flags['quiet'] === true });
  const folder = existingFolder(String(flags['C']));
  return { folder, dir: repositoryFolder(folder), format: String(flags['format'] ?? 'human'), terminal };
}

/** Of a name that leads nowhere nothing is taken for meant: the fleet that somebody stands in would be changed instead. */
function existingFolder(given: string): string {
  const found = given === '' ? undefined : statSync(given, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return resolve(given);
  const what = found === undefined ? 'none' : 'a file';
  const where = given === '' ? '""' : resolve(given);
  const words = `expected a folder at ${where}, found ${what}; pass -C <dir>`;
  throw new CommandError(EXIT.unavailable, 'GIT_NOT_A_REPOSITORY', words);
}

/** The folder, or the nearest one above it that is a repository's top: where git would look. */
function repositoryFolder(start: string): string {
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return start;
  }
}
