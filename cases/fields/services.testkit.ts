import { createHash } from 'node:crypto';
import { canonicalText } from '../../src/core/bundle/index.ts';
import type { JsonObject } from '../../src/core/model/index.ts';
import { ASK, probe, top } from './document.testkit.ts';
import { type Asked, type DocumentProbe, TOOLS } from './gateway.testkit.ts';

// Services that a document names: receivers of decisions, and tool servers.

const hook = (field: string, from: JsonObject, to: JsonObject): DocumentProbe => {
  const named = (more: JsonObject) => top({ callbacks: [{ type: 'webhook', url: '@3/hook', ...more }] });
  return probe(`callbacks[].${field}`, named(from), named(to), ASK);
};

const tool = (method: string, params: JsonObject = {}): Asked => ({ tool: { jsonrpc: '2.0', id: 1, method, params } });
const CALL = tool('tools/call', { name: 'search', arguments: {} });
const LIST = tool('tools/list');

const server = (field: string, from: JsonObject, to: JsonObject, ...acts: readonly Asked[]): DocumentProbe => {
  const named = (more: JsonObject) =>
    top({ tool_servers: [{ id: 'docs', url: '@3/mcp', allowed_tools: ['search'], ...more }] });
  return probe(`tool_servers[].${field}`, named(from), named(to), ...(acts.length === 0 ? [CALL] : acts));
};
const KEY = { secret_key_ref: { env: 'KEY_ONE' } };
const pinned = (digest: string): JsonObject => ({ tool_digests: { search: digest } });
const digestOf = (of: JsonObject): string => createHash('sha256').update(canonicalText(of)).digest('hex');

export const SERVICE_PROBES: readonly DocumentProbe[] = [
  probe(
    'callbacks[].type',
    top({ callbacks: [{ type: 'webhook', url: '@3/hook' }] }),
    top({ callbacks: [{ type: 'prometheus' }] }),
  ),
  hook('url', {}, { url: '@4/hook' }),
  hook('signing_secret_env', { signing_secret_env: 'KEY_ONE' }, { signing_secret_env: 'KEY_TWO' }),
  hook('headers.*', { headers: { 'x-team': 'one' } }, { headers: { 'x-team': 'two' } }),
  hook('event_filter.types', { event_filter: { types: ['request'] } }, { event_filter: { types: ['block'] } }),
  server('id', {}, { id: 'pages' }),
  server('url', {}, { url: '@4/mcp' }),
  server('secret_key_ref.env', KEY, { secret_key_ref: { env: 'KEY_TWO' } }),
  server('secret_key_ref.store', { secret_key_ref: { store: 'key_one' } }, { secret_key_ref: { store: 'key_two' } }),
  server('api_key_header', { ...KEY, api_key_header: 'x-key' }, { ...KEY, api_key_header: 'api-key' }),
  server('api_key_prefix', { ...KEY, api_key_prefix: 'Bearer ' }, { ...KEY, api_key_prefix: 'Key ' }),
  server('timeout_seconds', { timeout_seconds: 1 }, { timeout_seconds: 9 }, { ...CALL, servicesSilentMs: 2600 }),
  server('allowed_tools', {}, { allowed_tools: ['delete'] }),
  server('require_approval', {}, { require_approval: ['search'] }),
  server('tool_digests.*', pinned(digestOf(TOOLS[0] ?? {})), pinned('0'.repeat(64)), LIST),
];
