import fc from 'fast-check';
import { expect, it } from 'vitest';
import { live, step } from './oracle.testkit.ts';
import { openWorld } from './world.testkit.ts';

it.each(['first-that-can-pay', 'all-must-pass'] as const)(
  'whatever happens, no wallet pays more than its limit and what was booked as excess, and the ledger is what the evidence says: %s',
  async (rule) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const world = await openWorld(rule);
        try {
          await live(world, steps);
        } finally {
          world.close();
        }
      }),
      { numRuns: 3 },
    );
    expect.hasAssertions();
  },
  60_000,
);
