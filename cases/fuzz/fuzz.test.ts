import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fuzz } from './fuzz.testkit.ts';

// `npm run soak -- fuzz` runs the same with another seed and many more mutations, and asks for the report.

const SEED = Number(process.env['TENANTRY_FUZZ_SEED'] ?? 1);
const COUNT = Number(process.env['TENANTRY_FUZZ_COUNT'] ?? 240);
const REPORT = process.env['TENANTRY_FUZZ_REPORT'];

/** Root after root until one is missing, then one of each other file, twice where a poll is tried again. */
const MOST_REQUESTS = 16;
const MOST_BYTES = 256 * 1024;

it('whatever bytes of a published file are changed, nothing with another meaning is accepted', async () => {
  const report = await fuzz(SEED, COUNT);
  const { changed, crashed, refused, mostRequests, mostBytes } = report;
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify({ ...report, refused: Object.fromEntries(refused) }));
  expect({ changed, crashed }).toEqual({ changed: [], crashed: [] });
  expect(mostRequests).toBeLessThanOrEqual(MOST_REQUESTS);
  expect(mostBytes).toBeLessThanOrEqual(MOST_BYTES);
  // The mutations reach every kind of check: bytes, JSON, signatures, hashes, lengths, archive, shapes, policy.
  expect([...refused.keys()]).toEqual(
    expect.arrayContaining([
      'TRUST_METADATA',
      'TRUST_SIGNATURE',
      'TRUST_HASH',
      'TRUST_LENGTH',
      'TRUST_BUNDLE_SHAPE',
      'GATEWAY_POLICY_REFUSED',
    ]),
  );
}, 3_600_000);
