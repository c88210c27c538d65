import type { OrgSlug, OrgUid, Publication } from '../../core/model/index.ts';
import { requireCount, storeError } from './error.ts';
import { headOf, uidOf } from './heads.ts';
import { count, json, text } from './rows.ts';
import type { Sql } from './statements.ts';

const READ = 'SELECT document FROM publications WHERE org = ? AND uid = ?';
const WRITE = `INSERT INTO publications (org, uid, generation, document) VALUES (?, ?, ?, ?)
  ON CONFLICT (org, uid) DO UPDATE SET generation = excluded.generation, document = excluded.document`;
const TIMESTAMP = 'SELECT version, signed_at_ms FROM timestamps WHERE org = ? AND uid = ?';
const RENEW = `INSERT INTO timestamps (org, uid, version, signed_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (org, uid) DO UPDATE SET version = excluded.version, signed_at_ms = excluded.signed_at_ms`;
/** Fleet-wide on purpose, as `heads` is: one row per org. */
const GENERATIONS = `SELECT heads.org, publications.generation FROM heads
  JOIN publications ON publications.org = heads.org AND publications.uid = heads.uid ORDER BY heads.org`;

/** The publication under the uid of the org's head, with the newest timestamp. */
export function readPublication(sql: Sql, org: OrgSlug): Publication | undefined {
  const head = headOf(sql, org);
  const row = head === undefined ? undefined : sql.get(READ, org, head.uid);
  if (head === undefined || row === undefined) return undefined;
  const stored = json<Publication>(row, 'document');
  const timestamp = timestampOf(sql, org, head.uid);
  return {
    ...stored,
    timestampVersion: timestamp.version,
    signedAt: { ...stored.signedAt, timestamp: timestamp.signedAtMs },
  };
}

/** Stores it under the head's uid; nothing but the timestamp may be older than what is stored. */
export function writePublication(sql: Sql, org: OrgSlug, publication: Publication): void {
  const uid = uidOf(sql, org);
  const former = readPublication(sql, org);
  const after = risingOf(publication);
  for (const [name, version] of after) requireCount(name, version);
  if (former !== undefined) refuseFall(risingOf(former), after);
  const { generation, timestampVersion, signedAt } = publication;
  sql.run(WRITE, org, uid, generation, JSON.stringify(publication));
  requireCount('The timestamp version', timestampVersion);
  if (timestampVersion >= timestampOf(sql, org, uid).version)
    sql.run(RENEW, org, uid, timestampVersion, signedAt.timestamp);
}

/** Allocates max(last + 1, unix seconds). It counts as signed when the publication that has it is stored. */
export function allocateTimestamp(sql: Sql, org: OrgSlug, nowMs: number): number {
  requireCount('The time', nowMs);
  const uid = uidOf(sql, org);
  const last = timestampOf(sql, org, uid);
  const version = Math.max(last.version + 1, Math.floor(nowMs / 1000));
  sql.run(RENEW, org, uid, version, last.signedAtMs);
  return version;
}

export function readPublishedGenerations(sql: Sql): ReadonlyMap<OrgSlug, number> {
  return new Map(sql.all(GENERATIONS).map((row) => [text<OrgSlug>(row, 'org'), count(row, 'generation')]));
}

function timestampOf(sql: Sql, org: OrgSlug, uid: OrgUid): { readonly version: number; readonly signedAtMs: number } {
  const row = sql.get(TIMESTAMP, org, uid);
  return row === undefined
    ? { version: 0, signedAtMs: 0 }
    : { version: count(row, 'version'), signedAtMs: count(row, 'signed_at_ms') };
}

/** The numbers that only rise. */
function risingOf({ generation, epochs, ...rest }: Publication): readonly (readonly [string, number])[] {
  return [
    ['The published generation', generation],
    ['The root version', rest.rootVersion],
    ['The targets version', rest.targetsVersion],
    ['The snapshot version', rest.snapshotVersion],
    ['The root epoch', epochs.root],
    ['The targets epoch', epochs.targets],
    ['The snapshot epoch', epochs.snapshot],
    ['The timestamp epoch', epochs.timestamp],
  ];
}

type Rising = ReturnType<typeof risingOf>;

function refuseFall(before: Rising, after: Rising): void {
  after.forEach(([name, version], index) => {
    const least = before[index]?.[1] ?? 0;
    if (version >= least) return;
    throw storeError('STORE_VERSION_FELL', {
      message: `${name} fell`,
      expected: `${least} or more`,
      found: `${version}`,
    });
  });
}
