/** One line per event on stderr. Facts are short texts and numbers; content and secrets have no way in. */
export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
}

export type LogFacts = { readonly [name: string]: string | number | boolean | null };

/** Writes lines as JSON (`{"level","at","message",…}`) or plain text. */
export function createLog(
  form: 'json' | 'plain',
  out: { readonly write: (text: string) => void; readonly nowMs: () => number },
): Log {
  const line = (level: 'info' | 'warn', message: string, facts: LogFacts = {}): void => {
    const at = new Date(out.nowMs()).toISOString();
    if (form === 'json') {
      out.write(`${JSON.stringify({ level, at, message, ...facts })}\n`);
      return;
    }
    const words = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    out.write(`${at} ${level} ${[message, ...words].join(' ')}\n`);
  };
  return {
    info: (message, facts) => line('info', message, facts),
    warn: (message, facts) => line('warn', message, facts),
  };
}
