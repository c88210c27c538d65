import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from './connection.ts';
import { openSqliteStore } from './index.ts';
import { appliedMigrations, type Migration, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { refuseOldSqlite } from './open.ts';
import { orgStore } from './orgs.ts';
import { ACME, headOf, testHash } from './worlds.testkit.ts';
import { runWriter } from './writer.testkit.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-open-'));
  path = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (at = path) => openSqliteStore({ path: at, hash: testHash, busyTimeoutMs: 50 });

/** Opens the file past the driver. */
function direct<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Names and bytes of everything in the folder. */
const bytes = () =>
  readdirSync(folder, { recursive: true }).map((name) => {
    const file = join(folder, String(name));
    return [name, statSync(file).isFile() ? readFileSync(file, 'hex') : 'folder'];
  });

function expectRefused(code: string, found: RegExp, at = path): void {
  const before = bytes();
  expect(() => open(at)).toThrow(
    expect.objectContaining({
      name: 'StoreError',
      code,
      message: expect.stringMatching(/^.+: expected .+, found .+$/),
      expected: expect.stringMatching(/./),
      found: expect.stringMatching(found),
      fix: expect.stringMatching(/\.$/),
    }),
  );
  expect(bytes()).toEqual(before);
}

describe('opening', () => {
  it('makes the folder, keeps others out, and finds everything again', async () => {
    const at = join(folder, 'deep', 'er', 'store.db');
    const first = open(at);
    await first.orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)));
    first.orgs.close();
    expect(statSync(at).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'deep')).mode & 0o077).toBe(0);
    const second = open(at);
    expect(await second.orgs.heads()).toEqual([headOf(ACME, 1)]);
    second.orgs.close();
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['store.db']);
  });

  it('keeps a store in memory, too', async () => {
    const store = open(':memory:');
    await store.orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)));
    expect(await store.orgs.heads()).toHaveLength(1);
    store.orgs.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes ahead to a log and syncs every commit', () => {
    const store = open();
    expect(direct((database) => database.prepare('PRAGMA journal_mode').get())).toEqual({ journal_mode: 'wal' });
    store.orgs.close();
  });

  it('refuses a directory', () => expectRefused('STORE_UNREADABLE', /a directory/, folder));

  it('refuses a folder that is a file', () => {
    writeFileSync(path, '');
    expectRefused('STORE_UNREADABLE', /EEXIST|ENOTDIR/, join(path, 'store.db'));
  });

  it.each(['hello', 'x'.repeat(9000)])('refuses a file that is no database', (content) => {
    writeFileSync(path, content);
    expectRefused('STORE_UNREADABLE', /another format/);
  });

  it('refuses to begin anew where a log says that there was a database, and keeps the log', async () => {
    const store = open();
    await store.orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)));
    const log = readFileSync(`${path}-wal`);
    store.orgs.close();
    writeFileSync(`${path}-wal`, log);
    writeFileSync(path, '');
    expectRefused('STORE_UNREADABLE', /an empty file/);
    rmSync(path);
    expectRefused('STORE_UNREADABLE', /none/);
    rmSync(`${path}-wal`);
    open().orgs.close();
  });

  it('takes an empty file for a new store where nothing says that there was one', () => {
    writeFileSync(path, '');
    const was = { path, hash: testHash, hasTraces: () => true };
    expect(() => openSqliteStore(was)).toThrow(expect.objectContaining({ code: 'STORE_UNREADABLE' }));
    expect(statSync(path).size).toBe(0);
    open().orgs.close();
    openSqliteStore(was).orgs.close();
  });

  it('refuses a database with damaged pages', () => {
    open().orgs.close();
    const content = readFileSync(path);
    writeFileSync(path, content.fill(0x7e, 100));
    expectRefused('STORE_UNREADABLE', /malformed|not a database/);
  });

  it("refuses another program's database", () => {
    direct((database) => database.exec('CREATE TABLE notes (text TEXT)'));
    expectRefused('STORE_FOREIGN', /1 tables/);
  });

  it('refuses a newer schema', () => {
    open().orgs.close();
    direct((database) => database.exec("INSERT INTO migrations VALUES (999, 'future', 'x')"));
    expectRefused('STORE_NEWER', /migration 999/);
  });

  it('refuses a migration that was edited after its release', () => {
    open().orgs.close();
    direct((database) => database.exec("UPDATE migrations SET checksum = 'edited'"));
    expectRefused('STORE_MIGRATION_CHANGED', /initial edited/);
  });

  it('refuses a file it may not read, or not write, and a folder it may not write', async () => {
    open().orgs.close();
    const attempt = (of: { readonly file: number; readonly folder: number }) => {
      chmodSync(path, of.file);
      chmodSync(folder, of.folder);
      return runWriter('open-as-nobody', path).ended;
    };
    expect(await attempt({ file: 0o000, folder: 0o777 })).toBe('STORE_UNREADABLE\n');
    expect(await attempt({ file: 0o444, folder: 0o777 })).toBe('STORE_READ_ONLY\n');
    expect(await attempt({ file: 0o666, folder: 0o555 })).toBe('STORE_READ_ONLY\n');
    expect(await attempt({ file: 0o666, folder: 0o777 })).toBe('opened\n');
    chmodSync(folder, 0o700);
    rmSync(path);
    chmodSync(folder, 0o555);
    expect(await runWriter('open-as-nobody', path).ended).toBe('STORE_READ_ONLY\n');
    chmodSync(folder, 0o700);
  });

  it('waits for another process for the busy timeout and no longer', async () => {
    const store = open();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const write = () => store.orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)));
    await expect(write()).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect(await store.orgs.heads()).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    await write();
    store.orgs.close();
  });

  it('opens a new file from several processes at once', async () => {
    const attempts = await Promise.all([1, 2, 3].map(() => runWriter('open', path).ended));
    expect(attempts).toEqual(['opened\n', 'opened\n', 'opened\n']);
  });

  it.each([
    ['3.51.2', false],
    ['3.50.9', false],
    ['2.99.99', false],
    ['3.51.3', true],
    ['3.52.0', true],
    ['4.0.0', true],
    ['', false],
  ])('with SQLite %s: %s', (version, fine) => {
    const refuse = () => refuseOldSqlite(version);
    if (fine) expect(refuse).not.toThrow();
    else expect(refuse).toThrow(expect.objectContaining({ code: 'STORE_SQLITE_OLD', found: version }));
  });
});

describe('a full disk', () => {
  it('refuses the transaction and keeps what was committed', async () => {
    const store = open();
    await store.orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)));
    const big = 'x'.repeat(1_000_000);
    const pages = direct((database) => Number(database.prepare('PRAGMA page_count').get()?.['page_count']));
    store.orgs.close();
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA max_page_count = ${pages + 5}`);
    const small = orgStore(connect(database, testHash));
    const write = small.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 2, { template: big })));
    await expect(write).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await small.heads()).toEqual([headOf(ACME, 1)]);
    await small.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 2)));
    small.close();
  });
});

describe('migrations', () => {
  const first: Migration = { number: 1, name: 'first', sql: 'CREATE TABLE a (x INTEGER) STRICT;' };
  const second: Migration = {
    number: 2,
    name: 'second',
    sql: 'INSERT INTO a VALUES (1); ALTER TABLE a ADD y INTEGER;',
  };
  const broken: Migration = { number: 3, name: 'broken', sql: 'CREATE TABLE b (x INTEGER) STRICT; NONSENSE;' };

  it('go forward from where the file stands, each once', () => {
    direct((database) => {
      migrate(database, [first], testHash);
      expect(appliedMigrations(database, [first, second], testHash)).toBe(1);
      migrate(database, [first, second], testHash);
      migrate(database, [first, second], testHash);
      expect(database.prepare('SELECT x, y FROM a').all()).toEqual([{ x: 1, y: null }]);
    });
  });

  it('leave nothing behind when one fails', () => {
    direct((database) => {
      expect(() => migrate(database, [first, second, broken], testHash)).toThrow('NONSENSE');
      expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([]);
      expect(appliedMigrations(database, [first], testHash)).toBe(0);
      migrate(database, [first, second], testHash);
    });
  });

  it('keep the ledger, its balances and its triggers when accounts are added to it', () => {
    const before = migrations.slice(0, 3);
    const entry = "'acme', 1, 'team', 'p', 'EUR', 'available', 'leased', 5, 'lease', 'main', 's1', 's1', 7";
    direct((database) => {
      migrate(database, before, testHash);
      database.exec(`INSERT INTO ledger VALUES (${entry})`);
      database.exec("INSERT INTO balances VALUES ('acme', 'team', 'p', 'EUR', 5, 0)");
      migrate(database, migrations, testHash);
      const rows = database.prepare('SELECT amount_micros, slice_id, author FROM ledger').all();
      expect(rows).toEqual([{ amount_micros: 5, slice_id: 's1', author: null }]);
      expect(database.prepare('SELECT leased_micros, added_micros FROM balances').all()).toEqual([
        { leased_micros: 5, added_micros: 0 },
      ]);
      for (const statement of ['UPDATE ledger SET amount_micros = 1', 'DELETE FROM ledger'])
        expect(() => database.exec(statement)).toThrow('append-only');
    });
  });

  it('keep where each journal ends that was stored before', () => {
    const line = (gateway: string, chain: number, sequence: number, position: number) =>
      `INSERT INTO events VALUES ('acme', '${gateway}', ${chain}, ${sequence}, ${position}, 'hash ${position}', '{}')`;
    direct((database) => {
      migrate(database, migrations.slice(0, 8), testHash);
      database.exec([line('a', 1, 1, 1), line('b', 1, 1, 2), line('a', 1, 2, 3), line('a', 3, 1, 4)].join(';'));
      migrate(database, migrations, testHash);
      const kept = database.prepare('SELECT gateway, chain, sequence, hash FROM chains ORDER BY hash').all();
      expect(kept.map((row) => Object.values(row).join(' '))).toEqual(['b 1 1 hash 2', 'a 1 2 hash 3', 'a 3 1 hash 4']);
    });
  });

  it('say in the log of escalations what time decided, and let nobody change it afterwards', () => {
    const of = (id: string, outcome: string) =>
      `INSERT INTO escalations (org, id, gateway, queue, request_id, reason_code, state, outcome, created_at_ms, due_at_ms)
        VALUES ('acme', '${id}', 'main', 'q', 'r', 'c', 'resolved', '${outcome}', 1, 2);
      INSERT INTO escalation_log VALUES ('acme', '${id}', 1, 2, 'control plane', 'resolved', 'expired', NULL, NULL)`;
    direct((database) => {
      migrate(database, migrations.slice(0, 7), testHash);
      database.exec(`${of('a', 'approved')}; ${of('d', 'denied')}`);
      migrate(database, migrations, testHash);
      const rows = database.prepare('SELECT id, outcome FROM escalation_log ORDER BY id').all();
      expect(rows).toEqual([
        { id: 'a', outcome: 'approved' },
        { id: 'd', outcome: 'expired' },
      ]);
      expect(() => database.exec("UPDATE escalation_log SET outcome = 'lost'")).toThrow('append-only');
    });
  });

  it('say until when what was published before holds, and that its roots are not known yet', () => {
    const signedAt = { targets: 1000, snapshot: 2000, timestamp: 3000 };
    const facts = { length: 1, sha256: 'a' };
    const before = { generation: 1, rootVersion: 1, signedAt, meta: { targets: facts, snapshot: facts }, targets: {} };
    direct((database) => {
      migrate(database, migrations.slice(0, 12), testHash);
      const put = database.prepare(
        "INSERT INTO publications (org, uid, generation, document) VALUES ('acme', 'u', 1, ?)",
      );
      put.run(JSON.stringify(before));
      migrate(database, migrations, testHash);
      const row = database.prepare('SELECT document FROM publications').get();
      const days = (count: number): number => count * 86_400_000;
      expect(JSON.parse(String(row?.['document']))).toEqual({
        ...before,
        roots: {},
        meta: { targets: { ...facts, expiresAt: 1000 + days(30) }, snapshot: { ...facts, expiresAt: 2000 + days(7) } },
      });
    });
  });

  it('are numbered without a gap, and each table of tenants begins its key with the org', () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
    open().orgs.close();
    const keys = direct((database) =>
      database
        .prepare(`SELECT m.name AS name, c.name AS first FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
          WHERE m.type = 'table' AND c.pk = 1 ORDER BY m.name`)
        .all(),
    );
    const fleetWide = ['leases', 'migrations'];
    const others = keys.filter((row) => row['first'] !== 'org').map((row) => row['name']);
    expect(others).toEqual(fleetWide);
    expect(keys.length).toBeGreaterThan(15);
  });
});
