import {
  byCodeUnit,
  type DesiredObject,
  type ObjectId,
  type ObservedOrg,
  type OrgSlug,
  objectKey,
  type StoredObject,
} from '../../core/model/index.ts';
import { requireCount } from './error.ts';
import { headOf } from './heads.ts';
import { count, json, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const READ = 'SELECT kind, environment, name, path, document, digest, generation FROM objects WHERE org = ?';
const WRITE = `INSERT INTO objects (org, kind, environment, name, path, document, digest, generation)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, kind, environment, name) DO UPDATE SET path = excluded.path, document = excluded.document,
  digest = excluded.digest, generation = excluded.generation`;
const DELETE = 'DELETE FROM objects WHERE org = ? AND kind = ? AND environment = ? AND name = ?';

/** Head and all objects, sorted by object key; the caller holds them in one transaction. */
export function observeOrg(sql: Sql, org: OrgSlug): ObservedOrg | undefined {
  const head = headOf(sql, org);
  if (head === undefined) return undefined;
  const keyed = sql.all(READ, org).map((row) => {
    const object = objectFrom(row);
    return { key: objectKey(object.id), object };
  });
  keyed.sort((a, b) => byCodeUnit(a.key, b.key));
  const objects = keyed.map(({ object }) => object);
  const { uid, generation, contentDigest, commit } = head;
  return { org, uid, complete: true, generation, contentDigest, commit, objects };
}

export function putObject(sql: Sql, org: OrgSlug, object: DesiredObject, generation: number): void {
  requireCount('The generation', generation);
  const { id, path, document, digest } = object;
  sql.run(WRITE, org, id.kind, id.environment ?? '', id.name, path, JSON.stringify(document), digest, generation);
}

export function deleteObject(sql: Sql, org: OrgSlug, id: ObjectId): void {
  sql.run(DELETE, org, id.kind, id.environment ?? '', id.name);
}

function objectFrom(row: Row): StoredObject {
  const environment = text(row, 'environment');
  return {
    id: { kind: text(row, 'kind'), environment: environment === '' ? null : environment, name: text(row, 'name') },
    path: text(row, 'path'),
    document: json(row, 'document'),
    digest: text(row, 'digest'),
    generation: count(row, 'generation'),
  };
}
