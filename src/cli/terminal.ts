import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { withUnseen } from '../core/model/index.ts';
import type { Painter } from '../core/report/index.ts';
import type { Log } from '../ports/index.ts';

/** Exit codes of the contract: 0 done, 1 findings or refused input, 2 differences, 64 usage, 69 unavailable, 70 our bug. */
export const EXIT = { ok: 0, refused: 1, differences: 2, usage: 64, unavailable: 69, bug: 70 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A refusal that ends a command with a message; the message says expected, found and what to do. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.code = code;
  }
}

export interface Terminal {
  /** Data, on stdout. */
  readonly out: (text: string) => void;
  /** Aborts once data is written that nobody reads any more: a command that follows something ends then. */
  readonly readerGone: AbortSignal;
  /** Findings that stand in the way, laid out: on stderr, also with --quiet. */
  readonly complain: (text: string) => void;
  /** Messages and progress, on stderr. */
  readonly log: Log;
  readonly paint: Painter;
  readonly isInteractive: boolean;
  /** How many columns stdout shows; undefined where it is no terminal. */
  readonly columns: () => number | undefined;
}

/**
 * Standard error. Whoever read the messages may go, and the disk that they go to may be full: what a command does goes on. Asked
 * for where something is written: to open it takes longer than a check of which nothing is new can spare.
 */
export function messages(): typeof process.stderr {
  const { stderr } = process;
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => undefined);
  return stderr;
}

/** A message as a terminal may show it: unseen characters written out, and further lines set in, so that none reads as another message. */
export function shownMessage(text: string): string {
  return text.split('\n').map(withUnseen).join('\n  ');
}

type Formatter = 'red' | 'yellow' | 'cyan' | 'green' | 'bold' | 'dim';

const STYLES: { readonly [style in Parameters<Painter>[0]]: Formatter } = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  info: 'cyan',
  add: 'green',
  remove: 'red',
  change: 'yellow',
  strong: 'bold',
  dim: 'dim',
};

export function openTerminal(options: { readonly color: boolean; readonly quiet: boolean }): Terminal {
  const paint: Painter = (style, text) =>
    options.color ? styleText(STYLES[style], text, { validateStream: false }) : text;
  const say = (text: string): void => {
    if (!options.quiet) messages().write(`${text}\n`);
  };
  // By their numbers: the streams themselves are made when something is read or said.
  const isInteractive = isatty(0) && isatty(1);
  const reader = new AbortController();
  return {
    out: (text) => {
      if (!isWritten(text)) reader.abort();
    },
    readerGone: reader.signal,
    complain: (text) => messages().write(text.endsWith('\n') ? text : `${text}\n`),
    log: {
      info: say,
      warn: (text) => messages().write(`${paint('medium', 'warning')} ${shownMessage(text)}\n`),
      progress: progressOf(say),
    },
    paint,
    isInteractive,
    columns: () => (isatty(1) ? process.stdout.columns : undefined),
  };
}

/**
 * Writes everything to standard output before returning, also to a slow pipe; throws where it cannot be had. False where the reader went away, which is no failure: what the
 * command does goes on to its end.
 */
export function isWritten(text: string): boolean {
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw cause;
    }
  }
  return true;
}

/** A live line on a terminal; in CI a plain line per tenth. */
function progressOf(say: (text: string) => void): Log['progress'] {
  let lastTenth = -1;
  return (label, done, total) => {
    if (total < 20) return;
    if (messages().isTTY === true) {
      messages().write(`\r${label} ${done}/${total}${done === total ? '\n' : ''}`);
      return;
    }
    const tenth = Math.floor((done * 10) / total);
    if (tenth === lastTenth) return;
    lastTenth = tenth;
    say(`${label} ${done}/${total}`);
  };
}
