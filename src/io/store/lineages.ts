import type { OrgSlug } from '../../core/model/index.ts';
import type { Page, PolicyVersion } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, limitOf, text, wrongCursor } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const NEWEST = `SELECT version, digest FROM policy_versions WHERE org = ? AND environment = ? AND name = ?
  ORDER BY version DESC LIMIT 1`;
const APPEND = `INSERT INTO policy_versions (org, environment, name, version, position, generation, commit_id, author,
  change_detail, digest, pack_version, at_ms) VALUES (?, ?, ?, ?,
  (SELECT coalesce(max(position), 0) + 1 FROM policy_versions WHERE org = ?), ?, ?, ?, ?, ?, ?, ?)`;
const POSITION = 'SELECT position FROM policy_versions WHERE org = ? AND environment = ? AND name = ? AND version = ?';
const PAGE = 'SELECT * FROM policy_versions WHERE org = ? AND position < ? ORDER BY position DESC LIMIT ?';

/** Appends to the lineage (environment, name) unless its newest version has the same digest. */
export function addPolicyVersion(sql: Sql, org: OrgSlug, added: Omit<PolicyVersion, 'org' | 'version'>): void {
  const { environment, name, generation, commit, author, changeDetail, digest, packVersion, at } = added;
  requireCount('The generation', generation);
  requireCount('The time', at);
  const newest = sql.get(NEWEST, org, environment, name);
  if (newest !== undefined && text(newest, 'digest') === digest) return;
  const version = newest === undefined ? 1 : count(newest, 'version') + 1;
  const key = [org, environment, name, version, org] as const;
  sql.run(APPEND, ...key, generation, commit, author, changeDetail, digest, packVersion, at);
}

export function policyVersionPage(sql: Sql, org: OrgSlug, page: Page): readonly PolicyVersion[] {
  const before = page.after === undefined ? Number.MAX_SAFE_INTEGER : positionOf(sql, org, page.after);
  return sql.all(PAGE, org, before, limitOf(page)).map(versionOf);
}

function positionOf(sql: Sql, org: OrgSlug, after: string): number {
  const [, environment = '', name = '', version = ''] = /^([^/]+)\/([^/]+)\/([0-9]{1,15})$/.exec(after) ?? [];
  const row = sql.get(POSITION, org, environment, name, Number(version));
  if (row === undefined) throw wrongCursor('<environment>/<name>/<version> of the last row seen', after);
  return count(row, 'position');
}

function versionOf(row: Row): PolicyVersion {
  return {
    org: text(row, 'org'),
    environment: text(row, 'environment'),
    name: text(row, 'name'),
    version: count(row, 'version'),
    generation: count(row, 'generation'),
    commit: text(row, 'commit_id'),
    author: text(row, 'author'),
    changeDetail: text(row, 'change_detail'),
    digest: text(row, 'digest'),
    packVersion: text(row, 'pack_version'),
    at: count(row, 'at_ms'),
  };
}
