import type { Fence, LeaseGrant } from '../../ports/index.ts';
import { requireCount, storeError } from './error.ts';
import { count, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const READ = 'SELECT holder, fence, expires_at_ms FROM leases WHERE name = ?';
const WRITE = `INSERT INTO leases (name, holder, fence, expires_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = excluded.fence, expires_at_ms = excluded.expires_at_ms`;
/** Released: it ends at 0, and is renewed no more. */
const RELEASE = 'UPDATE leases SET expires_at_ms = 0 WHERE name = ? AND fence = ?';
const RENEW = 'UPDATE leases SET expires_at_ms = ? WHERE name = ? AND fence = ? AND expires_at_ms > 0';

interface Wish {
  readonly name: string;
  readonly holder: string;
  readonly nowMs: number;
  readonly ttlMs: number;
}

/** Grants a lease that is free, under a fence that it never had before; a live one is refused, whoever asks. */
export function acquireLease(sql: Sql, { name, holder, nowMs, ttlMs }: Wish): LeaseGrant {
  requireCount('The end of the lease', nowMs + ttlMs);
  const row = sql.get(READ, name);
  if (row !== undefined && count(row, 'expires_at_ms') > nowMs) return heldBy(row);
  const fence = (row === undefined ? 0 : count(row, 'fence')) + 1;
  sql.run(WRITE, name, holder, fence, nowMs + ttlMs);
  return { granted: true, fence };
}

/** Prolongs what was granted under this fence, also when it ran out: nobody took it meanwhile, or the fence were another. */
export function renewLease(sql: Sql, { name, fence }: Fence, nowMs: number, ttlMs: number): LeaseGrant {
  if (sql.run(RENEW, requireCount('The end of the lease', nowMs + ttlMs), name, fence) > 0)
    return { granted: true, fence };
  const row = sql.get(READ, name);
  return row === undefined ? { granted: false, holder: 'nobody', fence: 0, expiresAt: 0 } : heldBy(row);
}

/** Ends what was granted under this fence; the row stays, so that its fence is never given out again. */
export function releaseLease(sql: Sql, { name, fence }: Fence): void {
  sql.run(RELEASE, name, fence);
}

function heldBy(row: Row): LeaseGrant {
  return {
    granted: false,
    holder: text(row, 'holder'),
    fence: count(row, 'fence'),
    expiresAt: count(row, 'expires_at_ms'),
  };
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
