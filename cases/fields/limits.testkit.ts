import type { JsonObject } from '../../src/core/model/index.ts';
import { ASK, probe, said, top } from './document.testkit.ts';
import type { Asked, DocumentProbe } from './gateway.testkit.ts';

// Limits of a document.

const limit = (name: string, from: JsonObject, to: JsonObject, ...acts: readonly Asked[]): readonly DocumentProbe[] =>
  Object.keys(to).map((field) =>
    probe(
      `${name}.${field}`,
      top({ [name]: { ...from } }),
      top({ [name]: { ...from, [field]: to[field] ?? null } }),
      ...acts,
    ),
  );
const asUser = (user: string, other = user): Asked => ({ headers: { 'x-user': user, 'x-other': other } });

/** Requests and tokens of a minute, by whose they are. */
const scoped = (whose: string): readonly DocumentProbe[] =>
  (['rpm', 'tpm'] as const).map((what) => {
    const limited = (most: number) => said({ scope_rate_limits: { [whose]: { [what]: most } } });
    return probe(`providers.scope_rate_limits.${whose}.${what}`, limited(1), limited(1000), ASK, ASK);
  });

export const LIMIT_PROBES: readonly DocumentProbe[] = [
  ...scoped('global'),
  ...scoped('per_key'),
  ...limit(
    'ip_rate_limit',
    { max_requests: 1, window_seconds: 60 },
    { max_requests: 2, window_seconds: 600 },
    ASK,
    ASK,
    { atMs: 61_000 },
  ),
  probe(
    'ip_allowlist.cidrs',
    top({ ip_allowlist: { cidrs: ['127.0.0.0/8'] } }),
    top({ ip_allowlist: { cidrs: ['10.0.0.0/8'] } }),
  ),
  ...limit(
    'global_rate_limit',
    { max_requests: 1, window_seconds: 60 },
    { max_requests: 2, window_seconds: 600 },
    ASK,
    ASK,
    { atMs: 61_000 },
  ),
  ...limit(
    'user_rate_limit',
    { max_requests: 1, window_seconds: 60, header_names: ['x-user'] },
    { max_requests: 2, window_seconds: 600, header_names: ['x-other'] },
    asUser('ana', 'x'),
    asUser('ana', 'y'),
    { ...asUser('ana', 'x'), atMs: 61_000 },
  ),
  ...limit(
    'token_rate_limit',
    { max_tokens: 10, window_seconds: 60 },
    { max_tokens: 1000, window_seconds: 600 },
    ASK,
    ASK,
    { atMs: 61_000 },
  ),
  ...limit('size_limits', { max_body_bytes: 4096 }, { max_body_bytes: 1024 }, { body: { user: 'u'.repeat(2000) } }),
  ...limit(
    'size_limits',
    { max_header_bytes: 8000 },
    { max_header_bytes: 1024 },
    { headers: { 'x-long': 'l'.repeat(2000) } },
  ),
  ...limit(
    'size_limits',
    { max_url_bytes: 2000 },
    { max_url_bytes: 256 },
    { path: `/v1/chat/completions?${'q'.repeat(500)}` },
  ),
  ...limit(
    'size_limits',
    { max_response_bytes: 100_000 },
    { max_response_bytes: 1024 },
    { body: { messages: [{ role: 'user', content: 'w'.repeat(4000) }] } },
  ),
];
