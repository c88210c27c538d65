import type { Fence, LeaseGrant } from '../../ports/index.ts';
import { requireCount, storeError } from './error.ts';
import { count, text } from './rows.ts';
import type { Sql } from './statements.ts';

const READ = 'SELECT holder, fence, expires_at_ms FROM leases WHERE name = ?';
const WRITE = `INSERT INTO leases (name, holder, fence, expires_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = excluded.fence, expires_at_ms = excluded.expires_at_ms`;
const RELEASE = 'UPDATE leases SET expires_at_ms = 0 WHERE name = ? AND holder = ?';

interface Wish {
  readonly name: string;
  readonly holder: string;
  readonly nowMs: number;
  readonly ttlMs: number;
}

/** Grants, renews or refuses. A live lease of the same holder keeps its fence; every other grant raises it. */
export function acquireLease(sql: Sql, { name, holder, nowMs, ttlMs }: Wish): LeaseGrant {
  requireCount('The end of the lease', nowMs + ttlMs);
  const row = sql.get(READ, name);
  const live = row !== undefined && count(row, 'expires_at_ms') > nowMs;
  const own = row !== undefined && text(row, 'holder') === holder;
  if (live && !own) return { granted: false, holder: text(row, 'holder'), expiresAt: count(row, 'expires_at_ms') };
  const last = row === undefined ? 0 : count(row, 'fence');
  const fence = live ? last : last + 1;
  sql.run(WRITE, name, holder, fence, nowMs + ttlMs);
  return { granted: true, fence };
}

/** Ends the lease if this holder has it; the row stays, so that its fence is never given out again. */
export function releaseLease(sql: Sql, name: string, holder: string): void {
  sql.run(RELEASE, name, holder);
}

/** Refuses STORE_FENCED when somebody took the lease after this fence was granted. */
export function requireFence(sql: Sql, { name, fence }: Fence): void {
  const row = sql.get(READ, name);
  const found = row === undefined ? 0 : count(row, 'fence');
  if (found === fence) return;
  throw storeError('STORE_FENCED', {
    message: `The lease ${name} was taken over`,
    expected: `fence ${fence}`,
    found: row === undefined ? 'no lease' : `fence ${found}, held by ${text(row, 'holder')}`,
  });
}
