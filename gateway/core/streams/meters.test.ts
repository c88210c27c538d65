import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { chat, compiled, documentOf, request } from '../../../src/core/policy/policy.testkit.ts';
import type { Usage } from '../../../src/core/wallet/index.ts';
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

describe('the usage of a chat', () => {
  const COUNT = { prompt_tokens: 5, completion_tokens: 1 };
  const counted = (chunk: JsonObject, usage: Json): JsonObject => ({ ...chunk, usage });
  const END: JsonObject = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  const usageOf = (...chunks: readonly JsonObject[]): Usage | null => read(meterChat(), chunks).usage();

  it('is the last that was told, also with each chunk', () => {
    const told = [1, 2, 3].map((count) => counted(deltaOf({ content: 'a' }), { ...COUNT, completion_tokens: count }));
    expect(usageOf(...told, END)).toEqual({ inputTokens: 5, outputTokens: 3 });
    expect(usageOf(deltaOf({ content: 'a' }), END, counted({ choices: [] }, COUNT))).toMatchObject({ outputTokens: 1 });
    expect(usageOf(counted(deltaOf({ content: 'a' }), COUNT), counted(END, null))).toMatchObject({ outputTokens: 1 });
  });

  it.each<[string, JsonObject]>([
    ['text came after it', deltaOf({ content: 'b' })],
    ['a call came after it', deltaOf({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] })],
    ['the next is nonsense', counted({ choices: [] }, { prompt_tokens: -900, completion_tokens: '40' })],
    ['the next is half of one', counted({ choices: [] }, { prompt_tokens: 5 })],
    ['the next is no object', counted({ choices: [] }, 'none')],
  ])('is not known where %s; the input that was told is', (_, chunk) => {
    const meter = read(meterChat(), [counted(deltaOf({ content: 'a' }), COUNT), chunk, END]);
    expect([meter.usage(), meter.inputTokens()]).toEqual([null, 5]);
  });
});

describe('the usage of a message', () => {
  const start = (usage: JsonObject): JsonObject => ({ type: 'message_start', message: { usage } });
  const end = (usage?: JsonObject): JsonObject => ({ type: 'message_delta', delta: {}, ...(usage && { usage }) });
  const text = (text: string): JsonObject => ({ type: 'content_block_delta', delta: { type: 'text_delta', text } });
  const call: JsonObject = {
    type: 'content_block_start',
    content_block: { type: 'tool_use', name: 'look', input: {} },
  };
  const INPUT = { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 };
  const WRITTEN = { input_tokens: 1, cache_creation_input_tokens: 6, output_tokens: 1 };

  it('is that of start and delta together; the input is told before', () => {
    const meter = read(meterMessages(), [start(INPUT)]);
    expect([meter.usage(), meter.inputTokens()]).toEqual([null, 7]);
    meter.read(end({ output_tokens: 9, input_tokens: null }));
    expect(meter.usage()).toEqual({ inputTokens: 7, outputTokens: 9 });
    expect(read(meterMessages(), [start(WRITTEN), end({ output_tokens: 9 })]).usage()?.inputTokens).toBe(7);
    read(meter, [text(''), end(), end({ output_tokens: 12 })]);
    expect(meter.usage()).toEqual({ inputTokens: 7, outputTokens: 12 });
  });

  it('has what was generated beside it, which only the parts tell', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 180, output_tokens: 90 },
      { type: 'message', input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 9 },
    ];
    const meter = read(meterMessages(), [start(INPUT), text('a'), end({ output_tokens: 9, iterations })]);
    expect(meter.usage()).toEqual({ inputTokens: 187, outputTokens: 99 });
  });

  it.each<[string, readonly JsonObject[]]>([
    ['neither counts', [start({}), end()]],
    ['only the start counts', [start(INPUT), end()]],
    ['only the delta counts', [start({}), end({ output_tokens: 9 })]],
    ['a counter is a text', [start({ ...INPUT, cache_read_input_tokens: '4000' }), end({ output_tokens: 9 })]],
    ['a counter is below 0', [start(INPUT), end({ output_tokens: -9 })]],
    ['text came after it', [start(INPUT), end({ output_tokens: 9 }), text('more')]],
    ['a call came after it', [start(INPUT), end({ output_tokens: 9 }), call]],
    ['the next is nonsense', [start(INPUT), end({ output_tokens: 9 }), end({ output_tokens: '9' })]],
    ['the next has an input of nonsense', [start(INPUT), end({ output_tokens: 9 }), end({ input_tokens: '9' })]],
    ['the next is no object', [start(INPUT), end({ output_tokens: 9 }), { ...end(), usage: 9 }]],
    ['its parts are nonsense', [start(INPUT), end({ output_tokens: 9, iterations: [{ input_tokens: '9' }] })]],
  ])('is not known where %s', (_, events) => {
    expect(read(meterMessages(), events).usage()).toBeNull();
  });
});
