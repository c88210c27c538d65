import type { JournalLine, OrgSlug, Sha256Hex } from '../../core/model/index.ts';
import type { ChainEnd, ChainRow, EvidenceEnd, LinePage, LineRow } from '../../ports/index.ts';
import { CHAIN_START } from './canonical.ts';
import type { Identity } from './enrolment.ts';
import { isCount, storeError } from './error.ts';
import { count, limitOf, numberAfter, text } from './rows.ts';
import type { Bind, Row, Sql } from './statements.ts';
import { addTraffic } from './traffic.ts';

export interface HashedLine {
  readonly line: JournalLine;
  /** The line as it came, of which `hash` is; what is stored. */
  readonly text: string;
  readonly hash: Sha256Hex;
}

/** Where a gateway's newest chain ends. */
interface Tail {
  readonly chain: number;
  readonly sequence: number;
  readonly hash: Sha256Hex;
}

const TAIL = `SELECT chain, sequence, hash FROM chains WHERE org = ? AND gateway = ?
  ORDER BY chain DESC LIMIT 1`;
const CHAINS = 'SELECT gateway, chain, sequence, hash FROM chains WHERE org = ? ORDER BY gateway, chain';
const GROW = `INSERT INTO chains (org, gateway, chain, sequence, hash) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (org, gateway, chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash`;
const STORED = 'SELECT hash FROM events WHERE org = ? AND gateway = ? AND chain = ? AND sequence = ?';
const LAST = 'SELECT coalesce(max(position), 0) AS position FROM events WHERE org = ?';
const APPEND = 'INSERT INTO events (org, gateway, chain, sequence, position, hash, line)';
const PAGE = `SELECT position, gateway, chain, sequence, hash, line FROM events
  WHERE org = ? AND position < ? ORDER BY position DESC LIMIT ?`;

const LINES = `SELECT position, gateway, chain, sequence, hash, line FROM events
  WHERE org = ? AND position > ? ORDER BY position LIMIT ?`;

/** One statement, so that no commit of another process comes between the two. */
const END = `SELECT (SELECT coalesce(max(position), 0) FROM events WHERE org = ?1) AS position,
  (SELECT coalesce(max(sequence), 0) FROM ledger WHERE org = ?1) AS entry`;

/** Appends what is new of `lines`, all or none, and gives the last stored sequence. Refuses EVENT_CHAIN_BROKEN. */
export function appendEvents(sql: Sql, identity: Identity, lines: readonly HashedLine[]): number {
  const { org, gateway } = identity;
  const start = tailOf(sql, identity);
  const last = sql.get(LAST, org);
  let position = last === undefined ? 0 : count(last, 'position');
  let tail = start;
  const rows: Bind[][] = [];
  const fresh: JournalLine[] = [];
  const ends = new Map<number, Tail>();
  for (const line of lines) {
    if (tail === start && isStored(sql, identity, tail, line)) continue;
    tail = follow(identity, tail, line);
    ends.set(tail.chain, tail);
    position += 1;
    rows.push([org, gateway, tail.chain, tail.sequence, position, line.hash, line.text]);
    fresh.push(line.line);
  }
  insertWhole(sql, rows, () => {
    for (const { chain, sequence, hash } of ends.values()) sql.run(GROW, org, gateway, chain, sequence, hash);
  });
  addTraffic(sql, identity, fresh);
  return tail.sequence;
}

/** Several statements, of which a full disk may stop a later one. */
function insertWhole(sql: Sql, rows: readonly (readonly Bind[])[], grow: () => void): void {
  sql.control('SAVEPOINT events');
  try {
    sql.insert(APPEND, rows);
    grow();
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

/** A line that was delivered before, with this hash. */
function isStored(sql: Sql, { org, gateway }: Identity, tail: Tail, { line, hash }: HashedLine): boolean {
  if (!isCount(line.sequence) || line.sequence > tail.sequence) return false;
  const row = sql.get(STORED, org, gateway, tail.chain, line.sequence);
  return row !== undefined && text(row, 'hash') === hash;
}

/** The tail after a line that follows it; refuses any other. */
function follow({ gateway, enrolment }: Identity, tail: Tail, { line, hash }: HashedLine): Tail {
  const starts = line.sequence === 1 && line.previous === CHAIN_START && enrolment > tail.chain;
  const follows = line.sequence === tail.sequence + 1 && line.previous === tail.hash;
  if (!starts && !follows) throw broken({ gateway, enrolment }, tail, { line, hash });
  return { chain: starts ? enrolment : tail.chain, sequence: line.sequence, hash };
}

/** A gateway that was enrolled anew may begin a new journal: of that nothing is stored. */
const endOf = (enrolment: number, { chain, sequence, hash }: Tail): ChainEnd =>
  enrolment > chain ? { chain: enrolment, through: 0, hash: CHAIN_START } : { chain, through: sequence, hash };

const broken = (
  { gateway, enrolment }: Pick<Identity, 'gateway' | 'enrolment'>,
  tail: Tail,
  { line, hash }: Pick<HashedLine, 'line' | 'hash'>,
) =>
  storeError('EVENT_CHAIN_BROKEN', {
    message: `The journal of gateway ${gateway} does not continue`,
    expected:
      line.sequence <= tail.sequence
        ? `line ${line.sequence} as it is stored`
        : `line ${tail.sequence + 1} after ${tail.hash}`,
    found: `line ${line.sequence} after ${line.previous}, with hash ${hash}`,
    end: endOf(enrolment, tail),
  });

/** Where each journal of the org ends, by gateway and enrolment. */
export function allChains(sql: Sql, org: OrgSlug): readonly ChainRow[] {
  return sql.all(CHAINS, org).map((row) => ({
    gateway: text(row, 'gateway'),
    chain: count(row, 'chain'),
    sequence: count(row, 'sequence'),
    hash: text(row, 'hash'),
  }));
}

/** Newest first. */
export function eventPage(sql: Sql, org: OrgSlug, page: LinePage): readonly LineRow[] {
  return bounded(sql.each(PAGE, org, numberAfter(page, Number.MAX_SAFE_INTEGER), limitOf(page)), page);
}

/** First received first. */
export function linePage(sql: Sql, org: OrgSlug, page: LinePage): readonly LineRow[] {
  return bounded(sql.each(LINES, org, numberAfter(page, 0), limitOf(page)), page);
}

/** Of many long lines no more is read than the page may hold. */
function bounded(rows: Iterable<Row>, { most = Number.POSITIVE_INFINITY }: LinePage): readonly LineRow[] {
  const lines: LineRow[] = [];
  let size = 0;
  for (const row of rows) {
    const line = lineOf(row);
    lines.push(line);
    size += line.text.length;
    if (size >= most) break;
  }
  return lines;
}

/** Where lines and ledger end at one moment. */
export function evidenceEnd(sql: Sql, org: OrgSlug): EvidenceEnd {
  const row = sql.get(END, org);
  return row === undefined
    ? { position: 0, entry: 0 }
    : { position: count(row, 'position'), entry: count(row, 'entry') };
}

function lineOf(row: Row): LineRow {
  return {
    position: count(row, 'position'),
    gateway: text(row, 'gateway'),
    chain: count(row, 'chain'),
    sequence: count(row, 'sequence'),
    hash: text(row, 'hash'),
    text: text(row, 'line'),
  };
}
