import { sleep } from './sleep.ts';

/** Work that goes on beside others until it is stopped. */
export interface Repeated {
  /** Resolves when the last turn has ended. */
  stop(): Promise<void>;
}

/**
 * Repeats works, each for itself, `pauseMs` after its last turn ended. A turn gives what there is to tell, and a failure is such
 * a line; it ends nothing. A line is told once, for as long as some work's turns go on giving it.
 */
export function openRepeats(
  tell: (line: string) => void,
): (work: () => Promise<readonly string[]>, pauseMs: number) => Repeated {
  const standing = new Set<ReadonlySet<string>>();
  return (work, pauseMs) => {
    const stopped = new AbortController();
    let last: ReadonlySet<string> = new Set();
    const turn = async (): Promise<void> => {
      const lines = new Set(await work().catch((cause: unknown) => [wordsOf(cause)]));
      for (const line of lines) if (![...standing].some((told) => told.has(line))) tell(line);
      standing.delete(last);
      standing.add(lines);
      last = lines;
    };
    const run = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        await turn();
        if (!stopped.signal.aborted) await sleep(pauseMs, stopped.signal);
      }
    };
    const ended = run();
    return {
      async stop() {
        stopped.abort();
        await ended;
      },
    };
  };
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
