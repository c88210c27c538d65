import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import type { CommandContext, Flags } from './spec.ts';
import { openTerminal } from './terminal.ts';

/** What a command gets, of the flags that all commands share: -C, --format, --no-color, --quiet. */
export function openContext(flags: Flags): CommandContext {
  const color = flags['color'] !== false && process.env['NO_COLOR'] === undefined && isatty(1);
  const terminal = openTerminal({ color, quiet: flags['quiet'] === true });
  return { dir: repositoryFolder(String(flags['C'])), format: String(flags['format'] ?? 'human'), terminal };
}

/** The folder, or the nearest one above it that is a repository's top: where git would look. */
function repositoryFolder(given: string): string {
  const start = resolve(given);
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return start;
  }
}
