// One copy of the checkout with a vitest that stays in it: says which test notices a change of a file.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Checkout, copyCheckout } from './checkout.ts';
import type { Question, Verdict } from './judge.ts';

/** A change that makes tests run without end is noticed; this is how long that is waited for. */
const ANSWER_LIMIT_MS = 4 * 60_000;

/** Stands for the test file where none came to an end. */
export const HANGS = 'a test that hangs';

export interface Change {
  readonly file: string;
  readonly text: string;
}

/** Works on one question at a time. */
export interface Tester {
  readonly read: (file: string) => string;
  /** Says which test file fails first, if one does; that they `hang` is a failure too. */
  readonly failing: (tests: readonly string[], change?: Change) => Promise<Verdict>;
  /** The same over all tests that import the changed file: what the list's own tests let pass. */
  readonly isNoticedElsewhere: (change: Change) => Promise<boolean>;
  readonly close: () => void;
}

const start = async (checkout: Checkout): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/soak/mutation/judge.ts'], {
    cwd: checkout.folder,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await nextMessage(child);
  return child;
};

/** The next message of the child; undefined when it says nothing for too long. Throws when it ends: it never should. */
const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const settled = new AbortController();
  const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const signal = AbortSignal.any([settled.signal, limit]);
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`Expected vitest to stay in its copy of the checkout, found that it ended (exit ${code}).`);
  });
  const message = once(child, 'message', { signal }).then(([value]: unknown[]) => value);
  ended.catch(() => undefined);
  try {
    return await Promise.race([message, ended]);
  } catch (error) {
    if (limit.aborted) return undefined;
    throw error;
  } finally {
    // Takes the listener that lost off the child again.
    settled.abort();
  }
};

const isVerdict = (message: unknown): message is Verdict => message instanceof Object && 'failed' in message;

export const openTester = async (): Promise<Tester> => {
  const checkout = copyCheckout();
  let child = await start(checkout);
  const ask = async (question: Question): Promise<Verdict> => {
    const answer = nextMessage(child);
    child.send(question);
    const verdict = await answer;
    if (isVerdict(verdict)) return verdict;
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = await start(checkout);
    return { failed: HANGS, files: 0 };
  };
  const changed = async <T>({ file, text }: Change, work: () => Promise<T>): Promise<T> => {
    const source = checkout.read(file);
    checkout.write(file, text);
    try {
      return await work();
    } finally {
      checkout.write(file, source);
    }
  };
  return {
    read: checkout.read,
    failing: (tests, change) =>
      change === undefined
        ? ask({ tests, changed: null })
        : changed(change, () => ask({ tests, changed: change.file })),
    isNoticedElsewhere: (change) => changed(change, async () => !(await checkout.passesRelated(change.file))),
    close: () => {
      child.kill('SIGKILL');
      checkout.remove();
    },
  };
};
