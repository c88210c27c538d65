import { Command, CommanderError, Option } from 'commander';
import { wireVersion } from '../wire.ts';
import { openContext } from './context.ts';
import type { CommandSpec, Flags } from './spec.ts';
import { EXIT, type ExitCode, isWritten, messages } from './terminal.ts';

/** Parses argv with commander, runs one command, and gives its exit code; what the command throws is the caller's. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  const { COMMANDS, GROUPS } = await import('./list/index.ts');
  let result: ExitCode = EXIT.ok;
  const program = new Command('tenantry').description(
    'GitOps for providers who run AI-governance gateways for many customers',
  );
  program.version(wireVersion(), '--version', 'the version of this program and its build');
  program.exitOverride().configureOutput({
    // As every other data, so that help that nobody can have read is no success.
    writeOut: (text) => void isWritten(text),
    writeErr: (text) => messages().write(text),
    // With a code like every other refusal.
    outputError: (text, write) => write(text.replace(/^error: /, 'USAGE: ')),
  });
  program.showHelpAfterError('See `tenantry --help`.');
  program.showSuggestionAfterError(true);
  for (const spec of relevant(COMMANDS, argv[0])) {
    attach(program, spec, (exitCode) => {
      result = exitCode;
    });
  }
  for (const group of program.commands.filter((item) => item.commands.length > 0)) {
    const verbs = group.commands.map((item) => item.name()).join(', ');
    group.description(`${GROUPS[group.name()] ?? group.name()}: ${verbs}`);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return result;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    return cause.exitCode === 0 || cause.code === 'commander.help' || cause.code === 'commander.helpDisplayed'
      ? EXIT.ok
      : EXIT.usage;
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
    .reduce((at, name) => at.commands.find((item) => item.name() === name) ?? at.command(name), program);
  const command = parent
    .command([names.at(-1), ...(depth < 0 ? [] : words.slice(depth))].join(' '))
    .description(spec.summary);
  command.exitOverride().addHelpText('after', `\nExample:\n  ${spec.example}`);
  command.showHelpAfterError(`Example: ${spec.example}\nSee \`tenantry ${names.join(' ')} --help\`.`);
  command.option('-C <dir>', 'the fleet repository', '.');
  if (spec.formats.length > 0)
    command.addOption(
      new Option('--format <format>', 'how to answer').choices([...spec.formats]).default(spec.formats[0]),
    );
  command.option('--no-color', 'plain text').option('--quiet', 'no messages, only data');
  for (const [flags, description] of spec.options ?? []) command.option(flags, description);
  command.action(async (...given: unknown[]) => {
    const flags = command.opts<Flags>();
    const args = given.slice(0, -2).filter((item): item is string => typeof item === 'string');
    done(await spec.run(openContext(flags), args, flags));
  });
}
