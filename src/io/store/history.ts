import type { Hash, OrgSlug } from '../../core/model/index.ts';
import type { HistoryEntry, Page } from '../../ports/index.ts';
import { CHAIN_START, canonical, digestOf } from './canonical.ts';
import { requireCount } from './error.ts';
import { count, json, limitOf, numberAfter, text, textOrNull } from './rows.ts';
import type { Row, Sql } from './statements.ts';

/** What the caller says of an entry; the rest is the store's. */
export type NewHistoryEntry = Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'>;

const LAST = 'SELECT sequence, hash FROM history WHERE org = ? ORDER BY sequence DESC LIMIT 1';
const APPEND = `INSERT INTO history (org, sequence, previous, hash, at_ms, actor, action, generation, commit_id, approval,
  change_digest, plan_digest, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const PAGE = 'SELECT * FROM history WHERE org = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?';
const WALK = 'SELECT * FROM history WHERE org = ? ORDER BY sequence';

/** Appends the next link of the org's chain. */
export function appendHistory(sql: Sql, hash: Hash, org: OrgSlug, entry: NewHistoryEntry): HistoryEntry {
  requireCount('The generation', entry.generation);
  requireCount('The time', entry.at);
  const last = sql.get(LAST, org);
  const link = linkOf(org, entry, last);
  const full: HistoryEntry = { ...link, hash: digestOf(link, hash) };
  sql.run(
    APPEND,
    org,
    full.sequence,
    full.previous,
    full.hash,
    full.at,
    full.actor,
    full.action,
    full.generation,
    full.commit,
    full.approval,
    full.changeDigest,
    full.planDigest,
    canonical(full.detail),
  );
  return full;
}

/** Every field but the hash, named one by one: what a caller adds beyond the type is neither hashed nor stored. */
function linkOf(org: OrgSlug, entry: NewHistoryEntry, last: Row | undefined): Omit<HistoryEntry, 'hash'> {
  return {
    org,
    sequence: last === undefined ? 1 : count(last, 'sequence') + 1,
    previous: last === undefined ? CHAIN_START : text(last, 'hash'),
    at: entry.at,
    actor: entry.actor,
    action: entry.action,
    generation: entry.generation,
    commit: entry.commit,
    approval: entry.approval,
    changeDigest: entry.changeDigest,
    planDigest: entry.planDigest,
    detail: entry.detail,
  };
}

export function historyPage(sql: Sql, org: OrgSlug, page: Page): readonly HistoryEntry[] {
  return sql.all(PAGE, org, numberAfter(page, Number.MAX_SAFE_INTEGER), limitOf(page)).map(entryOf);
}

/**
 * The sequence of the first link that is missing, does not name the one before, or does not have the hash of its
 * content; null when all hold. It cannot see that the newest links were cut off: compare with a head kept elsewhere.
 */
export function firstBrokenLink(sql: Sql, hash: Hash, org: OrgSlug): number | null {
  let sequence = 1;
  let previous = CHAIN_START;
  for (const row of sql.each(WALK, org)) {
    const { hash: stated, ...link } = entryOf(row);
    const holds = link.sequence === sequence && link.previous === previous && digestOf(link, hash) === stated;
    if (!holds) return sequence;
    sequence += 1;
    previous = stated;
  }
  return null;
}

function entryOf(row: Row): HistoryEntry {
  return {
    org: text(row, 'org'),
    sequence: count(row, 'sequence'),
    previous: text(row, 'previous'),
    hash: text(row, 'hash'),
    at: count(row, 'at_ms'),
    actor: text(row, 'actor'),
    action: text(row, 'action'),
    generation: count(row, 'generation'),
    commit: textOrNull(row, 'commit_id'),
    approval: textOrNull(row, 'approval'),
    changeDigest: textOrNull(row, 'change_digest'),
    planDigest: textOrNull(row, 'plan_digest'),
    detail: json(row, 'detail'),
  };
}
