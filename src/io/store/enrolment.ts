import type { OrgSlug } from '../../core/model/index.ts';
import type { EnrolledGateway, RuntimeStore } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, countOrNull, text, textOrNull } from './rows.ts';
import type { Row, Sql } from './statements.ts';

type NewCode = Parameters<RuntimeStore['putEnrolmentCode']>[1];
type Use = Parameters<RuntimeStore['redeemEnrolmentCode']>[1];
type Redeemed = Awaited<ReturnType<RuntimeStore['redeemEnrolmentCode']>>;

/** The newest identity of a gateway; `enrolment` counts its identities. */
export interface Identity extends EnrolledGateway {
  readonly enrolment: number;
}

const END_CODES = 'DELETE FROM enrolment_codes WHERE org = ? AND gateway = ? AND used_by IS NULL';
const PUT_CODE = 'INSERT INTO enrolment_codes (org, code_hash, gateway, expires_at_ms) VALUES (?, ?, ?, ?)';
const CODE = 'SELECT gateway, expires_at_ms, used_by FROM enrolment_codes WHERE org = ? AND code_hash = ?';
const UNUSED = 'SELECT 1 FROM enrolment_codes WHERE org = ? AND code_hash = ? AND used_by IS NULL';
const USE_CODE = 'UPDATE enrolment_codes SET used_by = ? WHERE org = ? AND code_hash = ?';
const NEWEST = 'SELECT * FROM gateways WHERE org = ? AND gateway = ? ORDER BY enrolment DESC LIMIT 1';
const ALL = `SELECT * FROM gateways WHERE org = ? AND enrolment = (SELECT max(enrolment) FROM gateways AS newer
  WHERE newer.org = gateways.org AND newer.gateway = gateways.gateway) ORDER BY gateway`;
const EVERY = 'SELECT * FROM gateways WHERE org = ? ORDER BY gateway, enrolment';
const ENROL = `INSERT INTO gateways (org, gateway, enrolment, public_key, enrolled_at_ms, sequence)
  VALUES (?, ?, ?, ?, ?, 0)`;
const REVOKE = 'UPDATE gateways SET revoked_at_ms = ? WHERE org = ? AND gateway = ? AND revoked_at_ms IS NULL';
const FORGET = 'DELETE FROM answers WHERE org = ? AND gateway = ?';

/** Stores the code; an unused former one of the gateway ends, so that a lost code opens nothing. */
export function putEnrolmentCode(sql: Sql, org: OrgSlug, { gateway, codeHash, expiresAt }: NewCode): void {
  requireCount('The end of the code', expiresAt);
  sql.run(END_CODES, org, gateway);
  sql.run(PUT_CODE, org, codeHash, gateway, expiresAt);
}

/** What would come of the code; nothing is written. */
export function judgeEnrolmentCode(sql: Sql, org: OrgSlug, use: Use): Redeemed {
  requireCount('The time', use.nowMs);
  const row = sql.get(CODE, org, use.codeHash);
  if (row === undefined) return { ok: false, reason: 'unknown' };
  const gateway = text(row, 'gateway');
  if (use.gateway !== undefined && use.gateway !== gateway) return { ok: false, reason: 'unknown' };
  const former = identityOf(sql, org, gateway);
  const usedBy = textOrNull(row, 'used_by');
  if (usedBy !== null) {
    const same = usedBy === use.publicKey && former?.publicKey === usedBy && former.revokedAt === null;
    return same ? { ok: true, gateway } : { ok: false, reason: 'used' };
  }
  return count(row, 'expires_at_ms') <= use.nowMs ? { ok: false, reason: 'expired' } : { ok: true, gateway };
}

export function redeemEnrolmentCode(sql: Sql, org: OrgSlug, use: Use): Redeemed {
  const judged = judgeEnrolmentCode(sql, org, use);
  if (!judged.ok || sql.get(UNUSED, org, use.codeHash) === undefined) return judged;
  const { gateway } = judged;
  const former = identityOf(sql, org, gateway);
  sql.run(USE_CODE, use.publicKey, org, use.codeHash);
  sql.run(REVOKE, use.nowMs, org, gateway);
  sql.run(FORGET, org, gateway);
  sql.run(ENROL, org, gateway, (former?.enrolment ?? 0) + 1, use.publicKey, use.nowMs);
  return { ok: true, gateway };
}

export function allGateways(sql: Sql, org: OrgSlug): readonly EnrolledGateway[] {
  return sql.all(ALL, org).map(gatewayFrom);
}

export function gatewayOf(sql: Sql, org: OrgSlug, name: string): EnrolledGateway | undefined {
  const row = sql.get(NEWEST, org, name);
  return row === undefined ? undefined : gatewayFrom(row);
}

export function identityOf(sql: Sql, org: OrgSlug, name: string): Identity | undefined {
  const row = sql.get(NEWEST, org, name);
  return row === undefined ? undefined : identityFrom(row);
}

/** Every identity of every gateway, those that ended included. */
export function allIdentities(sql: Sql, org: OrgSlug): readonly Identity[] {
  return sql.all(EVERY, org).map(identityFrom);
}

function identityFrom(row: Row): Identity {
  return { ...gatewayFrom(row), enrolment: count(row, 'enrolment') };
}

export function revokeGateway(sql: Sql, org: OrgSlug, name: string, nowMs: number): boolean {
  return sql.run(REVOKE, requireCount('The time', nowMs), org, name) > 0;
}

function gatewayFrom(row: Row): EnrolledGateway {
  return {
    org: text(row, 'org'),
    gateway: text(row, 'gateway'),
    publicKey: text(row, 'public_key'),
    enrolledAt: count(row, 'enrolled_at_ms'),
    revokedAt: countOrNull(row, 'revoked_at_ms'),
    sequence: count(row, 'sequence'),
  };
}
