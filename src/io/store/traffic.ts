import type { GatewayTraffic, JournalLine, OrgSlug, Sha256Hex, Traffic } from '../../core/model/index.ts';
import { sha256Hex } from '../../core/model/index.ts';
import { count, text } from './rows.ts';
import type { Sql } from './statements.ts';

const ADD = `INSERT INTO traffic (org, gateway, content_digest, requests, blocked, errors) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, gateway, content_digest) DO UPDATE SET requests = requests + excluded.requests,
  blocked = blocked + excluded.blocked, errors = errors + excluded.errors`;
const ALL = `SELECT org, gateway, content_digest, requests, blocked, errors FROM traffic WHERE org = ?
  ORDER BY gateway, content_digest`;

/** Counts what new lines say was decided, by the content that they name; a line that names none counts for nothing. */
export function addTraffic(
  sql: Sql,
  { org, gateway }: { readonly org: OrgSlug; readonly gateway: string },
  lines: readonly JournalLine[],
): void {
  const counts = new Map<Sha256Hex, { -readonly [name in keyof Traffic]: Traffic[name] }>();
  for (const { event } of lines) {
    if (event.type !== 'decision') continue;
    // What a gateway sent is not trusted to be of its type.
    const digest: unknown = event.contentDigest;
    const known = typeof digest === 'string' ? sha256Hex(digest) : undefined;
    if (known === undefined) continue;
    const sum = counts.get(known) ?? { requests: 0, blocked: 0, errors: 0 };
    counts.set(known, sum);
    sum.requests += 1;
    if (event.verdict === 'block') sum.blocked += 1;
    if (event.status >= 500) sum.errors += 1;
  }
  for (const [digest, { requests, blocked, errors }] of counts)
    sql.run(ADD, org, gateway, digest, requests, blocked, errors);
}

export function allTraffic(sql: Sql, org: OrgSlug): readonly GatewayTraffic[] {
  return sql.all(ALL, org).map((row) => ({
    org: text(row, 'org'),
    gateway: text(row, 'gateway'),
    contentDigest: text(row, 'content_digest'),
    requests: count(row, 'requests'),
    blocked: count(row, 'blocked'),
    errors: count(row, 'errors'),
  }));
}
