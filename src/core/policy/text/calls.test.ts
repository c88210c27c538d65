import { describe, expect, it } from 'vitest';
import type { Json } from '../../model/index.ts';
import { callsOfAnswer, callsOfRequest, isReadable, parseArguments, resultsOfRequest } from './calls.ts';

const call = (id: string, name: string, given: string): Json => ({
  id,
  type: 'function',
  function: { name, arguments: given },
});

describe('the calls of an answer', () => {
  it('are those of every choice of chat completions', () => {
    const message = { role: 'assistant', content: null, tool_calls: [call('c1', 'search', '{"q":1}')] };
    const older = { role: 'assistant', content: 'hm', function_call: { name: 'refund', arguments: '{}' } };
    const custom = { tool_calls: [{ id: 'c2', type: 'custom', custom: { name: 'sql', input: 'select 1' } }] };
    expect(callsOfAnswer({ choices: [{ message }, { message: older }, { message: custom }] })).toEqual([
      { id: 'c1', name: 'search', arguments: '{"q":1}' },
      { id: null, name: 'refund', arguments: '{}' },
      { id: 'c2', name: 'sql', arguments: 'select 1' },
    ]);
  });

  it('are the tool_use parts of Anthropic', () => {
    const content = [
      { type: 'text', text: 'Let me look' },
      { type: 'tool_use', id: 't1', name: 'search', input: { q: 1 } },
      { type: 'server_tool_use', id: 't2', name: 'web_search', input: {} },
    ];
    expect(callsOfAnswer({ type: 'message', content })).toEqual([
      { id: 't1', name: 'search', arguments: '{"q":1}' },
      { id: 't2', name: 'web_search', arguments: '{}' },
    ]);
  });

  it('are the calls among the output of responses, those of the provider by their type', () => {
    const search = { type: 'web_search_call', id: 'w1', action: { query: 'tea' } };
    const output = [
      { type: 'message', content: [{ type: 'output_text', text: 'hi' }] },
      { type: 'function_call', id: 'f1', call_id: 'c1', name: 'search', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'sql', input: 'select 1' },
      { type: 'mcp_approval_request', id: 'm1', name: 'drop', arguments: '{"a":1}' },
      search,
    ];
    expect(callsOfAnswer({ output })).toEqual([
      { id: 'c1', name: 'search', arguments: '{}' },
      { id: 'c2', name: 'sql', arguments: 'select 1' },
      { id: 'm1', name: 'drop', arguments: '{"a":1}' },
      { id: null, name: 'web_search', arguments: JSON.stringify(search) },
    ]);
  });

  it('are those inside a message, and those of an item under its type and its name', () => {
    const output = [
      { type: 'message', content: [{ type: 'tool_use', id: 't', name: 'delete', input: {} }] },
      { type: 'shell_call', name: 'search', action: {} },
    ];
    expect(callsOfAnswer({ output }).map(({ name }) => name)).toEqual(['delete', 'shell', 'search']);
    const delta = { tool_calls: [call('c1', 'delete', '{}')] };
    expect(callsOfAnswer({ choices: { delta } }).map(({ name }) => name)).toEqual(['delete']);
    for (const item of [{ type: 'function_call' }, { type: 'function_call', name: 'a', function: { name: 'b' } }])
      expect(callsOfAnswer({ output: [item] }).map(isReadable)).toEqual([false]);
  });

  it('are never passed over because they are malformed', () => {
    const broken: readonly Json[] = [
      'search',
      { id: 'c1' },
      { function: 'search' },
      { function: { name: 7 } },
      { function: { name: 'a' }, custom: { name: 'b' } },
      { function: { name: 'a', arguments: '{}' }, custom: { name: 'a', input: 'x' } },
      { name: 'b', function: { name: 'a' } },
    ];
    for (const one of broken) {
      const [found, ...more] = callsOfAnswer({ choices: [{ message: { tool_calls: one } }] });
      expect([found !== undefined && isReadable(found), more]).toEqual([false, []]);
    }
    expect(callsOfAnswer({ choices: [{ message: { tool_calls: null, function_call: null } }] })).toEqual([]);
    expect(isReadable({ id: null, name: 'x'.repeat(201), arguments: '' })).toBe(false);
    expect(['text', null, [], { choices: ['x', { message: 'y' }], content: 'z' }].flatMap(callsOfAnswer)).toEqual([]);
  });
});

describe('the calls and results of a request', () => {
  it('are told by messages of chat completions', () => {
    const body = {
      messages: [
        { role: 'assistant', tool_calls: [call('c1', 'search', '{}')] },
        { role: 'tool', tool_call_id: 'c1', content: 'found' },
        { role: 'tool', tool_call_id: 'c9', content: [{ type: 'text', text: 'who asked?' }] },
        { role: 'function', name: 'refund', content: 'done' },
        { role: 'user', content: 'and now?' },
      ],
    };
    expect(callsOfRequest(body).map(({ name }) => name)).toEqual(['search']);
    expect(resultsOfRequest(body)).toEqual([
      { callId: 'c1', name: 'search', text: 'found', isError: false },
      { callId: 'c9', name: null, text: '[{"type":"text","text":"who asked?"}]', isError: false },
      { callId: null, name: 'refund', text: 'done', isError: false },
    ]);
  });

  it('are told by parts of Anthropic and items of responses', () => {
    const messages = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'search', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'no', is_error: true }] },
    ];
    expect(resultsOfRequest({ messages })).toEqual([{ callId: 't1', name: 'search', text: 'no', isError: true }]);
    const input = [
      { type: 'function_call', call_id: 'c1', name: 'search', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'found' },
    ];
    expect(resultsOfRequest({ input })).toEqual([{ callId: 'c1', name: 'search', text: 'found', isError: false }]);
    expect(
      resultsOfRequest({ messages: [{ role: 'Tool', tool_call_id: 'c', name: 'search', content: 'found' }] }),
    ).toMatchObject([{ name: 'search', text: 'found' }]);
    expect([null, 'x', { input: 'hi' }, { messages: 'hi' }].flatMap((body) => resultsOfRequest(body))).toEqual([]);
  });
});

describe('the results of what a provider ran itself', () => {
  it('stand with their calls, under the names of these', () => {
    const input = [
      { type: 'mcp_call', id: 'm1', server_label: 's', name: 'search', arguments: '{}', output: 'found' },
      // Another call with its id does not take it over.
      { type: 'function_call', call_id: 'm1', name: 'other', arguments: '{}' },
      { type: 'shell_call', id: 's1', output: [{ stdout: 'x' }] },
      { type: 'mcp_call', id: 'm2', output: 'who?' },
      { type: 'mcp_call', id: 'm3', name: 'search', arguments: '{}', output: null },
    ];
    expect(resultsOfRequest({ input })).toEqual([
      { callId: 'm1', name: 'search', text: 'found', isError: false },
      { callId: 's1', name: 'shell', text: '[{"stdout":"x"}]', isError: false },
      { callId: 'm2', name: null, text: 'who?', isError: false },
    ]);
  });
});

describe('arguments', () => {
  it('are read as JSON that has but one meaning', () => {
    const texts = [
      '{"a":1,"b":{"a":2,"c":[{"a":3}]}}',
      '[{"a":"\\":"},{"a" : "{\\"a\\":1}"}]',
      '{"__proto__":1,"a":":"}',
      '"a:"',
      '{"":"","\\\\":"x"}',
      '7',
    ];
    for (const text of texts) expect(parseArguments(text)).toEqual(JSON.parse(text));
    expect([parseArguments(''), parseArguments(' \n')]).toEqual([{}, {}]);
  });

  it.each(['{"a":1,"a":1}', '{"b":[{"a":1,"\\u0061":2}]}', '{"a":1', 'a', '{"__proto__":1,"__proto__":2}'])(
    'of %s are not read',
    (text) => expect(parseArguments(text)).toBeUndefined(),
  );
});
