import { expect, it } from 'vitest';
import type { OrgSlug } from '../../core/model/index.ts';
import type { ControlPlane } from './context.ts';
import { ESCALATION_RETENTION_MS, forgetEscalations } from './forget.ts';

// Over the real store it is shown in its contract suite; here, how far a pass goes.

const NOW_MS = 1_800_000_000_000;

/** Orgs with so many escalations that are over, of which one transaction forgets two; `failing` as often as it says. */
function planeWith(old: { [org: string]: number }, failing = 0, nowMs = NOW_MS) {
  const asked: number[] = [];
  let left = failing;
  const runtime: Partial<ControlPlane['runtime']> = {
    async forgettableEscalations(untilMs) {
      asked.push(untilMs);
      return Object.keys(old).filter((org) => old[org] !== 0) as OrgSlug[];
    },
    async forgetEscalations(org, untilMs) {
      asked.push(untilMs);
      if (asked.length > 3 && left-- > 0) throw new Error('the process ended');
      const some = Math.min(2, old[org] ?? 0);
      old[org] = (old[org] ?? 0) - some;
      return some;
    },
  };
  const plane = { runtime, clock: { nowMs: () => nowMs } } as unknown as ControlPlane;
  return { plane, old, asked };
}

it('a pass forgets all that was resolved 90 days ago, in every org', async () => {
  const { plane, old, asked } = planeWith({ acme: 5, bravo: 0, cedar: 1 });
  expect(await forgetEscalations(plane)).toBe(6);
  expect(old).toEqual({ acme: 0, bravo: 0, cedar: 0 });
  expect(new Set(asked)).toEqual(new Set([NOW_MS - 90 * 24 * 3_600_000]));
  expect(ESCALATION_RETENTION_MS).toBe(7_776_000_000);
});

it('a pass that breaks off leaves the rest to the next one', async () => {
  const { plane, old } = planeWith({ acme: 5, cedar: 1 }, 1);
  await expect(forgetEscalations(plane)).rejects.toThrow('the process ended');
  expect(old).toEqual({ acme: 1, cedar: 1 });
  expect(await forgetEscalations(plane)).toBe(2);
});

it('a clock that stands at the beginning forgets nothing', async () => {
  const { plane, asked } = planeWith({ acme: 1 }, 0, 1000);
  expect([await forgetEscalations(plane), asked]).toEqual([0, []]);
});
