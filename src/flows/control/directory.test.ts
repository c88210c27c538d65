import { expect, test } from 'vitest';
import type { OrgSlug, OrgUid } from '../../core/model/index.ts';
import type { OrgHead, OrgStore } from '../../ports/index.ts';
import { openDirectory } from './context.ts';

const headOf = (org: string): OrgHead => ({ org: org as OrgSlug, uid: `uid of ${org}` as OrgUid }) as OrgHead;

/** A directory over heads that a test writes, with how often they were read. */
function world() {
  const heads: OrgHead[] = [headOf('acme')];
  const state = { nowMs: 1_000_000, reads: 0, isBroken: false };
  const orgs = {
    async heads() {
      state.reads += 1;
      if (state.isBroken) throw new Error('broken');
      return [...heads];
    },
  } as Partial<OrgStore> as OrgStore;
  const directory = openDirectory(orgs, { nowMs: () => state.nowMs });
  const knows = async (org: string): Promise<boolean> => (await directory.bySlug(org)) !== undefined;
  return { heads, state, directory, knows };
}

test('heads are read once a second, however many ask', async () => {
  const { heads, state, directory, knows } = world();
  expect(await Promise.all([knows('acme'), knows('acme'), knows('nobody')])).toEqual([true, true, false]);
  expect(await directory.byUid('uid of acme')).toEqual(heads[0]);
  heads.push(headOf('bravo'));
  state.nowMs += 999;
  expect([await knows('bravo'), state.reads]).toEqual([false, 1]);
  state.nowMs += 1;
  expect([await knows('bravo'), await knows('acme'), state.reads]).toEqual([true, true, 2]);
});

test('a clock that is put back hides no org', async () => {
  const { heads, state, knows } = world();
  expect(await knows('acme')).toBe(true);
  heads.push(headOf('bravo'));
  state.nowMs -= 24 * 3_600_000;
  expect([await knows('bravo'), state.reads]).toEqual([true, 2]);
  expect([await knows('bravo'), state.reads]).toEqual([true, 2]);
});

test('what could not be read is read by the next who asks', async () => {
  const { state, knows } = world();
  state.isBroken = true;
  await expect(knows('acme')).rejects.toThrow('broken');
  state.isBroken = false;
  expect(await knows('acme')).toBe(true);
});
