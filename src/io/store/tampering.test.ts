import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgStore, RuntimeStore } from '../../ports/index.ts';
import { connect } from './connection.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { orgStore } from './orgs.ts';
import { runtimeStore } from './runtime.ts';
import { ACME, chainOf, digest, enrol, entryOf, settlementOf, termsOf, testHash } from './worlds.testkit.ts';

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
  ])('refuse: %s', (statement) => {
    expect(() => database.exec(statement)).toThrow(/append-only|do not change/);
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
    const fleetWide = statements.filter((statement) => /FROM heads(\s+JOIN publications.*| )ORDER BY/s.test(statement));
    expect(fleetWide).toHaveLength(2);
    const others = statements.filter((statement) => !fleetWide.includes(statement));
    expect(others.length).toBeGreaterThan(45);
    for (const statement of others) {
      const selects = statement.match(/\b(FROM|UPDATE) [a-z_]+/g)?.filter((part) => part !== 'UPDATE excluded') ?? [];
      const walls = statement.match(/WHERE (newer\.)?org = /g) ?? [];
      const reads = selects.filter((part) => part !== 'UPDATE SET').length;
      expect(walls.length, statement).toBe(reads);
      if (statement.includes('INSERT INTO')) {
        expect(statement).toMatch(/INSERT INTO \w+ \(org, /);
        if (statement.includes('ON CONFLICT')) expect(statement).toMatch(/ON CONFLICT \(org, |ON CONFLICT \(org\)/);
      }
    }
  });
});
