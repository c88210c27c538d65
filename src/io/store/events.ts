import type { JournalLine, OrgSlug, Sha256Hex } from '../../core/model/index.ts';
import type { EventRow, Page } from '../../ports/index.ts';
import { CHAIN_START } from './canonical.ts';
import type { Identity } from './enrolment.ts';
import { isCount, storeError } from './error.ts';
import { count, json, limitOf, numberAfter, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

export interface HashedLine {
  readonly line: JournalLine;
  readonly hash: Sha256Hex;
}

/** Where a gateway's newest chain ends. */
interface Tail {
  readonly chain: number;
  readonly sequence: number;
  readonly hash: Sha256Hex;
}

const TAIL = `SELECT chain, sequence, hash FROM events WHERE org = ? AND gateway = ?
  ORDER BY chain DESC, sequence DESC LIMIT 1`;
const STORED = 'SELECT hash FROM events WHERE org = ? AND gateway = ? AND chain = ? AND sequence = ?';
const APPEND = `INSERT INTO events (org, gateway, chain, sequence, position, hash, line) VALUES (?, ?, ?, ?,
  (SELECT coalesce(max(position), 0) + 1 FROM events WHERE org = ?), ?, ?)`;
const PAGE = `SELECT org, position, gateway, chain, sequence, hash, line FROM events
  WHERE org = ? AND position < ? ORDER BY position DESC LIMIT ?`;

/** Appends what is new of `lines`, all or none, and gives the last stored sequence. Refuses EVENT_CHAIN_BROKEN. */
export function appendEvents(sql: Sql, identity: Identity, lines: readonly HashedLine[]): number {
  sql.control('SAVEPOINT events');
  try {
    let tail = tailOf(sql, identity);
    for (const line of lines) tail = appendLine(sql, identity, tail, line);
    return tail.sequence;
  } catch (error) {
    sql.control('ROLLBACK TO events');
    throw error;
  } finally {
    sql.control('RELEASE events');
  }
}

function tailOf(sql: Sql, { org, gateway, enrolment }: Identity): Tail {
  const row = sql.get(TAIL, org, gateway);
  if (row === undefined) return { chain: enrolment, sequence: 0, hash: CHAIN_START };
  return { chain: count(row, 'chain'), sequence: count(row, 'sequence'), hash: text(row, 'hash') };
}

/** Skips a line that is stored with this hash, appends one that follows the tail, and refuses any other. */
function appendLine(sql: Sql, identity: Identity, tail: Tail, { line, hash }: HashedLine): Tail {
  const { org, gateway, enrolment } = identity;
  if (isCount(line.sequence) && line.sequence <= tail.sequence) {
    const row = sql.get(STORED, org, gateway, tail.chain, line.sequence);
    if (row !== undefined && text(row, 'hash') === hash) return tail;
  }
  const starts = line.sequence === 1 && line.previous === CHAIN_START && enrolment > tail.chain;
  const follows = line.sequence === tail.sequence + 1 && line.previous === tail.hash;
  if (!starts && !follows) throw broken(gateway, tail, line, hash);
  const next = { chain: starts ? enrolment : tail.chain, sequence: line.sequence, hash };
  sql.run(APPEND, org, gateway, next.chain, next.sequence, org, hash, JSON.stringify(line));
  return next;
}

const broken = (gateway: string, tail: Tail, line: JournalLine, hash: Sha256Hex) =>
  storeError('EVENT_CHAIN_BROKEN', {
    message: `The journal of gateway ${gateway} does not continue`,
    expected:
      line.sequence <= tail.sequence
        ? `line ${line.sequence} as it is stored`
        : `line ${tail.sequence + 1} after ${tail.hash}`,
    found: `line ${line.sequence} after ${line.previous}, with hash ${hash}`,
  });

export function eventPage(sql: Sql, org: OrgSlug, page: Page): readonly EventRow[] {
  return sql.all(PAGE, org, numberAfter(page, Number.MAX_SAFE_INTEGER), limitOf(page)).map(eventOf);
}

function eventOf(row: Row): EventRow {
  const line = json<JournalLine>(row, 'line');
  return {
    org: text(row, 'org'),
    position: count(row, 'position'),
    gateway: text(row, 'gateway'),
    chain: count(row, 'chain'),
    sequence: count(row, 'sequence'),
    previous: line.previous,
    hash: text(row, 'hash'),
    event: line.event,
  };
}
