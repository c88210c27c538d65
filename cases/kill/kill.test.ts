import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lives, openLives } from './kill.testkit.ts';

// kill -9 of the gateway at a change of its disk: state, journal, wallets and numbers of requests. Here at a few of them;
// `npm run soak -- kill` at each, once before the change and once in the middle of it, and asks for the report.

const EVERY = Number(process.env['TENANTRY_KILL_EVERY'] ?? 0);
const REPORT = process.env['TENANTRY_KILL_REPORT'];
/** Shares of a life at which it ends here: while it starts, while it takes what is new, while it answers. */
const SHARES = [0.15, 0.5, 0.8];

let lives: Lives;
beforeAll(async () => {
  lives = await openLives();
});
afterAll(() => lives.close());

it('at any change of the disk leaves a gateway that serves, floors that did not fall, and every answer in the evidence', async () => {
  // The first life ends by itself, makes what later ones find, and shows how many changes there are.
  const whole = await lives.live({ killAt: 0, isTorn: false });
  expect(whole.faults).toEqual([]);
  const changes = whole.changes ?? 0;
  expect(changes).toBeGreaterThan(40);
  const moments =
    EVERY > 0
      ? Array.from({ length: Math.ceil(changes / EVERY) }, (_, index) => 1 + index * EVERY)
      : SHARES.map((share) => Math.round(share * changes));
  const faults: string[] = [];
  let killed = 0;
  for (const [index, killAt] of moments.entries()) {
    for (const isTorn of EVERY > 0 ? [false, true] : [index % 2 === 1]) {
      const life = await lives.live({ killAt, isTorn });
      if (life.wasKilled) killed += 1;
      faults.push(...life.faults.map((fault) => `change ${killAt}${isTorn ? ', torn' : ''}: ${fault}`));
    }
  }
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify({ changes, moments: moments.length, killed, faults }));
  expect(faults).toEqual([]);
  expect(killed).toBeGreaterThan(0);
}, 3_600_000);
