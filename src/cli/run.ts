import { isPlainFormat } from '../core/report/index.ts';
import { checkCommand } from './commands/check.ts';
import { openContext } from './context.ts';
import { outsideWords } from './outside.ts';
import type { Flags } from './spec.ts';
import { CommandError, EXIT, type ExitCode, messages, shownMessage } from './terminal.ts';

/** Parses argv, runs one command, and gives the exit code; every error becomes words and a code. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  try {
    const flags = plainCheck(argv);
    if (flags === undefined) return await (await import('./program.ts')).runProgram(argv);
    return await checkCommand(openContext(flags), [], flags);
  } catch (cause) {
    return await explainFailure(cause);
  }
}

/**
 * The flags of a `check` of the whole fleet, where argv says nothing but that; undefined: let commander parse it. An
 * unchanged fleet is answered sooner than commander is loaded.
 */
export function plainCheck(argv: readonly string[]): Flags | undefined {
  const [word, ...rest] = argv;
  if (word !== 'check') return undefined;
  const flags: Record<string, string | boolean> = { C: '.', format: 'human', color: true, cache: true };
  for (let at = 0; at < rest.length; at += 1) {
    const value = rest[at + 1] ?? '';
    if (rest[at] === '--quiet') flags['quiet'] = true;
    else if (rest[at] === '--no-color') flags['color'] = false;
    else if (rest[at] === '--format' && isPlainFormat(value)) {
      flags['format'] = value;
      at += 1;
    } else if (rest[at] === '-C' && /^[^-]/.test(value)) {
      flags['C'] = value;
      at += 1;
    } else return undefined;
  }
  return flags;
}

async function explainFailure(cause: unknown): Promise<ExitCode> {
  if (cause instanceof CommandError) {
    messages().write(`${shownMessage(`${cause.code}: ${cause.message}`)}\n${await adviceFor(cause)}`);
    return cause.exitCode;
  }
  const known = outsideWords(cause);
  if (known !== undefined) {
    messages().write(`${shownMessage(known)}\n`);
    return EXIT.unavailable;
  }
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  messages().write(`BUG: this is an error of tenantry, not of your input. Please report the text below.\n${text}\n`);
  return EXIT.bug;
}

/** What to do, from the table of codes; nothing where the message says it itself, which comes after a semicolon. */
async function adviceFor({ code, message }: CommandError): Promise<string> {
  if (message.includes(';')) return '';
  const { codeEntry } = await import('../core/model/index.ts');
  const entry = codeEntry(code);
  return entry === undefined ? '' : `${entry.fix}\n`;
}
