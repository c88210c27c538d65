/** One line per event on stderr. Facts are short texts and numbers; content and secrets have no way in. */
export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
}

export type LogFacts = { readonly [name: string]: string | number | boolean | null };

export interface LogOptions {
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
  /** The least that is written; `info` by default. */
  readonly level?: 'info' | 'warn';
}

/** Of one text of a line; what is longer is cut. */
const MOST_CHARACTERS = 500;

/** Writes lines as JSON (`{"level","at","message",…}`) or plain text. */
export function createLog(form: 'json' | 'plain', { write, nowMs, level: least = 'info' }: LogOptions): Log {
  const line = (level: 'info' | 'warn', message: string, facts: LogFacts = {}): void => {
    const at = new Date(nowMs()).toISOString();
    if (form === 'json') {
      const own = { level, at, message };
      // The first three come first and are not overwritten.
      write(`${JSON.stringify({ ...own, ...facts, ...own }, (_, value: unknown) => short(value))}\n`);
      return;
    }
    const words = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(short(value))}`);
    write(`${at} ${level} ${[message, ...words].join(' ')}\n`);
  };
  return {
    info: least === 'info' ? (message, facts) => line('info', message, facts) : () => {},
    warn: (message, facts) => line('warn', message, facts),
  };
}

function short(value: unknown): unknown {
  return typeof value === 'string' && value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
}

/** What may be logged of an error that is not ours: its kind and where it was thrown. Its words may hold content. */
export function placeOfError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { stack = '', message } = error;
  // Words with line feeds may look like a place.
  const places = stack.slice(stack.indexOf(message) + message.length);
  const [, place = 'an unknown place'] = /\n\s+at .*?([^/\\(\n]+:[0-9]+):[0-9]+\)?/.exec(places) ?? [];
  return `${error.name} at ${place}`;
}
