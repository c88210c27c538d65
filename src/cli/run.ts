import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import type { CommandSpec, Flags } from './spec.ts';
import { CommandError, EXIT, type ExitCode, openTerminal } from './terminal.ts';

/** Parses argv, runs one command, and gives the exit code; every error becomes words and a code. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  const { COMMANDS } = await import('./commands/index.ts');
  let result: ExitCode = EXIT.ok;
  const program = new Command('tenantry').description(
    'GitOps for providers who run AI-governance gateways for many customers',
  );
  program.exitOverride().configureOutput({ writeErr: (text) => process.stderr.write(text) });
  program.showSuggestionAfterError(true);
  for (const spec of relevant(COMMANDS, argv[0])) {
    attach(program, spec, (exitCode) => {
      result = exitCode;
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return result;
  } catch (cause) {
    return explainFailure(cause);
  }
}

/** The commands that begin with the word given: building all of them would cost a third of a short command's time. */
function relevant(all: readonly CommandSpec[], word: string | undefined): readonly CommandSpec[] {
  const named = all.filter((spec) => spec.usage.split(' ')[0] === word);
  return named.length === 0 ? all : named;
}

/** Adds a command, making its parents (`token issue` lies under `token`) on the way. */
function attach(program: Command, spec: CommandSpec, done: (exitCode: ExitCode) => void): void {
  const words = spec.usage.split(' ');
  const depth = words.findIndex((word) => word.startsWith('<') || word.startsWith('['));
  const names = depth < 0 ? words : words.slice(0, depth);
  const parent = names
    .slice(0, -1)
    .reduce(
      (at, name) =>
        at.commands.find((item) => item.name() === name) ?? at.command(name).description(`${name} commands`),
      program,
    );
  const command = parent
    .command([names.at(-1), ...(depth < 0 ? [] : words.slice(depth))].join(' '))
    .description(spec.summary);
  command.exitOverride().addHelpText('after', `\nExample:\n  ${spec.example}`);
  command.option('-C <dir>', 'the fleet repository', '.');
  if (spec.formats.length > 0)
    command.addOption(
      new Option('--format <format>', 'how to answer').choices([...spec.formats]).default(spec.formats[0]),
    );
  command.option('--no-color', 'plain text').option('--quiet', 'no messages, only data');
  for (const [flags, description] of spec.options ?? []) command.option(flags, description);
  command.action(async (...given: unknown[]) => {
    const flags = command.opts<Flags>();
    const color = flags['color'] !== false && process.env['NO_COLOR'] === undefined && process.stdout.isTTY === true;
    const terminal = openTerminal({ color, quiet: flags['quiet'] === true });
    const args = given.slice(0, -2).filter((item): item is string => typeof item === 'string');
    done(
      await spec.run(
        { dir: repositoryFolder(String(flags['C'])), format: String(flags['format'] ?? 'human'), terminal },
        args,
        flags,
      ),
    );
  });
}

/** The folder, or the nearest one above it that is a repository's top: where git would look. */
function repositoryFolder(given: string): string {
  const start = resolve(given);
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return start;
  }
}

function explainFailure(cause: unknown): ExitCode {
  if (cause instanceof CommanderError) {
    return cause.exitCode === 0 || cause.code === 'commander.help' || cause.code === 'commander.helpDisplayed'
      ? EXIT.ok
      : EXIT.usage;
  }
  if (cause instanceof CommandError) {
    process.stderr.write(`${cause.code}: ${cause.message}\n`);
    return cause.exitCode;
  }
  const known = environmentError(cause);
  if (known !== undefined) {
    process.stderr.write(`${known}\n`);
    return EXIT.unavailable;
  }
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.stderr.write(
    `BUG: this is an error of tenantry, not of your input. Please report the text below.\n${text}\n`,
  );
  return EXIT.bug;
}

/** Errors of the outside, told by their code: git missing, an unreadable store, a busy port, a full disk. */
function environmentError(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code, fix } = cause as Error & { readonly code?: unknown; readonly fix?: unknown };
  if (typeof code !== 'string') return undefined;
  if (/^(GIT|STORE|SIGNER|SEED|PUBLISH|TRUST|FORGE)_/.test(code))
    return `${code}: ${cause.message}${typeof fix === 'string' ? `; ${fix}` : ''}`;
  if (code === 'EADDRINUSE') return `ADDRESS_IN_USE: ${cause.message}; stop what listens there or change the address`;
  if (['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOENT', 'ENOTDIR', 'EMFILE', 'ECONNREFUSED'].includes(code))
    return `${code}: ${cause.message}`;
  return undefined;
}
