import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/model/index.ts';
import { chat, compiled, documentOf, request } from '../../../src/core/policy/policy.testkit.ts';
import { createChatStream } from './chat.ts';
import { type Meter, meterChat, meterMessages, meterResponses } from './meters.ts';

const read = (meter: Meter, events: readonly JsonObject[]): Meter => {
  for (const event of events) meter.read(event);
  return meter;
};
const deltaOf = (delta: JsonObject): JsonObject => ({ choices: [{ index: 0, delta, finish_reason: null }] });

describe('what was received', () => {
  it('is counted in bytes: text, reasoning, names and arguments', () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const chunks = [
      deltaOf({ role: 'assistant', content: 'ꦲꦤ' }),
      deltaOf({ reasoning_content: 'hm' }),
      deltaOf({ tool_calls: [call] }),
    ];
    expect(read(meterChat(), chunks).received()).toBe(6 + 2 + 6);
    const block = (type: string, given: JsonObject): JsonObject => ({ type, index: 0, ...given });
    const events = [
      block('content_block_start', { content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} } }),
      block('content_block_delta', { delta: { type: 'input_json_delta', partial_json: '{}' } }),
      block('content_block_delta', { delta: { type: 'text_delta', text: 'ꦲꦤ' } }),
      block('content_block_delta', { delta: { type: 'thinking_delta', thinking: 'hm' } }),
      block('content_block_stop', {}),
    ];
    expect(read(meterMessages(), events).received()).toBe(6 + 6 + 2);
  });

  it('counts a text of a response once, in pieces or as a whole', () => {
    const delta = { type: 'response.output_text.delta', delta: 'ꦲꦤ' };
    const content = [{ type: 'output_text', text: 'ꦲꦤ', annotations: [{ type: 'url_citation', title: 'a title' }] }];
    const done = { type: 'response.output_item.done', item: { type: 'message', id: 'msg_1', content } };
    expect(read(meterResponses(), [delta]).received()).toBe(6);
    expect(read(meterResponses(), [done]).received()).toBe(6);
    expect(read(meterResponses(), [delta, done]).received()).toBe(6);
  });

  it('is what came, also where a policy holds it back or takes it away, and where none looks', () => {
    const filter = compiled(documentOf('dlp-filter', { blocked_terms: ['Larkspur'], action: 'block' }));
    for (const scanner of [filter.stream(request(chat('hi'))), null]) {
      const stream = createChatStream(scanner, false);
      stream.push(JSON.stringify({ ...deltaOf({ content: 'It is Lark' }), usage: null }));
      expect(stream.received()).toBe(10);
      stream.push(JSON.stringify(deltaOf({ content: 'spur' })));
      expect(stream.received()).toBe(14);
    }
  });
});

describe('the usage of a message', () => {
  const start = (usage: JsonObject): JsonObject => ({ type: 'message_start', message: { usage } });
  const end = (usage?: JsonObject): JsonObject => ({ type: 'message_delta', delta: {}, ...(usage && { usage }) });
  const INPUT = { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 };

  it('is that of start and delta together; the input is told before', () => {
    const meter = read(meterMessages(), [start(INPUT)]);
    expect([meter.usage(), meter.inputTokens()]).toEqual([null, 7]);
    meter.read(end({ output_tokens: 9, input_tokens: null }));
    expect(meter.usage()).toEqual({ inputTokens: 7, outputTokens: 9 });
  });

  it.each<[string, readonly JsonObject[]]>([
    ['neither counts', [start({}), end()]],
    ['only the start counts', [start(INPUT), end()]],
    ['only the delta counts', [start({}), end({ output_tokens: 9 })]],
    ['a counter is a text', [start({ ...INPUT, cache_read_input_tokens: '4000' }), end({ output_tokens: 9 })]],
    ['a counter is below 0', [start(INPUT), end({ output_tokens: -9 })]],
  ])('is not known where %s', (_, events) => {
    expect(read(meterMessages(), events).usage()).toBeNull();
  });
});
