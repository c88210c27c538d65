// A check on several threads says what a check on one says: the same findings, the same counts of work.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateFleet } from '../scripts/fleet/index.ts';
import { type CheckReport, check, openShard, type ShardThreads } from '../src/flows/index.ts';
import { nodeClock, nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { openRepository } from '../src/io/git/index.ts';
import { openThreads } from '../src/io/threads/index.ts';

const ORGS = 310;
const THREAD = new URL('../src/cli/thread.ts', import.meta.url);

let dir = '';

const edit = (path: string, from: string | RegExp, to: string): void => {
  const text = readFileSync(join(dir, path), 'utf8');
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  writeFileSync(join(dir, path), edited);
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-threads-'));
  await generateFleet({ orgs: ORGS, seed: 7, dir, git: true });
  const uidOf = (org: string): string =>
    /uid: "?([a-z0-9]{20})/.exec(readFileSync(join(dir, `orgs/${org}/org.yaml`), 'utf8'))?.[1] ?? '';
  const uid = uidOf('org-00001');
  // Of all shares together: a model without a price. Of every share a fault: no manifest, a stale file, references into orgs of later and earlier shares, orgs that collide.
  writeFileSync(join(dir, 'orgs/org-00002/org.yaml'), 'kind: [\n');
  edit('prices/list.yaml', 'model: gpt-4o-mini', 'model: none-such');
  edit('orgs/org-00150/teams/support.yaml', /displayName: .*/, 'displayName: Another');
  edit('orgs/org-00300/org.yaml', /wallet: "?support"?\n/, `wallet: ${uid}\n`);
  edit('orgs/org-00010/org.yaml', /wallet: "?support"?\n/, `wallet: ${uidOf('org-00305')}\n`);
  edit('orgs/org-00200/org.yaml', /uid: .*/, `uid: "${uid}"`);
}, 120_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const checkOn = (threads: ShardThreads | null): Promise<CheckReport> => {
  const repository = openRepository(dir);
  const parts = { repository, hash: nodeHash, zoneOffset: nodeZoneOffset, clock: nodeClock, cache: null, threads };
  return check(parts, { tree: repository.workTree(), touched: new Set(), orgs: null });
};

/** Shares of a check in this thread, with nothing but what can be copied between them. */
const copying = (count: number): ShardThreads => {
  const shards = Array.from({ length: count }, () => openShard({ hash: nodeHash, zoneOffset: nodeZoneOffset }));
  return {
    count,
    run: async (index, ask) => {
      const answer = shards[index]?.(structuredClone(ask));
      if (answer === undefined) throw new RangeError(`there is no thread ${index}`);
      return structuredClone(await answer);
    },
  };
};

test('finds the same and counts the same, on one thread and on several', { timeout: 120_000 }, async () => {
  const alone = await checkOn(null);
  const codes = alone.findings.map(({ code, org }) => `${code} ${org}`);
  expect(codes.some((code) => code.endsWith(' org-00002'))).toBe(true);
  expect(codes.some((code) => code.endsWith(' org-00150'))).toBe(true);
  expect(codes.some((code) => code.includes('CROSS') && code.endsWith(' org-00300'))).toBe(true);
  expect(codes.some((code) => code.includes('CROSS') && code.endsWith(' org-00010'))).toBe(true);
  for (const org of ['org-00001', 'org-00309']) expect(codes).toContain(`MODEL_UNPRICED ${org}`);
  expect(alone.counters.orgsRendered).toBe(ORGS - 1);
  for (const threads of [copying(1), copying(2), openThreads(THREAD, 2)] as const) {
    const shared = await checkOn(threads as ShardThreads);
    expect(shared.findings).toEqual(alone.findings);
    expect(shared.counters).toEqual(alone.counters);
  }
});

test('a thread that fails fails the check', async () => {
  const broken = openThreads(new URL('data:text/javascript,throw new Error("out of order")'), 1);
  await expect(checkOn(broken as ShardThreads)).rejects.toThrow('out of order');
});
