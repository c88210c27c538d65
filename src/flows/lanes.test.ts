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

  it('begins nothing after a failure, lets what runs end, and throws the first one', async () => {
    const ended: number[] = [];
    const work = sideBySide([1, 2, 3, 4], 2, async (item) => {
      if (item === 2) throw new Error('full');
      for (let wait = 0; wait < 3; wait += 1) await turn();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('full');
    expect(ended).toEqual([1]);
  });
});
