import { expect, it } from 'vitest';
import { openRepeats } from './repeat.ts';

// A turn each millisecond; what a turn gives is taken from a list, and the last of it is repeated.

async function played(...turns: readonly (readonly (readonly string[] | Error)[])[]): Promise<readonly string[]> {
  const told: string[] = [];
  const repeat = openRepeats((line) => told.push(line));
  for (const list of turns) {
    let at = 0;
    await new Promise<void>((resolve) => {
      const work = repeat(async () => {
        const given = list[Math.min(at, list.length - 1)] ?? [];
        at += 1;
        if (at === list.length + 2) void work.stop().then(resolve);
        if (given instanceof Error) throw given;
        return given;
      }, 1);
    });
  }
  return told;
}

it('a line is told once for as long as turns give it, and again when it came back', async () => {
  expect(await played([['a'], ['a', 'b'], ['b'], [], ['a']])).toEqual(['a', 'b', 'a']);
});

it('a failure is a line, and ends nothing', async () => {
  expect(await played([new Error('away'), new Error('away'), ['a']])).toEqual(['away', 'a']);
});

it('what another work tells already is not told twice', async () => {
  expect(await played([['a']], [['a'], ['b']])).toEqual(['a', 'b']);
});
