import { describe, expect, it } from 'vitest';
import { sideBySide } from './lanes.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('side by side', () => {
  it('works on a few at a time and answers in order', async () => {
    let [running, most] = [0, 0];
    const answers = await sideBySide([5, 1, 4, 2, 3], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      for (let wait = 0; wait < item; wait += 1) await turn();
      running -= 1;
      return item * 10;
    });
    expect(answers).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  /** Works on four items side by side by two, the second of which fails; which others ended. */
  const endedBeside = async (failure: Error): Promise<readonly number[]> => {
    const ended: number[] = [];
    const work = sideBySide([1, 2, 3, 4], 2, async (item) => {
      if (item === 2) throw failure;
      for (let wait = 0; wait < 3; wait += 1) await turn();
      ended.push(item);
    });
    await expect(work).rejects.toBe(failure);
    return ended;
  };

  it('goes on past a failure, and throws the first one at the end', async () => {
    expect(await endedBeside(new Error('one of them is damaged'))).toEqual([1, 3, 4]);
  });

  it('begins nothing once the lease is lost, and lets what runs end', async () => {
    expect(await endedBeside(Object.assign(new Error('overtaken'), { code: 'STORE_FENCED' }))).toEqual([1]);
  });
});
