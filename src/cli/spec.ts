import type { ExitCode, Terminal } from './terminal.ts';

/** What every command gets: the folder, the format, the terminal. */
export interface CommandContext {
  /** What -C names, or where the command was started. */
  readonly folder: string;
  /** The top of the repository that holds it; the folder itself where none does. */
  readonly dir: string;
  readonly format: string;
  readonly terminal: Terminal;
}

/** One command: its words for commander, and the file that runs it, loaded when it is used. */
export interface CommandSpec {
  readonly usage: string;
  readonly summary: string;
  readonly example: string;
  readonly formats: readonly string[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly run: (context: CommandContext, args: readonly string[], flags: Flags) => Promise<ExitCode>;
}

export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
