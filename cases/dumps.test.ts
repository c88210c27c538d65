import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wireKeys, wireSeeds } from '../src/wire.ts';

// A process that holds seeds leaves none of its memory in a core dump. The gateway's own is in gateway-flags.test.ts.

const FILTER = '/proc/self/coredump_filter';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-dumps-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

// Only Linux has the switch.
test.skipIf(!existsSync(FILTER))('whoever makes or opens seeds keeps its memory out of core dumps', async () => {
  const dumped = (): number => Number.parseInt(readFileSync(FILTER, 'utf8'), 16);
  for (const work of [() => wireSeeds(folder), () => wireKeys(folder, {})]) {
    writeFileSync(FILTER, '0x33');
    expect(dumped()).toBe(0x33);
    await work();
    expect(dumped()).toBe(0);
    expect(process.report.excludeEnv).toBe(true);
  }
});
