import type {
  EscalatedTool,
  EscalationEnd,
  EscalationReason,
  EscalationState,
  OrgSlug,
} from '../../core/model/index.ts';
import type {
  AskedState,
  EscalationMove,
  EscalationMoved,
  EscalationRow,
  EscalationStep,
  LoggedStep,
  NewEscalation,
  Page,
} from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { queueNotifications } from './notifications.ts';
import { count, countOrNull, json, limitOf, text, textOrNull, wrongCursor } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const PUT = `INSERT INTO escalations (org, id, gateway, queue, request_id, phase, policy, reason_code, token, team, model,
  tool, state, outcome, created_at_ms, received_at_ms, due_at_ms, on_timeout, channels)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', NULL, ?, ?, ?, ?, ?) ON CONFLICT (org, id) DO NOTHING`;
/** Of one that has left the queue the log knows when it came. */
const FIRST_STEP = 'SELECT at_ms FROM escalation_log WHERE org = ? AND id = ? AND number = 1';
const ONE = 'SELECT * FROM escalations WHERE org = ? AND id = ?';
const PAGE = `SELECT * FROM escalations WHERE org = ? AND (created_at_ms, id) < (?, ?)
  ORDER BY created_at_ms DESC, id DESC LIMIT ?`;
const PAGE_OF_STATE = `SELECT * FROM escalations WHERE org = ? AND state = ? AND (created_at_ms, id) < (?, ?)
  ORDER BY created_at_ms DESC, id DESC LIMIT ?`;
const newestOf = (state: EscalationState): string => `SELECT * FROM (SELECT * FROM escalations
  WHERE org = ?1 AND state = '${state}' AND (created_at_ms, id) < (?2, ?3) ORDER BY created_at_ms DESC, id DESC LIMIT ?4)`;
/** Each by its index: almost all of an org are resolved, and none of those is looked at. */
const OPEN_PAGE = `${newestOf('queued')} UNION ALL ${newestOf('claimed')}
  ORDER BY created_at_ms DESC, id DESC LIMIT ?4`;
const CLAIM = `UPDATE escalations SET state = 'claimed', claimed_by = ?, claimed_at_ms = ?
  WHERE org = ? AND id = ? AND state = 'queued'`;
const UNCLAIM = `UPDATE escalations SET state = 'queued', claimed_by = NULL, claimed_at_ms = NULL
  WHERE org = ? AND id = ? AND state = 'claimed' AND claimed_by = ?`;
const RESOLVE = `UPDATE escalations SET state = 'resolved', outcome = ?, reason = ?, resolved_at_ms = ?, note = ?
  WHERE org = ? AND id = ? AND state <> 'resolved'`;
const CLAIMED = `SELECT * FROM escalations WHERE org = ? AND state = 'claimed' ORDER BY id`;
const END = 'UPDATE escalations SET ended = ? WHERE org = ? AND id = ? AND gateway = ? AND ended IS NULL';
const DUE = `SELECT * FROM escalations WHERE org = ? AND state <> 'resolved' AND due_at_ms <= ? ORDER BY due_at_ms, id
  LIMIT 1000`;
const ANY_DUE = `SELECT 1 FROM escalations WHERE org = ? AND state <> 'resolved' AND due_at_ms <= ? LIMIT 1`;
const ORGS_DUE = `SELECT DISTINCT org FROM escalations WHERE state <> 'resolved' AND due_at_ms <= ? ORDER BY org`;
const LOG = `INSERT INTO escalation_log (org, id, number, at_ms, actor, what, outcome, note, key)
  SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8 FROM escalation_log WHERE org = ?1 AND id = ?2`;
const STEPS = 'SELECT * FROM escalation_log WHERE org = ? AND id = ? ORDER BY number';
const LOG_PAGE = `SELECT * FROM escalation_log WHERE org = ? AND (id, number) > (?, ?) ORDER BY id, number LIMIT ?`;
const BY_KEY = 'SELECT * FROM escalation_log WHERE org = ? AND key = ?';

const CONTROL_PLANE = 'control plane';

/** Inside a write transaction. */
export function putEscalation(sql: Sql, org: OrgSlug, escalation: NewEscalation): void {
  const { id, gateway, requestId, phase, policy, reasonCode, token, team, model, createdAt, receivedAt, review } =
    escalation;
  const tool = escalation.tool === undefined ? null : JSON.stringify(escalation.tool);
  const dueAt = review?.dueAt ?? createdAt;
  for (const time of [createdAt, receivedAt, dueAt]) requireCount('A time of the escalation', time);
  const asked = [requestId, phase, policy, reasonCode, token, team, model, tool];
  if (sql.get(FIRST_STEP, org, id) !== undefined) return;
  const terms = [createdAt, receivedAt, dueAt, review?.onTimeout ?? 'deny', JSON.stringify(review?.channels ?? [])];
  if (sql.run(PUT, org, id, gateway, review?.name ?? '', ...asked, ...terms) === 0) return;
  log(sql, { org, id, at: createdAt, actor: `gateway ${gateway}`, what: 'queued' });
  if (review === null) {
    resolve(sql, known(sql, org, id), { outcome: 'denied', reason: 'no-review', at: createdAt, actor: CONTROL_PLANE });
    return;
  }
  queueNotifications(sql, known(sql, org, id), 'escalation.created', createdAt);
}

/** Inside a write transaction. */
export function endEscalation(
  sql: Sql,
  org: OrgSlug,
  gateway: string,
  end: { readonly id: string; readonly outcome: EscalationEnd; readonly at: number; readonly nowMs: number },
): boolean {
  const { id, outcome, at, nowMs } = end;
  for (const time of [at, nowMs]) requireCount('A time of the escalation', time);
  const row = escalationRow(sql, org, id);
  if (row === undefined || row.gateway !== gateway) return false;
  const actor = `gateway ${gateway}`;
  if (row.state !== 'resolved') {
    const reason = outcome === 'expired' ? 'timeout' : 'lost';
    resolve(sql, row, { outcome: 'denied', reason, at: nowMs, actor });
  }
  if (sql.run(END, outcome, org, id, gateway) > 0) log(sql, { org, id, at, actor, what: 'ended', outcome });
  return true;
}

export function escalationPage(
  sql: Sql,
  org: OrgSlug,
  page: Page,
  state: AskedState | undefined,
): readonly EscalationRow[] {
  const from = page.after === undefined ? Number.MAX_SAFE_INTEGER : createdAt(sql, org, page.after);
  const rest = [from, page.after ?? '', limitOf(page)];
  if (state === undefined) return sql.all(PAGE, org, ...rest).map(readEscalation);
  const rows = state === 'open' ? sql.all(OPEN_PAGE, org, ...rest) : sql.all(PAGE_OF_STATE, org, state, ...rest);
  return rows.map(readEscalation);
}

export function escalationRow(sql: Sql, org: OrgSlug, id: string): EscalationRow | undefined {
  const row = sql.get(ONE, org, id);
  return row === undefined ? undefined : readEscalation(row);
}

export function escalationSteps(sql: Sql, org: OrgSlug, id: string): readonly EscalationStep[] {
  return sql.all(STEPS, org, id).map(stepOf);
}

/** Of all escalations, by id and number. */
export function escalationLog(sql: Sql, org: OrgSlug, page: Page): readonly LoggedStep[] {
  const { after = '0:' } = page;
  const [, number, id] = /^([0-9]{1,15}):(.*)$/.exec(after) ?? [];
  if (number === undefined || id === undefined) throw wrongCursor('<number>:<id> of the last row seen', after);
  const rows = sql.all(LOG_PAGE, org, id, Number(number), limitOf(page));
  return rows.map((row) => ({ id: text(row, 'id'), ...stepOf(row) }));
}

function stepOf(row: Row): EscalationStep {
  return {
    number: count(row, 'number'),
    at: count(row, 'at_ms'),
    actor: text(row, 'actor'),
    what: text<EscalationStep['what']>(row, 'what'),
    outcome: textOrNull<EscalationEnd>(row, 'outcome'),
    note: textOrNull(row, 'note'),
  };
}

/** Inside a write transaction, which is what makes it compare and set. */
export function moveEscalation(sql: Sql, org: OrgSlug, move: EscalationMove): EscalationMoved {
  const { id, nowMs } = move;
  requireCount('The time of the move', nowMs);
  const before = move.key === null ? undefined : sql.get(BY_KEY, org, move.key);
  const row = escalationRow(sql, org, id);
  if (before !== undefined) {
    return row !== undefined && isSame(before, move)
      ? { ok: true, row, repeated: true }
      : { ok: false, reason: 'key-used', row: null };
  }
  if (row === undefined) return { ok: false, reason: 'unknown', row: null };
  if (row.state !== 'resolved' && row.dueAt <= nowMs) {
    expire(sql, row, nowMs);
    return { ok: false, reason: 'resolved', row: known(sql, org, id) };
  }
  if (row.state === 'resolved') return { ok: false, reason: 'resolved', row };
  if (row.claimedBy !== null && row.claimedBy !== move.by) return { ok: false, reason: 'claimed', row };
  if (move.verb === 'claim' && row.state === 'claimed') return { ok: true, row, repeated: true };
  if (move.verb !== 'claim' && row.state === 'queued') return { ok: false, reason: 'unclaimed', row };
  act(sql, row, move);
  return { ok: true, row: known(sql, org, id), repeated: false };
}

function act(sql: Sql, row: EscalationRow, move: EscalationMove): void {
  const { org, id } = row;
  const { by, key, note, nowMs: at } = move;
  const actor = `token ${by}`;
  if (move.verb === 'resolve') {
    resolve(sql, row, { outcome: move.outcome, reason: 'reviewer', at, actor, note, key });
    return;
  }
  if (move.verb === 'claim') sql.run(CLAIM, by, at, org, id);
  else sql.run(UNCLAIM, org, id, by);
  log(sql, { org, id, at, actor, what: WHAT[move.verb], note, key });
}

const WHAT = { claim: 'claimed', unclaim: 'unclaimed', resolve: 'resolved' } as const;

function isSame(step: Row, move: EscalationMove): boolean {
  const outcome = move.verb === 'resolve' ? move.outcome : null;
  return (
    text(step, 'id') === move.id &&
    text(step, 'actor') === `token ${move.by}` &&
    text(step, 'what') === WHAT[move.verb] &&
    textOrNull(step, 'outcome') === outcome &&
    textOrNull(step, 'note') === move.note
  );
}

/** Claims of tokens that are none of these; outside of a transaction to see whether there are any. */
export function staleClaims(sql: Sql, org: OrgSlug, reviewers: ReadonlySet<string>): readonly EscalationRow[] {
  return sql
    .all(CLAIMED, org)
    .map(readEscalation)
    .filter(({ claimedBy }) => claimedBy !== null && !reviewers.has(claimedBy));
}

/** Inside a write transaction. */
export function releaseClaims(
  sql: Sql,
  org: OrgSlug,
  { reviewers, nowMs }: { readonly reviewers: ReadonlySet<string>; readonly nowMs: number },
): readonly string[] {
  requireCount('The time', nowMs);
  return staleClaims(sql, org, reviewers).map(({ id, claimedBy }) => {
    sql.run(UNCLAIM, org, id, claimedBy);
    const note = `token ${claimedBy} may not review any more`;
    log(sql, { org, id, at: nowMs, actor: CONTROL_PLANE, what: 'unclaimed', note });
    return id;
  });
}

/** Whether anything of the org is due; outside of a transaction. */
export function anyOverdue(sql: Sql, org: OrgSlug, nowMs: number): boolean {
  return sql.get(ANY_DUE, org, nowMs) !== undefined;
}

export function overdueOrgs(sql: Sql, nowMs: number): readonly OrgSlug[] {
  return sql.all(ORGS_DUE, nowMs).map((row) => text<OrgSlug>(row, 'org'));
}

/** Inside a write transaction: the first of those that are due, so that no other writer waits long. */
export function expireEscalations(sql: Sql, org: OrgSlug, nowMs: number): readonly string[] {
  const rows = sql.all(DUE, org, nowMs).map(readEscalation);
  for (const row of rows) expire(sql, row, nowMs);
  return rows.map(({ id }) => id);
}

function expire(sql: Sql, row: EscalationRow, nowMs: number): void {
  const outcome = row.onTimeout === 'approve' ? 'approved' : 'denied';
  resolve(sql, row, { outcome, reason: 'timeout', at: nowMs, actor: CONTROL_PLANE });
}

interface Resolution {
  readonly outcome: 'approved' | 'denied';
  readonly reason: EscalationReason;
  readonly at: number;
  readonly actor: string;
  readonly note?: string | null;
  readonly key?: string | null;
}

/** Once for each: the row is not resolved yet. */
function resolve(sql: Sql, { org, id }: EscalationRow, resolution: Resolution): void {
  const { outcome, reason, at, actor, note = null, key = null } = resolution;
  const isExpired = reason === 'timeout' && outcome === 'denied';
  sql.run(RESOLVE, outcome, reason, at, note, org, id);
  log(sql, { org, id, at, actor, what: 'resolved', outcome: isExpired ? 'expired' : outcome, note, key });
  queueNotifications(sql, known(sql, org, id), 'escalation.resolved', at);
}

interface Step {
  readonly org: OrgSlug;
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly what: EscalationStep['what'];
  readonly outcome?: EscalationEnd | null;
  readonly note?: string | null;
  readonly key?: string | null;
}

function log(sql: Sql, { org, id, at, actor, what, outcome = null, note = null, key = null }: Step): void {
  sql.run(LOG, org, id, at, actor, what, outcome, note, key);
}

function known(sql: Sql, org: OrgSlug, id: string): EscalationRow {
  const row = escalationRow(sql, org, id);
  if (row === undefined) throw new Error(`escalation ${id} was written a moment ago`);
  return row;
}

function createdAt(sql: Sql, org: OrgSlug, id: string): number {
  const row = sql.get(ONE, org, id);
  if (row !== undefined) return count(row, 'created_at_ms');
  const first = sql.get(FIRST_STEP, org, id);
  if (first === undefined) throw wrongCursor('the id of the last row seen', id);
  return count(first, 'at_ms');
}

export function readEscalation(row: Row): EscalationRow {
  const queue = text(row, 'queue');
  return {
    org: text(row, 'org'),
    id: text(row, 'id'),
    gateway: text(row, 'gateway'),
    queue: queue === '' ? null : queue,
    requestId: text(row, 'request_id'),
    phase: text(row, 'phase'),
    policy: text(row, 'policy'),
    reasonCode: text(row, 'reason_code'),
    token: textOrNull(row, 'token'),
    team: textOrNull(row, 'team'),
    model: textOrNull(row, 'model'),
    ...(textOrNull(row, 'tool') === null ? {} : { tool: json<EscalatedTool>(row, 'tool') }),
    state: text(row, 'state'),
    outcome: textOrNull(row, 'outcome'),
    reason: textOrNull(row, 'reason'),
    createdAt: count(row, 'created_at_ms'),
    receivedAt: count(row, 'received_at_ms'),
    dueAt: count(row, 'due_at_ms'),
    onTimeout: text(row, 'on_timeout'),
    claimedBy: textOrNull(row, 'claimed_by'),
    claimedAt: countOrNull(row, 'claimed_at_ms'),
    resolvedAt: countOrNull(row, 'resolved_at_ms'),
    note: textOrNull(row, 'note'),
    ended: textOrNull(row, 'ended'),
  };
}
