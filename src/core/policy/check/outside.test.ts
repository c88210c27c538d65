import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { codesOf, compiled, documentOf, findingsOf } from '../policy.testkit.ts';

const HOOK: JsonObject = { type: 'webhook', url: 'https://siem.example.net/hook/' };
const SERVER: JsonObject = { id: 'docs', url: 'https://tools.example/mcp', allowed_tools: ['search'] };
const withCallbacks = (...callbacks: Json[]): JsonObject => documentOf('audit-logger', {}, { callbacks });
const withServers = (...servers: Json[]): JsonObject => documentOf('audit-logger', {}, { tool_servers: servers });

describe('a document that names receivers of decisions', () => {
  it('says where, signed with what, and of which decisions', () => {
    const filter = { types: ['block', 'escalation'] };
    const more = { signing_secret_env: 'HOOK_SECRET', headers: { 'X-Tenant': 'acme' }, event_filter: filter };
    expect(compiled(withCallbacks({ type: 'prometheus' }, { ...HOOK, ...more })).webhooks).toEqual([
      {
        url: 'https://siem.example.net/hook',
        secret: { kind: 'env', name: 'HOOK_SECRET' },
        headers: { 'x-tenant': 'acme' },
        types: ['block', 'escalation'],
      },
    ]);
    expect(compiled(withCallbacks(HOOK)).webhooks).toMatchObject([{ secret: null, types: null }]);
    expect(compiled(documentOf('audit-logger')).webhooks).toEqual([]);
  });

  const refused: readonly (readonly [string, Json, string, string])[] = [
    ['langfuse', { type: 'langfuse' }, 'POLICY_UNSUPPORTED_VALUE', '/callbacks/0/type'],
    ['a sink that nobody knows', { type: 'syslog' }, 'POLICY_SHAPE', '/callbacks/0/type'],
    ['a project', { ...HOOK, project_name: 'x' }, 'POLICY_UNSUPPORTED_KEY', '/callbacks/0/project_name (key)'],
    ['a webhook without url', { type: 'webhook' }, 'POLICY_SHAPE', '/callbacks/0'],
    ['a url with a query', { ...HOOK, url: 'https://h.example/?k=v' }, 'POLICY_SHAPE', '/callbacks/0/url'],
    ['plain http', { ...HOOK, url: 'http://h.example/' }, 'POLICY_INSECURE_URL', '/callbacks/0/url'],
    [
      'a header for a key',
      { ...HOOK, headers: { 'X-Api-Key': 'x' } },
      'POLICY_TARGET_HEADER',
      '/callbacks/0/headers/X-Api-Key (key)',
    ],
    [
      'a header of ours',
      { ...HOOK, headers: { 'x-tenantry-signature': 'x' } },
      'POLICY_TARGET_HEADER',
      '/callbacks/0/headers/x-tenantry-signature (key)',
    ],
    [
      'a filter by content',
      { ...HOOK, event_filter: { types: ['block'], metadata_match: {} } },
      'POLICY_UNSUPPORTED_KEY',
      '/callbacks/0/event_filter/metadata_match (key)',
    ],
    [
      'events of quality',
      { ...HOOK, event_filter: { types: ['quality_failure'] } },
      'POLICY_UNSUPPORTED_VALUE',
      '/callbacks/0/event_filter/types/0',
    ],
    [
      'settings of prometheus',
      { type: 'prometheus', url: 'https://h.example' },
      'POLICY_SHAPE',
      '/callbacks/0/url (key)',
    ],
  ];
  it.each(refused)('refuses %s', (_, callback, code, at) => {
    expect(findingsOf(withCallbacks(callback)).map((item) => [item.code, item.place?.file])).toContainEqual([code, at]);
  });

  it('refuses a literal secret without repeating it, and a receiver that stands twice', () => {
    const [finding] = findingsOf(withCallbacks({ ...HOOK, signing_secret: 'whsec-planted' }));
    expect(finding?.code).toBe('POLICY_UNSUPPORTED_KEY');
    expect(JSON.stringify(finding)).not.toContain('planted');
    expect(codesOf(withCallbacks(HOOK, { ...HOOK, url: 'https://siem.example.net/hook' }))).toEqual([
      'POLICY_DUPLICATE_ENTRY',
    ]);
    expect(codesOf(withCallbacks({ type: 'prometheus' }, { type: 'prometheus' }))).toEqual(['POLICY_DUPLICATE_ENTRY']);
  });
});

describe('a document that names tool servers', () => {
  it('says where, with which key, and which tools', () => {
    const more = {
      secret_key_ref: { store: 'docs-key' },
      api_key_header: 'X-Api-Key',
      api_key_prefix: '',
      timeout_seconds: 5,
      require_approval: ['search'],
    };
    const [full, plain] = compiled(
      withServers({ ...SERVER, ...more, tool_digests: { search: 'a'.repeat(64) } }, { ...SERVER, id: 'more' }),
    ).toolServers;
    expect(full).toEqual({
      id: 'docs',
      url: 'https://tools.example/mcp',
      secret: { kind: 'store', name: 'docs-key' },
      apiKeyHeader: 'x-api-key',
      apiKeyPrefix: '',
      idleTimeoutMs: 5000,
      allowedTools: new Set(['search']),
      approvedTools: new Set(['search']),
      toolDigests: new Map([['search', 'a'.repeat(64)]]),
    });
    expect(plain).toMatchObject({
      secret: null,
      apiKeyHeader: 'authorization',
      apiKeyPrefix: 'Bearer ',
      idleTimeoutMs: 120_000,
      approvedTools: new Set(),
    });
    expect(compiled(withServers({ ...SERVER, secret_key_ref: { env: 'KEY' } })).toolServers[0]?.secret).toEqual({
      kind: 'env',
      name: 'KEY',
    });
  });

  const refused: readonly (readonly [string, Json, string, string])[] = [
    ['a program', { ...SERVER, command: 'npx' }, 'POLICY_UNSUPPORTED_KEY', '/tool_servers/0/command (key)'],
    ['every tool', { id: 'docs', url: 'https://tools.example/mcp' }, 'POLICY_SHAPE', '/tool_servers/0'],
    ['plain http', { ...SERVER, url: 'http://tools.example/mcp' }, 'POLICY_INSECURE_URL', '/tool_servers/0/url'],
    ['an id that is a path', { ...SERVER, id: 'a/b' }, 'POLICY_SHAPE', '/tool_servers/0/id'],
    [
      'a digest of a tool that is not allowed',
      { ...SERVER, tool_digests: { other: 'a'.repeat(64) } },
      'POLICY_SHAPE',
      '/tool_servers/0/tool_digests/other (key)',
    ],
    [
      'an approval of a tool that is not allowed',
      { ...SERVER, require_approval: ['search', 'other'] },
      'POLICY_SHAPE',
      '/tool_servers/0/require_approval/1',
    ],
  ];
  it.each(refused)('refuses %s', (_, server, code, at) => {
    expect(findingsOf(withServers(server)).map((item) => [item.code, item.place?.file])).toContainEqual([code, at]);
  });

  it('refuses an id that stands twice', () => {
    expect(codesOf(withServers(SERVER, SERVER))).toEqual(['POLICY_DUPLICATE_ENTRY']);
  });
});
