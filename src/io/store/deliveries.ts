import type { OrgSlug, OrgUid, Override, Release, Rollout } from '../../core/model/index.ts';
import type { Delivery, Page } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { headOf, highestGeneration, uidOf } from './heads.ts';
import { count, json, limitOf, numberAfter, text } from './rows.ts';
import type { Sql } from './statements.ts';

/** Rollouts of an org that are kept; the history of the org says what became of older ones. */
const KEPT_ROLLOUTS = 50;
const OPEN_STATES: readonly Rollout['state'][] = ['running', 'paused', 'halted'];

/** Fleet-wide on purpose, as `heads` is: what is due, by org. */
const UNPUBLISHED = `SELECT heads.org FROM heads
  JOIN generations ON generations.org = heads.org AND generations.uid = heads.uid
  LEFT JOIN publications ON publications.org = heads.org AND publications.uid = heads.uid
  WHERE coalesce(publications.generation, -1) < generations.highest ORDER BY heads.org`;
const UNSETTLED = `SELECT heads.org FROM heads
  JOIN (SELECT org, uid FROM rollouts WHERE is_open = 1 UNION SELECT org, uid FROM overrides WHERE is_active = 1) AS moving
  ON moving.org = heads.org AND moving.uid = heads.uid ORDER BY heads.org`;
const NEWEST = 'SELECT document FROM rollouts WHERE org = ? AND uid = ? ORDER BY generation DESC LIMIT 1';
const ROLLOUTS = `SELECT document FROM rollouts WHERE org = ? AND uid = ? AND generation < ?
  ORDER BY generation DESC LIMIT ?`;
const PUT_ROLLOUT = `INSERT INTO rollouts (org, uid, generation, is_open, document) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (org, uid, generation) DO UPDATE SET is_open = excluded.is_open, document = excluded.document`;
const OLD = `DELETE FROM rollouts WHERE org = ? AND uid = ? AND is_open = 0 AND generation <= (SELECT generation
  FROM rollouts WHERE org = ? AND uid = ? ORDER BY generation DESC LIMIT 1 OFFSET ${KEPT_ROLLOUTS})`;
const ACTIVE = `SELECT document FROM overrides WHERE org = ? AND uid = ? AND is_active = 1 ORDER BY generation, id`;
const OVERRIDES = `SELECT document FROM overrides WHERE org = ? AND uid = ? AND generation < ?
  ORDER BY generation DESC, id LIMIT ?`;
const PUT_OVERRIDE = `INSERT INTO overrides (org, uid, id, generation, is_active, document) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, uid, id) DO UPDATE SET is_active = excluded.is_active, document = excluded.document`;
const RELEASES = `SELECT gateway, generation, content_digest, bytes FROM releases WHERE org = ? AND uid = ?
  ORDER BY generation, gateway`;

export function unpublishedOrgs(sql: Sql): readonly OrgSlug[] {
  return sql.all(UNPUBLISHED).map((row) => text<OrgSlug>(row, 'org'));
}

export function unsettledOrgs(sql: Sql): readonly OrgSlug[] {
  return sql.all(UNSETTLED).map((row) => text<OrgSlug>(row, 'org'));
}

/** What decides on the org's content, under the uid of its head. */
export function readDelivery(sql: Sql, org: OrgSlug): Delivery | undefined {
  const head = headOf(sql, org);
  if (head === undefined) return undefined;
  const { uid } = head;
  const rollout = sql.get(NEWEST, org, uid);
  return {
    highest: highestGeneration(sql, org, uid),
    rollout: rollout === undefined ? null : json<Rollout>(rollout, 'document'),
    overrides: activeOverrides(sql, org, uid),
    releases: releasesOf(sql, org, uid),
  };
}

export function readActiveOverrides(sql: Sql, org: OrgSlug): readonly Override[] {
  const head = headOf(sql, org);
  return head === undefined ? [] : activeOverrides(sql, org, head.uid);
}

export function activeOverrides(sql: Sql, org: OrgSlug, uid: OrgUid): readonly Override[] {
  return sql.all(ACTIVE, org, uid).map((row) => json<Override>(row, 'document'));
}

/** What Git wanted of each gateway, oldest first. */
function releasesOf(sql: Sql, org: OrgSlug, uid: OrgUid): readonly Release[] {
  return sql.all(RELEASES, org, uid).map((row) => ({
    gateway: text(row, 'gateway'),
    generation: count(row, 'generation'),
    contentDigest: text(row, 'content_digest'),
    bytes: count(row, 'bytes'),
  }));
}

export function rolloutPage(sql: Sql, org: OrgSlug, page: Page): readonly Rollout[] {
  const head = headOf(sql, org);
  const before = numberAfter(page, Number.MAX_SAFE_INTEGER);
  if (head === undefined) return [];
  return sql.all(ROLLOUTS, org, head.uid, before, limitOf(page)).map((row) => json<Rollout>(row, 'document'));
}

export function overridePage(sql: Sql, org: OrgSlug, page: Page): readonly Override[] {
  const head = headOf(sql, org);
  const before = numberAfter(page, Number.MAX_SAFE_INTEGER);
  if (head === undefined) return [];
  return sql.all(OVERRIDES, org, head.uid, before, limitOf(page)).map((row) => json<Override>(row, 'document'));
}

export function putRollout(sql: Sql, org: OrgSlug, rollout: Rollout): void {
  const uid = uidOf(sql, org);
  const { generation, state } = rollout;
  requireCount('The generation', generation);
  sql.run(PUT_ROLLOUT, org, uid, generation, OPEN_STATES.includes(state) ? 1 : 0, JSON.stringify(rollout));
  sql.run(OLD, org, uid, org, uid);
}

export function putOverride(sql: Sql, org: OrgSlug, override: Override): void {
  const uid = uidOf(sql, org);
  const { id, generation, endedAt } = override;
  requireCount('The generation', generation);
  sql.run(PUT_OVERRIDE, org, uid, id, generation, endedAt === null ? 1 : 0, JSON.stringify(override));
}
