import type { OrgSlug, OrgUid } from '../../core/model/index.ts';
import type { OrgHead } from '../../ports/index.ts';
import { requireCount, storeError } from './error.ts';
import { count, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

/** Fleet-wide on purpose: the one comparison per org of a no-op pass. */
const ALL = 'SELECT * FROM heads ORDER BY org';
const READ = 'SELECT * FROM heads WHERE org = ?';
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
  return sql.all(ALL).map(headFrom);
}

export function headOf(sql: Sql, org: OrgSlug): OrgHead | undefined {
  const row = sql.get(READ, org);
  return row === undefined ? undefined : headFrom(row);
}

/** The highest generation this uid ever had; 0 when none. */
export function highestGeneration(sql: Sql, org: OrgSlug, uid: OrgUid): number {
  const row = sql.get(HIGHEST, org, uid);
  return row === undefined ? 0 : count(row, 'highest');
}

/** The next generation of the head's uid, remembered as the highest; the head keeps its own. */
export function allocateGeneration(sql: Sql, org: OrgSlug): number {
  const uid = uidOf(sql, org);
  const next = requireCount('The generation', highestGeneration(sql, org, uid) + 1);
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
  if (head.generation < highest) {
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

function headFrom(row: Row): OrgHead {
  return {
    org: text(row, 'org'),
    uid: text(row, 'uid'),
    generation: count(row, 'generation'),
    contentDigest: text(row, 'content_digest'),
    commit: text(row, 'commit_id'),
    appliedAtMs: count(row, 'applied_at_ms'),
    template: text(row, 'template'),
    inputDigest: text(row, 'input_digest'),
  };
}
