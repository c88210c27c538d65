import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe } from 'vitest';
import { orgStoreContract, runtimeStoreContract } from './contract.testkit.ts';
import { openSqliteStore } from './index.ts';
import { type StoreUnderTest, testHash } from './worlds.testkit.ts';

const opened: { readonly folder: string; readonly store: StoreUnderTest }[] = [];

async function open(): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-store-'));
  const path = join(folder, 'store.db');
  const store = { ...openSqliteStore({ path, hash: testHash }), dump: dumpOf(path) };
  opened.push({ folder, store });
  return store;
}

/** All rows of an org, read through a connection of its own. */
const dumpOf =
  (path: string): StoreUnderTest['dump'] =>
  async (org) => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const tables = database
        .prepare(`SELECT m.name AS name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c ON c.name = 'org'
          WHERE m.type = 'table' ORDER BY m.name`)
        .all()
        .map((row) => String(row['name']));
      const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM ${table} WHERE org = ?`).all(org)]);
      return JSON.stringify(rows);
    } finally {
      database.close();
    }
  };

afterEach(() => {
  for (const { folder, store } of opened.splice(0)) {
    store.orgs.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the SQLite driver as OrgStore', () => orgStoreContract(open));
describe('the SQLite driver as RuntimeStore', () => runtimeStoreContract(open));
