import { describe, expect, test } from 'vitest';
import type { Json, JsonObject, RepoPath } from '../../../src/core/model/index.ts';
import { compileDocument, createMemory, type ToolServer } from '../../../src/core/policy/index.ts';
import { nodeHash } from '../../../src/host/index.ts';
import {
  type ClientMessage,
  forwarded,
  introduced,
  type RpcId,
  readClientMessage,
  readServerMessage,
} from './message.ts';
import { argumentsOf, callAsRequest, partsOf, partsOfRequest, resultAsRequest, resultOf } from './texts.ts';
import { createToolPins, describeTools, hasChanged, shownTools, toolDigest } from './tools.ts';

const server: ToolServer = {
  id: 'docs',
  url: 'https://tools.example/mcp',
  secret: null,
  apiKeyHeader: 'authorization',
  apiKeyPrefix: '',
  idleTimeoutMs: 1000,
  allowedTools: new Set(['a', 'b']),
  approvedTools: new Set(),
  toolDigests: new Map(),
};
const opaque = (id: RpcId): RpcId => (typeof id === 'number' ? id : `opaque ${id.length}`);
const message = (method: string, params: JsonObject): ClientMessage =>
  readClientMessage({ jsonrpc: '2.0', id: 1, method, params }) as ClientMessage;

describe('a message of a client', () => {
  test('goes on with the fields that are known alone', () => {
    const call = message('tools/call', {
      name: 'a',
      arguments: { x: 1 },
      task: {},
      _meta: { progressToken: 7, other: 'x', baggage: 'x' },
    });
    expect(forwarded(call, { arguments: { x: 2 }, traceparent: '00-t', opaque })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'a', arguments: { x: 2 }, _meta: { progressToken: 7, traceparent: '00-t' } },
    });
    const initialize = message('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: { sampling: {} },
      clientInfo: { name: 'x' },
    });
    expect(forwarded(initialize, { opaque })['params']).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'tenantry-gateway', version: '1' },
    });
    const list = message('tools/list', { cursor: 'planted' });
    expect(forwarded(list, { opaque, cursor: 'c' })['params']).toEqual({ cursor: 'c' });
    expect(forwarded(list, { opaque })).not.toHaveProperty('params');
    expect(forwarded(message('ping', { anything: 1 }), { opaque })).toEqual({ jsonrpc: '2.0', id: 1, method: 'ping' });
  });

  test('goes on with no words in fields that no policy reads', () => {
    const cancelled = (requestId: Json): JsonObject => {
      const notice = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'planted' } };
      return forwarded(readClientMessage(notice) as ClientMessage, { opaque });
    };
    expect(cancelled(7)['params']).toEqual({ requestId: 7 });
    expect(cancelled('planted')['params']).toEqual({ requestId: 'opaque 7' });
    const named = { ...message('ping', { _meta: { progressToken: 'planted' } }), id: 'planted' } as ClientMessage;
    expect(forwarded(named, { opaque })).toMatchObject({
      id: 'opaque 7',
      params: { _meta: { progressToken: 'opaque 7' } },
    });
    const version = 'io.modelcontextprotocol/protocolVersion';
    for (const sent of [
      cancelled({ deep: 'planted' }),
      forwarded(message('initialize', { protocolVersion: 'planted' }), { opaque }),
      forwarded(message('initialize', { protocolVersion: { deep: 'planted' } }), { opaque }),
      forwarded(message('ping', { _meta: { [version]: 'planted' } }), { opaque }),
    ])
      expect(JSON.stringify(sent)).not.toContain('planted');
  });

  test('keeps what the revision of 2026-07-28 needs of _meta', () => {
    const name = 'io.modelcontextprotocol/';
    const meta = { [`${name}protocolVersion`]: '2026-07-28', [`${name}clientCapabilities`]: { elicitation: {} } };
    expect(forwarded(message('ping', { _meta: meta }), { opaque })['params']).toEqual({
      _meta: {
        [`${name}protocolVersion`]: '2026-07-28',
        [`${name}clientInfo`]: { name: 'tenantry-gateway', version: '1' },
        [`${name}clientCapabilities`]: {},
      },
    });
  });

  test('has an id that is an integer, told apart from every other, or a short text', () => {
    const known = [0, 'x', Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    for (const id of known) expect(readClientMessage({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({ id });
    for (const id of [null, true, {}, 1.5, 2 ** 53, -(2 ** 53), 1e300])
      expect(readClientMessage({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({ code: -32600 });
  });
});

describe('a message of a server', () => {
  test('is an answer to the request alone, or a notification that passes', () => {
    const read = (body: Json, progressToken: Json = 1, id: RpcId = 1) =>
      readServerMessage(body, {
        message: { kind: 'request', method: 'ping', id, params: { _meta: { progressToken } } },
        opaque,
      });
    expect(read({ jsonrpc: '2.0', id: 1, result: {} })).toEqual({ kind: 'result', result: {} });
    expect(read({ jsonrpc: '2.0', id: '1', result: {} })).toEqual({ kind: 'other' });
    expect(read({ jsonrpc: '2.0', id: 'opaque 3', result: {} }, 1, 'abc')).toEqual({ kind: 'result', result: {} });
    expect(read({ jsonrpc: '2.0', id: 1, error: { code: 1.5 } })).toEqual({ kind: 'error', code: -32603, message: '' });
    expect(read({ jsonrpc: '2.0', id: 1, error: 'x' })).toEqual({ kind: 'other' });
    expect(read({ id: 1, result: {} })).toEqual({ kind: 'other' });
    const method = 'notifications/progress';
    const told = (progressToken: Json): JsonObject => ({
      ...{ jsonrpc: '2.0', method, params: { progressToken, progress: 2, message: 'x' } },
    });
    const passed = (progressToken: Json) => ({
      kind: 'notification',
      message: { jsonrpc: '2.0', method, params: { progressToken, progress: 2 } },
    });
    expect(read(told(1))).toEqual(passed(1));
    expect(read(told('opaque 3'), 'abc')).toEqual(passed('abc'));
    for (const other of ['planted', 'abc', 2, {}]) expect(read(told(other), 'abc')).toEqual({ kind: 'other' });
    expect(read(told(1), null)).toEqual({ kind: 'other' });
    expect(readServerMessage(told(1), null)).toEqual({ kind: 'other' });
    expect(read({ ...told(1), id: 5 })).toEqual({ kind: 'other' });
  });

  test('introduces tools and nothing else', () => {
    expect(
      introduced(
        { instructions: 'x', capabilities: { tools: { listChanged: true }, prompts: {} }, serverInfo: {} },
        'docs',
      ),
    ).toEqual({
      serverInfo: { name: 'docs', version: '0' },
      capabilities: { tools: { listChanged: true } },
    });
    expect(introduced({ capabilities: 1 }, 'docs')).toEqual({ capabilities: {} });
    const said = {
      protocolVersion: '2025-11-25',
      supportedVersions: ['2025-11-25'],
      serverInfo: { name: 'docs', version: '1.22.3' },
      ttlMs: 5,
      cacheScope: 'private',
      resultType: 'complete',
      capabilities: { tools: {} },
    };
    expect(introduced(said, 'docs')).toEqual(said);
    const words = introduced(
      {
        protocolVersion: 'planted',
        supportedVersions: ['planted'],
        serverInfo: {
          name: 'planted',
          title: 'planted',
          version: '1-planted',
          description: 'planted',
          icons: ['planted'],
        },
        cacheScope: 'planted',
        capabilities: { tools: { planted: {} } },
        _meta: 'planted',
        planted: 1,
      },
      'docs',
    );
    expect(JSON.stringify(words)).not.toContain('planted');
  });
});

describe('a list of tools', () => {
  const tool = (name: string, description: string): JsonObject => ({
    name,
    description,
    inputSchema: { type: 'object' },
  });
  const shown = (pins = createToolPins(), ...tools: JsonObject[]) => {
    const { tools: kept, withheld } = shownTools(server, { tools, other: 1 }, pins, nodeHash);
    return { names: kept.map(({ name }) => name), withheld };
  };

  test('shows allowed tools, none that has changed, and none whose name stands twice', () => {
    const pins = createToolPins();
    expect(shown(pins, tool('a', '1'), tool('c', '1'))).toEqual({ names: ['a'], withheld: [] });
    expect(shown(pins, tool('a', '2'), tool('b', '1'))).toMatchObject({ names: ['b'], withheld: ['a'] });
    expect(hasChanged(server, 'a', pins)).toBe(true);
    expect(describeTools(server, pins)).toMatchObject({
      tools: [
        { name: 'a', state: 'changed' },
        { name: 'b', state: 'shown' },
      ],
    });
    expect(shown(pins, tool('a', '1'))).toMatchObject({ names: ['a'], withheld: [] });
    expect(shown(createToolPins(), tool('a', '1'), tool('a', '1'))).toMatchObject({ names: [], withheld: ['a'] });
    const cursorOf = (nextCursor: Json): string | null =>
      shownTools(server, { tools: 'x', nextCursor }, pins, nodeHash).nextCursor;
    expect(['any words', 'c'.repeat(1001), 7].map(cursorOf)).toEqual(['any words', null, null]);
    expect(shown(createToolPins(), tool('a', '\ud800'), tool('b', '1'))).toMatchObject({
      names: ['b'],
      withheld: ['a'],
    });
  });

  test('shows nothing of a tool that its digest does not tell', () => {
    const made = { ...tool('a', '1'), icons: ['x'], _meta: { x: 1 } };
    expect(shownTools(server, { tools: [made] }, createToolPins(), nodeHash).tools).toEqual([tool('a', '1')]);
  });

  test('tells a tool by all that is said of it, whatever the order, and not by its pictures', () => {
    const digest = toolDigest(tool('a', '1'), nodeHash);
    expect(
      toolDigest({ inputSchema: { type: 'object' }, description: '1', name: 'a', icons: [], _meta: {} }, nodeHash),
    ).toBe(digest);
    for (const more of [
      { title: 'x' },
      { annotations: { readOnlyHint: true } },
      { outputSchema: {} },
      { inputSchema: {} },
    ])
      expect(toolDigest({ ...tool('a', '1'), ...more }, nodeHash)).not.toBe(digest);
  });
});

test('arguments and results come back from the shapes of policies as they went in', () => {
  const given = { a: [1, { b: 'c' }] };
  expect(argumentsOf(callAsRequest({ id: 'r', name: 'a' }, given))).toEqual(given);
  for (const body of [
    {},
    { messages: [{ tool_calls: [{ function: { arguments: '[]' } }] }] },
    { messages: [{ tool_calls: [{ function: { arguments: '{' } }] }] },
  ])
    expect(argumentsOf(body)).toBeNull();
  const result = {
    content: [{ type: 'text', text: 'x' }],
    structuredContent: { a: 1 },
    isError: true,
    resultType: 'complete',
  };
  expect(resultOf({ ...result, more: 1 }, partsOf(result))).toEqual(result);
  expect(resultOf({}, partsOf({}))).toEqual({ content: [] });
});

describe('parts of a result', () => {
  const through = (...content: Json[]): Json => resultOf({ content }, partsOf({ content }))['content'] ?? null;

  test('keep the fields of their type', () => {
    const annotations = { audience: ['user', 'assistant'], priority: 0.5, lastModified: '2026-01-01T00:00:00.5+02:00' };
    const content = [
      { type: 'text', text: 'x', annotations },
      { type: 'image', data: 'aWZ0', mimeType: 'image/png' },
      { type: 'audio', data: 'aWZ0', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'a:b', name: 'n', title: 't', description: 'd', mimeType: 'text/plain', size: 7 },
      { type: 'resource', resource: { uri: 'a:b', mimeType: 'text/plain', text: 'x' } },
      { type: 'resource', resource: { uri: 'a:b', blob: 'aWZ0' }, annotations },
      { type: 'another', id: 'i', data: ['x'] },
      { stdout: 'x' },
      'x',
    ];
    expect(through(...content)).toEqual(content);
    expect(JSON.stringify(partsOf({ content }))).not.toContain('aWZ0');
  });

  test('lose what no policy reads', () => {
    const kept = through(
      { type: 'text', text: 'x', title: 'planted', role: 'planted', _meta: { a: 'planted' } },
      {
        type: 'image',
        data: 'aWZ0',
        mimeType: 7,
        status: 'planted',
        annotations: { audience: ['planted'], a: 'planted', lastModified: 'planted' },
      },
      { type: 'resource_link', uri: 'a:b', name: 'n', id: 'planted', text: 'planted', icons: [{ src: 'planted' }] },
      { type: 'resource', name: 'planted', resource: { uri: 'a:b', text: 'x', id: 'planted', name: 'planted' } },
    );
    expect(JSON.stringify(kept)).not.toContain('planted');
  });

  test('are read by policies, every text of them', () => {
    const said = 'ACM-20419833';
    const content = [
      { type: 'text', text: said },
      { type: 'image', data: 'aWZ0', mimeType: said },
      { type: 'resource_link', uri: said, name: said, title: said, description: said, mimeType: said },
      { type: 'resource', resource: { uri: said, mimeType: said, text: said } },
      { type: 'another', id: said, status: said, name: said },
      { id: said, [said]: 20419833, data: [said] },
      said,
    ];
    const dlp = { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' };
    const document = {
      pack: { name: 'p', version: '1.0.0', enabled: true },
      policies: { chain: ['dlp-filter'] },
      policy: { 'dlp-filter': dlp },
      providers: { targets: [{ id: 'main', provider: 'openai', model: 'm', secret_key_ref: { env: 'KEY' } }] },
    };
    const place = { file: 'p' as RepoPath, line: 1, column: 1 };
    const where = { placeOf: () => place, pointer: '', org: null, object: null };
    const compiled = compileDocument(document, { where, memory: createMemory(() => 0) });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
    const result = { content, structuredContent: { id: said } };
    const body = resultAsRequest({ id: 'r', name: 'a' }, partsOf(result), false);
    const facts = { path: '', headers: new Map(), model: null, team: null, role: null, gateway: 'g', token: null };
    const left = partsOfRequest(compiled.value.input({ ...facts, authenticated: true, body }).body);
    expect(left).not.toEqual(partsOf(result));
    expect(JSON.stringify(resultOf(result, left))).not.toContain(said);
  });
});
