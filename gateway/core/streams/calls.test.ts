import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/model/index.ts';
import { compileDocument, createMemory, type StreamScanner } from '../../../src/core/policy/index.ts';
import { createMessagesStream } from './messages.ts';
import { createResponsesStream } from './responses.ts';
import type { ShapeStream } from './stream.ts';

// Calls of tools in the streams of messages and responses, judged by a real policy; those of chat are in chat.test.ts.

function scannerOf(): StreamScanner {
  const document = {
    pack: { name: 'test', version: '1.0.0', enabled: true },
    policies: { chain: ['tool-validation'] },
    policy: {
      'tool-validation': { declared_tools: ['search'], schemas: { search: { properties: { q: { maxLength: 8 } } } } },
    },
    providers: { targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o-mini', secret_key_ref: { env: 'KEY' } }] },
  };
  const where = { placeOf: () => ({ file: 'p', line: 1, column: 1 }) as never, pointer: '', org: null, object: null };
  const compiled = compileDocument(document, { where, memory: createMemory(() => 0) });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  const facts = {
    path: '/v1/messages',
    headers: new Map(),
    model: null,
    team: null,
    role: null,
    gateway: 'test',
    token: null,
  };
  const scanner = compiled.value.stream({ ...facts, authenticated: false, body: {} });
  if (scanner === null) throw new Error('nothing scans the answer');
  return scanner;
}

function sent(
  stream: ShapeStream,
  events: readonly JsonObject[],
): { readonly text: string; readonly reason: string | null } {
  let text = '';
  for (const event of events) {
    const out = stream.push(JSON.stringify(event));
    text += out.frames.join('');
    if (out.state !== 'open') return { text, reason: out.blocked?.reasonCode ?? null };
  }
  return { text, reason: null };
}

const ID = 'id_of_the_call';

const messages = (name: string, given: string, at: number): readonly JsonObject[] => [
  {
    type: 'message_start',
    message: { id: 'm1', type: 'message', role: 'assistant', model: 'm', content: [], usage: {} },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: ID, name, input: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: given.slice(0, at) } },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: given.slice(at) } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } },
  { type: 'message_stop' },
];

const responses = (name: string, given: string, at: number): readonly JsonObject[] => {
  const item = { type: 'function_call', id: 'i1', call_id: ID, name };
  const place = { item_id: 'i1', output_index: 0 };
  const done = { ...item, status: 'completed', arguments: given };
  return [
    { type: 'response.created', response: { id: 'r1', object: 'response', status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', arguments: '' } },
    { type: 'response.function_call_arguments.delta', ...place, delta: given.slice(0, at) },
    { type: 'response.function_call_arguments.delta', ...place, delta: given.slice(at) },
    { type: 'response.function_call_arguments.done', ...place, arguments: given },
    { type: 'response.output_item.done', output_index: 0, item: done },
    { type: 'response.completed', response: { id: 'r1', object: 'response', status: 'completed', output: [done] } },
  ];
};

describe.each([
  ['messages', messages, createMessagesStream],
  ['responses', responses, createResponsesStream],
] as const)('a call in a stream of %s', (_, eventsOf, create) => {
  test.each([
    ['mallory', '{"q":"tea"}', 'tool_validation.undeclared'],
    ['search', '{"q":"mallory mallory"}', 'tool_validation.arguments_invalid'],
  ])('that is refused leaves no byte of it, wherever it is cut: %s(%s)', (name, given, reason) => {
    for (let at = 0; at <= given.length; at++) {
      const out = sent(create(scannerOf()), eventsOf(name, given, at));
      expect(out.reason).toBe(reason);
      expect(out.text).not.toMatch(/mallory|search|id_of_the_call/);
    }
  });

  test('that is allowed goes out with its id, its name and all of its arguments', () => {
    const out = sent(create(scannerOf()), eventsOf('search', '{"q":"tea"}', 4));
    expect(out.reason).toBeNull();
    for (const part of [ID, 'search', String.raw`{\"q\":\"tea\"}`]) expect(out.text).toContain(part);
  });
});
