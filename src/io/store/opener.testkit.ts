// A thread that opens a new store at the same moment as others: run by tests of what happens then.
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { openSqliteStore } from './index.ts';
import { testHash } from './worlds.testkit.ts';

export interface Openers {
  /** Opens the path in all threads at once; what became of it in each: `opened`, or a code. */
  race(path: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How many threads stand ready, and the round that has begun. */
const [READY, ROUND] = [0, 1] as const;

/** Threads that wait for one another. */
export function startOpeners(count: number): Openers {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const threads = Array.from({ length: count }, () => new Worker(new URL(import.meta.url), { workerData: gate }));
  return {
    async race(path) {
      Atomics.store(gate, READY, 0);
      const told = threads.map((thread) => new Promise<string>((resolve) => thread.once('message', resolve)));
      for (const thread of threads) thread.postMessage(path);
      while (Atomics.load(gate, READY) < count) await new Promise((resolve) => setImmediate(resolve));
      Atomics.add(gate, ROUND, 1);
      Atomics.notify(gate, ROUND);
      return Promise.all(told);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

const opened = (path: string): string => {
  try {
    openSqliteStore({ path, hash: testHash }).orgs.close();
    return 'opened';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

const port = parentPort;
if (port !== null && workerData instanceof Int32Array) {
  const gate = workerData;
  port.on('message', (path: string) => {
    const round = Atomics.load(gate, ROUND);
    Atomics.add(gate, READY, 1);
    Atomics.wait(gate, ROUND, round);
    port.postMessage(opened(path));
  });
}
