import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { seedOf } from '../../scripts/check/property-seed.ts';
import { fuzzHttp } from './http-fuzz.testkit.ts';

// `npm run soak -- http` plays many more connections, and one of them again with `--only <number>`.

const COUNT = Number(process.env['TENANTRY_HTTP_FUZZ_COUNT'] ?? 240);
const ONLY = process.env['TENANTRY_HTTP_FUZZ_ONLY'];
const REPORT = process.env['TENANTRY_HTTP_FUZZ_REPORT'];
/** The control plane of this process keeps every event: this is its share, with room. */
const GROWN_BYTES = 24 * 1024;

it('whatever clients and providers send, each connection ends, nothing fails inside and no secret comes out', async () => {
  const seed = seedOf(process.env['TENANTRY_PROPERTY_SEED']);
  const report = await fuzzHttp({ seed, count: COUNT, only: ONLY === undefined ? null : Number(ONLY) });
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(report));
  expect(report.faults).toEqual([]);
  if (ONLY !== undefined) return;
  // What is asked reaches the gateway's answers and refusals of every kind, and the providers.
  expect(Object.keys(report.statuses)).toEqual(
    expect.arrayContaining(['200', '400', '401', '404', '409', '422', '502']),
  );
  expect(report.forwarded).toBeGreaterThan(COUNT / 5);
  expect(report.grownBytes).toBeLessThan(GROWN_BYTES);
}, 3_600_000);
