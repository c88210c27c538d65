import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistoryEntry, OrgStore, RuntimeStore } from '../../ports/index.ts';
import { digestOf } from './canonical.ts';
import { connect } from './connection.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { orgStore } from './orgs.ts';
import { runtimeStore } from './runtime.ts';
import { ACME, chainOf, digest, enrol, entryOf, settlementOf, termsOf, testHash, ZEROS } from './worlds.testkit.ts';

let database: DatabaseSync;
let orgs: OrgStore;
let runtime: RuntimeStore;
beforeEach(async () => {
  database = new DatabaseSync(':memory:');
  migrate(database, migrations, testHash);
  const connection = connect(database, testHash);
  orgs = orgStore(connection);
  runtime = runtimeStore(connection);
  await orgs.transact(ACME, async (tx) => {
    for (const generation of [1, 2, 3, 4]) await tx.appendHistory(entryOf(generation));
  });
  await enrol(runtime, ACME, 'main');
  await runtime.once(ACME, { gateway: 'main', sequence: 1, bodyDigest: digest('') }, async (tx) => {
    await tx.lease(termsOf('s1'));
    await tx.settle('main', [settlementOf('x', 's1')], [], 60);
    await tx.appendEvents('main', chainOf(1));
    return {};
  });
});
afterEach(() => orgs.close());

describe('append-only tables', () => {
  it.each([
    "UPDATE history SET actor = 'somebody'",
    'DELETE FROM history',
    'UPDATE ledger SET amount_micros = 1',
    'DELETE FROM ledger',
    "UPDATE events SET line = '{}'",
    "UPDATE chains SET hash = 'another'",
    'UPDATE chains SET sequence = 0',
    'DELETE FROM chains',
  ])('refuse: %s', (statement) => {
    expect(() => database.exec(statement)).toThrow(/append-only|do not change/);
  });
});

describe('a balance that is not what the slices say', () => {
  it('refuses the settlement and the closing that it cannot hold, and takes back nothing that came with them', async () => {
    await runtime.expireSlices(ACME, 500);
    database.exec('UPDATE balances SET spent_micros = 0');
    const answered = await runtime.once(ACME, { gateway: 'main', sequence: 2, bodyDigest: digest('') }, async (tx) => {
      const [first, second] = chainOf(2);
      if (first === undefined || second === undefined) throw new Error('expected two lines');
      await tx.appendEvents('main', [first, second]);
      const { booked, refused } = await tx.settle('main', [settlementOf('y', 's1')], ['s1'], 600);
      return { booked, refused };
    });
    expect(answered).toMatchObject({
      ok: true,
      answer: {
        booked: 0,
        refused: [
          { id: 'y', reason: 'balance' },
          { id: 's1', reason: 'balance' },
        ],
      },
    });
    expect(await runtime.lines(ACME, { limit: 10, after: '0' })).toHaveLength(2);
  });
});

describe('verifying history', () => {
  it.each<[string, string, number]>([
    ['a changed actor', "UPDATE history SET actor = 'somebody' WHERE sequence = 2", 2],
    ['changed words', "UPDATE history SET detail = '{}' WHERE sequence = 3", 3],
    ['a removed link', 'DELETE FROM history WHERE sequence = 2', 2],
    ['a removed beginning', 'DELETE FROM history WHERE sequence = 1', 1],
    ['a changed hash', `UPDATE history SET hash = '${'a'.repeat(64)}' WHERE sequence = 4`, 4],
    ['another order', 'UPDATE history SET sequence = 9 WHERE sequence = 2', 2],
  ])('finds %s', async (_, statement, sequence) => {
    expect(await orgs.verifyHistory(ACME)).toBeNull();
    database.exec('DROP TRIGGER history_keeps; DROP TRIGGER history_stays;');
    database.exec(statement);
    expect(await orgs.verifyHistory(ACME)).toBe(sequence);
  });
});

describe('a forged history', () => {
  /** Rewrites a link and gives it the hash that fits its new content. */
  async function forge(sequence: number, change: Partial<HistoryEntry>): Promise<HistoryEntry> {
    const [entry] = await orgs.history(ACME, { limit: 1, after: String(sequence + 1) });
    if (entry === undefined) throw new Error(`expected a link ${sequence}`);
    const { hash: _, ...link } = { ...entry, ...change };
    const forged = { ...link, hash: digestOf(link, testHash) };
    database
      .prepare('UPDATE history SET sequence = ?, previous = ?, hash = ?, actor = ? WHERE sequence = ?')
      .run(forged.sequence, forged.previous, forged.hash, forged.actor, sequence);
    return forged;
  }
  beforeEach(() => database.exec('DROP TRIGGER history_keeps; DROP TRIGGER history_stays;'));

  it('shows at the link after the one that was rewritten', async () => {
    await forge(2, { actor: 'somebody' });
    expect(await orgs.verifyHistory(ACME)).toBe(3);
  });

  it('shows a first link that was cut off, although the rest was chained anew', async () => {
    database.exec('DELETE FROM history WHERE sequence = 1');
    let previous = ZEROS;
    for (const sequence of [2, 3, 4]) previous = (await forge(sequence, { previous })).hash;
    expect(await orgs.verifyHistory(ACME)).toBe(1);
  });
});

describe('a replaced identity', () => {
  it('stays on record as revoked', async () => {
    await enrol(runtime, ACME, 'main', 'new');
    const rows = database.prepare('SELECT public_key, enrolment, revoked_at_ms FROM gateways ORDER BY enrolment').all();
    expect(rows).toEqual([
      { public_key: 'key of main', enrolment: 1, revoked_at_ms: 10 },
      { public_key: 'new', enrolment: 2, revoked_at_ms: null },
    ]);
  });
});

describe('a statement', () => {
  it('is prepared once', async () => {
    const prepare = vi.spyOn(database, 'prepare');
    await orgs.heads();
    await orgs.heads();
    expect(prepare).toHaveBeenCalledTimes(1);
  });
});

describe('a damaged row', () => {
  it('is refused by name of its column', async () => {
    database.exec("DROP TRIGGER history_keeps; UPDATE history SET detail = '{' WHERE sequence = 4");
    const read = orgs.history(ACME, { limit: 1 });
    await expect(read).rejects.toMatchObject({ code: 'STORE_UNREADABLE', message: expect.stringContaining('detail') });
  });
});

describe('the statements of this driver', () => {
  const sources = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !/\.(test|testkit)\.ts$/.test(name))
    .map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8'));
  const statements = sources
    .flatMap((source) => source.match(/(['`])(SELECT|INSERT INTO|UPDATE|DELETE FROM) .*?\1/gs) ?? [])
    .filter((statement) => !/sqlite_schema|migrations|leases/.test(statement));

  it('name the org first, in every WHERE, every key and every inner query', () => {
    const fleetWide = statements.filter((statement) =>
      /FROM heads(\s+(JOIN|WHERE)\s.*| )ORDER BY|FROM (escalations|notifications)\s+WHERE state /s.test(statement),
    );
    expect(fleetWide).toHaveLength(7);
    const others = statements.filter((statement) => !fleetWide.includes(statement));
    expect(others.length).toBeGreaterThan(45);
    for (const statement of others) {
      const selects = statement.match(/\b(FROM|UPDATE) [a-z_]+/g)?.filter((part) => part !== 'UPDATE excluded') ?? [];
      const walls = statement.match(/WHERE ([a-z]+\.)?org = /g) ?? [];
      const reads = selects.filter((part) => part !== 'UPDATE SET').length;
      expect(walls.length, statement).toBe(reads);
      if (statement.includes('INSERT INTO')) {
        expect(statement).toMatch(/INSERT INTO \w+ \(org, /);
        if (statement.includes('ON CONFLICT')) expect(statement).toMatch(/ON CONFLICT \(org, |ON CONFLICT \(org\)/);
      }
    }
  });
});
