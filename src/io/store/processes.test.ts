import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from './index.ts';
import { startOpeners } from './opener.testkit.ts';
import { ACME, headOf, testHash } from './worlds.testkit.ts';
import { runWriter } from './writer.testkit.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-processes-'));
  path = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openSqliteStore({ path, hash: testHash });

function integrity(): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  const answer = database.prepare('PRAGMA integrity_check').get();
  database.close();
  return answer;
}

const lastOf = (printed: string): number => Number(printed.trimEnd().split('\n').at(-1));

describe('kill -9 while committing', () => {
  it('loses no acknowledged generation and leaves none half-written', async () => {
    for (const delayMs of [0, 3, 11]) {
      const acknowledged = lastOf(await runWriter('commit', path).killAfter(5, delayMs));
      const { orgs } = open();
      const observed = await orgs.observe(ACME);
      const generation = observed?.generation ?? 0;
      expect(generation).toBeGreaterThanOrEqual(acknowledged);
      expect(generation).toBeLessThanOrEqual(acknowledged + 1);
      expect(observed?.objects.map((object) => object.generation)).toEqual([generation, generation, generation]);
      const [newest] = await orgs.history(ACME, { limit: 1 });
      expect(newest).toMatchObject({ generation, sequence: generation });
      expect(await orgs.verifyHistory(ACME)).toBeNull();
      orgs.close();
      expect(integrity()).toEqual({ integrity_check: 'ok' });
    }
  });

  it('loses no acknowledged money', async () => {
    for (const delayMs of [1, 6]) {
      const acknowledged = lastOf(await runWriter('spend', path).killAfter(5, delayMs));
      const { orgs, runtime } = open();
      const sequence = (await runtime.gateway(ACME, 'main'))?.sequence ?? 0;
      expect(sequence).toBeGreaterThanOrEqual(acknowledged);
      const [balance] = await runtime.balances(ACME);
      expect(balance).toMatchObject({ leasedMicros: 0, spentMicros: 10 * sequence });
      const body = { gateway: 'main', sequence, bodyDigest: testHash.sha256(`s${sequence}`) };
      const again = await runtime.once(ACME, body, async () => ({ sequence: 'ran twice' }));
      expect(again).toEqual({ ok: true, answer: { sequence }, repeated: true });
      orgs.close();
      expect(integrity()).toEqual({ integrity_check: 'ok' });
    }
  });
});

describe('a new store', () => {
  it('is opened by everybody who opens it first: SQLite itself lets none of them wait for another', async () => {
    const openers = startOpeners(3);
    for (let round = 0; round < 60; round += 1) {
      expect(await openers.race(join(folder, `${round}.db`))).toEqual(['opened', 'opened', 'opened']);
    }
    await openers.close();
  });
});

describe('two processes on one file', () => {
  it('take turns: every increment of both is there', async () => {
    await Promise.all([runWriter('count', path).ended, runWriter('count', path).ended]);
    const { orgs } = open();
    expect(await orgs.heads()).toEqual([headOf(ACME, 80)]);
    expect(await orgs.verifyHistory(ACME)).toBeNull();
    orgs.close();
  });

  it('cannot both be the controller', async () => {
    const printed = await Promise.all(['a', 'b', 'c'].map((holder) => runWriter('lease', path, holder).ended));
    const grants = printed.map((line): { granted: boolean; fence?: number } => JSON.parse(line));
    expect(grants.filter(({ granted }) => granted)).toEqual([{ granted: true, fence: 1 }]);
  });
});
