import { expect, test } from 'vitest';
import type { OrgSlug } from '../core/model/index.ts';
import { openSeats } from './seats.ts';

const org = (name: string): OrgSlug => name as OrgSlug;

/** Work that goes on until it is told, in the order in which it began. */
function desk(plan: {
  readonly perOrg: number;
  readonly total: number;
  readonly queued: number;
  readonly lingering: number;
}) {
  const seats = openSeats(plan);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const refused: string[] = [];
  const ask = (name: string, how: 'work' | 'linger' = 'work'): void => {
    const work = (): Promise<string> =>
      new Promise((resolve) => {
        begun.push(name);
        ends.push(() => resolve(name));
      });
    void seats[how](org(name), work).then((done) => {
      if (done === undefined) refused.push(name);
    });
  };
  return {
    begun,
    refused,
    ask,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    async end() {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
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

test('a seat is free again after work that throws', async () => {
  const seats = openSeats({ perOrg: 1, total: 1, queued: 1, lingering: 1 });
  await expect(seats.work(org('a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(seats.linger(org('a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await seats.work(org('a'), () => Promise.resolve(1))).toBe(1);
  expect(await seats.linger(org('a'), () => Promise.resolve(2))).toBe(2);
});

test('what lingers takes no seat, and is bounded for each org', async () => {
  const { ask, begun, refused, settle, end } = desk({ perOrg: 1, total: 1, queued: 1, lingering: 2 });
  for (const name of ['a', 'a', 'a', 'b']) ask(name, 'linger');
  ask('a');
  await settle();
  expect(begun).toEqual(['a', 'a', 'b', 'a']);
  expect(refused).toEqual(['a']);
  await end();
  ask('a', 'linger');
  await settle();
  expect(refused).toEqual(['a']);
});
