import fc from 'fast-check';
import { expect, it } from 'vitest';
import { step, take } from './oracle.testkit.ts';
import { openWorld } from './world.testkit.ts';

// One world for a long time: in `npm test` a hundred steps, in `npm run soak -- properties` thousands, with over 2,000 requests.

const TIMES = Number(process.env['TENANTRY_PROPERTY_TIMES'] ?? 1);
const SEED = Number(process.env['TENANTRY_PROPERTY_SEED'] ?? 20_260_101);
const STEPS = 100 + 1100 * (TIMES - 1);
/** The whole ledger is replayed each time. */
const VERIFIED_EVERY = 50;

it('a world that lives long keeps its books as one that lives short', async () => {
  const world = await openWorld('first-that-can-pay');
  try {
    for (const [index, act] of fc.sample(step, { numRuns: STEPS, seed: SEED }).entries()) {
      world.nowMs += 800;
      await take(world, act);
      if (index % VERIFIED_EVERY === 0) await world.verify();
    }
    expect((await world.conclude()).decided).toBeGreaterThan(STEPS / 10);
  } finally {
    world.close();
  }
}, 600_000);
