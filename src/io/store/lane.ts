import { AsyncLocalStorage } from 'node:async_hooks';
import { storeError } from './error.ts';

/** One thing at a time on one connection, in the order asked: reads never see half of somebody's transaction. */
export interface Lane {
  /** Runs `work` when everything asked before has ended. */
  run<T>(work: () => T | Promise<T>): Promise<T>;
  /** Lets the work that runs now end, refuses what waits, then calls `last`. */
  close(last: () => void): void;
}

export function openLane(): Lane {
  const inside = new AsyncLocalStorage<{ open: boolean }>();
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;
  const turn = async <T>(work: () => T | Promise<T>): Promise<T> => {
    if (closed) throw closedError();
    const token = { open: true };
    try {
      return await inside.run(token, work);
    } finally {
      token.open = false;
    }
  };
  return {
    run(work) {
      if (inside.getStore()?.open === true) return Promise.reject(nestedError());
      waiting += 1;
      const result = tail
        .then(() => turn(work))
        .finally(() => {
          waiting -= 1;
        });
      tail = result.catch(() => undefined);
      return result;
    },
    close(last) {
      if (closed) return;
      closed = true;
      if (waiting === 0) last();
      else void tail.then(last);
    },
  };
}

const closedError = () =>
  storeError('STORE_CLOSED', { message: 'The store is closed', expected: 'an open store', found: 'a closed one' });

const nestedError = () =>
  storeError('STORE_NESTED', {
    message: 'The store was called from inside a transaction',
    expected: 'a call of the transaction itself',
    found: 'a call of the store, which would wait for itself',
  });
