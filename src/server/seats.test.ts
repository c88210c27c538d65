import { expect, test } from 'vitest';
import type { OrgSlug } from '../core/model/index.ts';
import { openSeats, type Seat } from './seats.ts';

const org = (name: string): OrgSlug => name as OrgSlug;

/** Work that goes on until it is told, in the order in which it began; what lingers leaves its seat until it is called back. */
function desk(plan: {
  readonly perOrg: number;
  readonly total: number;
  readonly queued: number;
  readonly lingering: number;
}) {
  const seats = openSeats(plan);
  const begun: string[] = [];
  const back: string[] = [];
  const ends: (() => void)[] = [];
  const calls: (() => void)[] = [];
  const refused: string[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const until = (list: (() => void)[]): Promise<void> => new Promise((resolve) => list.push(resolve));
  const run = async (name: string, how: 'work' | 'linger', { away }: Seat): Promise<string> => {
    begun.push(name);
    if (how === 'linger') {
      await away(() => until(calls));
      back.push(name);
    }
    await until(ends);
    return name;
  };
  const ask = (name: string, how: 'work' | 'linger' = 'work'): void => {
    void seats
      .work(org(name), (seat) => run(name, how, seat))
      .then((done) => {
        if (done === undefined) refused.push(name);
      });
  };
  const next = async (list: (() => void)[]): Promise<void> => {
    list.shift()?.();
    await settle();
  };
  return {
    ...{ seats, begun, back, refused, ask, settle },
    end: () => next(ends),
    async callAll() {
      for (const call of calls.splice(0)) call();
      await settle();
    },
  };
}

test('an org that floods works in its own seats, waits in its own queue, and hears no beyond them', async () => {
  const { ask, begun, refused, settle, end } = desk({ perOrg: 2, total: 10, queued: 3, lingering: 1 });
  for (let times = 0; times < 100; times += 1) ask('a');
  await settle();
  expect([begun.length, refused.length]).toEqual([2, 95]);
  for (let times = 0; times < 2; times += 1) ask('b');
  await settle();
  expect(begun).toEqual(['a', 'a', 'b', 'b']);
  for (let times = 0; times < 5; times += 1) await end();
  expect(begun.filter((name) => name === 'a')).toHaveLength(5);
  expect(refused).toHaveLength(95);
  ask('a');
  await settle();
  expect(refused).toHaveLength(95);
});

test('where all seats are taken the next goes to each org in turn, whoever asked more', async () => {
  const { ask, begun, settle, end } = desk({ perOrg: 2, total: 2, queued: 50, lingering: 1 });
  for (let times = 0; times < 20; times += 1) ask('a');
  ask('b');
  ask('c');
  ask('b');
  await settle();
  for (let times = 0; times < 6; times += 1) await end();
  expect(begun).toEqual(['a', 'a', 'a', 'b', 'c', 'a', 'b', 'a']);
});

test('a seat is free again after work that throws, in it or away from it', async () => {
  const seats = openSeats({ perOrg: 1, total: 1, queued: 1, lingering: 1 });
  const fails = () => Promise.reject(new Error('no'));
  await expect(seats.work(org('a'), fails)).rejects.toThrow('no');
  await expect(seats.work(org('a'), ({ away }) => away(fails))).rejects.toThrow('no');
  expect(await seats.work(org('a'), () => Promise.resolve(1))).toBe(1);
  expect(await seats.work(org('a'), ({ away }) => away(() => Promise.resolve(2)))).toBe(2);
});

test('what waits leaves its seat to others meanwhile, comes back to one, and is bounded for each org', async () => {
  const { ask, begun, back, refused, settle, end, callAll } = desk({ perOrg: 1, total: 1, queued: 1, lingering: 2 });
  for (const name of ['a', 'b', 'a', 'a']) {
    ask(name, 'linger');
    await settle();
  }
  expect([begun, refused]).toEqual([['a', 'b', 'a', 'a'], ['a']]);
  ask('b');
  await settle();
  // The one seat is b's: those that are called back wait for it as all others do, and none is turned away.
  await callAll();
  expect([begun.at(-1), back]).toEqual(['b', []]);
  for (let times = 0; times < 4; times += 1) await end();
  expect([back.toSorted(), refused]).toEqual([['a', 'a', 'b'], ['a']]);
  ask('a', 'linger');
  await settle();
  expect(refused).toEqual(['a']);
});

test('those who come back take no place from those who arrive', async () => {
  const { ask, seats, begun, back, refused, settle, end, callAll } = desk({
    perOrg: 1,
    total: 9,
    queued: 2,
    lingering: 9,
  });
  for (let times = 0; times < 5; times += 1) {
    ask('a', 'linger');
    await settle();
  }
  ask('a');
  await settle();
  await callAll();
  ask('a');
  ask('a');
  await settle();
  expect([refused, seats.isFull(org('a')), seats.isFull(org('b'))]).toEqual([[], true, false]);
  ask('a');
  await settle();
  expect(refused).toEqual(['a']);
  for (let times = 0; times < 8; times += 1) await end();
  expect([begun.length, back.length, seats.isFull(org('a'))]).toEqual([8, 5, false]);
});
