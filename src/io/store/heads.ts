import type { OrgSlug, OrgUid } from '../../core/model/index.ts';
import type { OrgHead } from '../../ports/index.ts';
import { requireCount, storeError } from './error.ts';
import { count, countAt, textAt } from './rows.ts';
import type { List, Sql } from './statements.ts';

const COLUMNS = 'org, uid, generation, content_digest, commit_id, applied_at_ms, template, input_digest';
/** Fleet-wide on purpose: the one comparison per org of a no-op pass. */
const ALL = `SELECT ${COLUMNS} FROM heads ORDER BY org`;
const READ = `SELECT ${COLUMNS} FROM heads WHERE org = ?`;
const WRITE = `INSERT INTO heads (org, uid, generation, content_digest, commit_id, applied_at_ms, template, input_digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (org) DO UPDATE SET generation = excluded.generation, content_digest = excluded.content_digest,
  commit_id = excluded.commit_id, applied_at_ms = excluded.applied_at_ms, template = excluded.template,
  input_digest = excluded.input_digest`;
const DELETE = 'DELETE FROM heads WHERE org = ?';
const HIGHEST = 'SELECT highest FROM generations WHERE org = ? AND uid = ?';
const RAISE = `INSERT INTO generations (org, uid, highest) VALUES (?, ?, ?)
  ON CONFLICT (org, uid) DO UPDATE SET highest = excluded.highest`;

export function allHeads(sql: Sql): readonly OrgHead[] {
  return sql.lists(ALL).map(headFrom);
}

export function headOf(sql: Sql, org: OrgSlug): OrgHead | undefined {
  const [row] = sql.lists(READ, org);
  return row === undefined ? undefined : headFrom(row);
}

/** The highest generation this uid ever had; 0 when none. */
export function highestGeneration(sql: Sql, org: OrgSlug, uid: OrgUid): number {
  const row = sql.get(HIGHEST, org, uid);
  return row === undefined ? 0 : count(row, 'highest');
}

/** The next generation of the head's uid, above `above` too, remembered as the highest; the head keeps its own. */
export function allocateGeneration(sql: Sql, org: OrgSlug, above = 0): number {
  const uid = uidOf(sql, org);
  const next = requireCount('The generation', Math.max(highestGeneration(sql, org, uid), above) + 1);
  sql.run(RAISE, org, uid, next);
  return next;
}

/** The uid of the org's head; refuses STORE_HEAD_MISSING for an org without one. */
export function uidOf(sql: Sql, org: OrgSlug): OrgUid {
  const head = headOf(sql, org);
  if (head !== undefined) return head.uid;
  throw storeError('STORE_HEAD_MISSING', {
    message: `Nothing of ${org} can be published`,
    expected: 'the head of the org',
    found: 'none',
  });
}

export function putHead(sql: Sql, org: OrgSlug, head: OrgHead): void {
  requireCount('The generation', head.generation);
  requireCount('The time', head.appliedAtMs);
  const former = headOf(sql, org);
  if (head.org !== org) throw changed('org', org, head.org);
  if (former !== undefined && former.uid !== head.uid) throw changed('uid', former.uid, head.uid);
  const highest = highestGeneration(sql, org, head.uid);
  // What overrides and rollouts took since is above the head's own, which it may keep.
  if (head.generation < highest && head.generation !== former?.generation) {
    const [expected, found] = [`${highest} or more`, `${head.generation}`];
    throw storeError('STORE_GENERATION_FELL', { message: `The generation of ${org} fell`, expected, found });
  }
  const { uid, generation, contentDigest, commit, appliedAtMs, template, inputDigest } = head;
  sql.run(WRITE, org, uid, generation, contentDigest, commit, appliedAtMs, template, inputDigest);
  if (generation > highest) sql.run(RAISE, org, uid, generation);
}

export function deleteHead(sql: Sql, org: OrgSlug): void {
  sql.run(DELETE, org);
}

const changed = (what: string, expected: string, found: string) =>
  storeError('STORE_UID_CHANGED', { message: `The head names another ${what}`, expected, found });

/** From a row of COLUMNS. */
function headFrom(row: List): OrgHead {
  return {
    org: textAt(row, 0),
    uid: textAt(row, 1),
    generation: countAt(row, 2),
    contentDigest: textAt(row, 3),
    commit: textAt(row, 4),
    appliedAtMs: countAt(row, 5),
    template: textAt(row, 6),
    inputDigest: textAt(row, 7),
  };
}
