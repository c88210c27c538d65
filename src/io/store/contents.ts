import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type OrgSlug, type OrgUid, parseJson, type Rollout, type Sha256Hex } from '../../core/model/index.ts';
import type { KeptContent, NewRelease } from '../../ports/index.ts';
import { activeOverrides, readDelivery } from './deliveries.ts';
import { requireCount, storeError } from './error.ts';
import { headOf, uidOf } from './heads.ts';
import { text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

/** Releases of a gateway that are kept, whatever names them. */
const KEPT_RELEASES = 20;
/** No content is larger unpacked. */
const MOST_BYTES = 64 * 1024 * 1024;

const READ = 'SELECT files FROM contents WHERE org = ? AND uid = ? AND gateway = ? AND content_digest = ?';
const KNOWN = 'SELECT 1 AS known FROM contents WHERE org = ? AND uid = ? AND gateway = ? AND content_digest = ?';
const WRITE = 'INSERT INTO contents (org, uid, gateway, content_digest, files) VALUES (?, ?, ?, ?, ?)';
const RELEASE = `INSERT INTO releases (org, uid, gateway, generation, content_digest, bytes) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, uid, gateway, generation) DO UPDATE SET content_digest = excluded.content_digest, bytes = excluded.bytes`;
const OLD = `DELETE FROM releases WHERE org = ? AND uid = ? AND gateway = ? AND generation <= (SELECT generation
  FROM releases WHERE org = ? AND uid = ? AND gateway = ? ORDER BY generation DESC LIMIT 1 OFFSET ${KEPT_RELEASES})`;
const UNNAMED = `SELECT content_digest FROM contents AS c WHERE org = ? AND uid = ? AND gateway = ? AND NOT EXISTS (SELECT 1
  FROM releases AS named WHERE named.org = c.org AND named.uid = c.uid AND named.gateway = c.gateway
  AND named.content_digest = c.content_digest)`;
const FORGET = 'DELETE FROM contents WHERE org = ? AND uid = ? AND gateway = ? AND content_digest = ?';

export function readContent(
  sql: Sql,
  org: OrgSlug,
  gateway: string,
  contentDigest: Sha256Hex,
): KeptContent | undefined {
  const head = headOf(sql, org);
  const row = head === undefined ? undefined : sql.get(READ, org, head.uid, gateway, contentDigest);
  return row === undefined ? undefined : unpacked(row);
}

/** A damaged content is told as a damaged file; whether it is that of its digest is the reader's to see. */
function unpacked(row: Row): KeptContent {
  const bytes = row['files'];
  try {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('not a blob');
    return parseJson(inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8')) as KeptContent;
  } catch (cause) {
    const facts = { message: 'Kept content is damaged', expected: 'deflated JSON', found: 'other bytes' };
    throw storeError('STORE_UNREADABLE', { ...facts, cause });
  }
}

/** Keeps releases with their contents, and forgets what is old and named by nothing. */
export function putReleases(sql: Sql, org: OrgSlug, generation: number, releases: readonly NewRelease[]): void {
  const uid = uidOf(sql, org);
  requireCount('The generation', generation);
  for (const { gateway, contentDigest, bytes, files } of releases) {
    sql.run(RELEASE, org, uid, gateway, generation, contentDigest, requireCount('The size', bytes));
    if (sql.get(KNOWN, org, uid, gateway, contentDigest) === undefined)
      sql.run(WRITE, org, uid, gateway, contentDigest, deflateRawSync(JSON.stringify(files)));
    if (sql.run(OLD, org, uid, gateway, org, uid, gateway) > 0) forget(sql, org, uid, gateway);
  }
}

function forget(sql: Sql, org: OrgSlug, uid: OrgUid, gateway: string): void {
  const named = namedContents(sql, org, uid, gateway);
  for (const row of sql.all(UNNAMED, org, uid, gateway)) {
    const digest = text<Sha256Hex>(row, 'content_digest');
    if (!named.has(digest)) sql.run(FORGET, org, uid, gateway, digest);
  }
}

/** Contents that the newest rollout leads back to, or that an override holds a gateway on. */
function namedContents(sql: Sql, org: OrgSlug, uid: OrgUid, gateway: string): ReadonlySet<Sha256Hex> {
  const rollout: Rollout | null = readDelivery(sql, org)?.rollout ?? null;
  const members = (rollout?.rings ?? []).flatMap((ring) => ring.members).filter((member) => member.gateway === gateway);
  const held = activeOverrides(sql, org, uid).flatMap((item) =>
    item.kind === 'rollback' ? (item.contents[gateway] ?? []) : [],
  );
  return new Set([...members.map(({ from }) => from.digest), ...held]);
}
