import { Worker } from 'node:worker_threads';
import type { Threads } from '../../ports/index.ts';

/** What a thread's program answers: the answer, or the error that stood in its way. */
export type ThreadMessage<Answer> = { readonly answer: Answer } | { readonly error: unknown };

/** Short-lived objects are most of what rendering makes; in a larger nursery they die before they are moved. */
const NURSERY_MB = 64;

/** Up to `count` threads that run the module at `program`. */
export function openThreads<Ask, Answer>(program: URL, count: number): Threads<Ask, Answer> {
  const workers = new Map<number, Worker>();
  const workerAt = (index: number): Worker => {
    const known = workers.get(index);
    if (known !== undefined) return known;
    const worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB } });
    worker.unref();
    workers.set(index, worker);
    return worker;
  };
  // One ask at a time: an answer has no number, it belongs to the ask before it.
  const last = new Map<number, Promise<unknown>>();
  return {
    count,
    run: (index, ask) => {
      const before = last.get(index) ?? Promise.resolve();
      const answer = before.then(() => answerOf<Answer>(workerAt(index), ask));
      last.set(
        index,
        answer.catch(() => workers.delete(index)),
      );
      return answer;
    },
  };
}

function answerOf<Answer>(worker: Worker, ask: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      worker.unref();
    };
    const onMessage = (message: ThreadMessage<Answer>): void => {
      done();
      if ('answer' in message) resolve(message.answer);
      else reject(message.error);
    };
    const onError = (error: unknown): void => {
      done();
      reject(error);
    };
    const onExit = (code: number): void => {
      done();
      reject(new Error(`Expected an answer of a thread, found that it ended (${code}).`));
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.ref();
    worker.postMessage(ask);
  });
}
