import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { createChatTranslator } from './chat-events.ts';
import { createMessagesTranslator } from './messages-events.ts';
import type { Translator } from './translator.ts';

// Events of one format out of those of the other; null where the provider failed or the other format cannot say it.

function translate(translator: Translator, events: readonly JsonObject[]): readonly Json[] | null {
  const out: Json[] = [];
  const take = (made: readonly string[] | null): boolean => {
    for (const data of made ?? []) out.push(data === '[DONE]' ? data : (JSON.parse(data) as Json));
    return made !== null;
  };
  for (const event of events) if (!take(translator.push(event))) return null;
  return out.at(-1) === '[DONE]' || take(translator.end()) ? out : null;
}

const block = (index: number, content_block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, given: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta: given });
const start = {
  type: 'message_start',
  message: { id: 'm', model: 'claude', usage: { input_tokens: 2, cache_read_input_tokens: 3, output_tokens: 1 } },
};
const end = [
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 4, input_tokens: null } },
  { type: 'message_stop' },
];

describe('events of Anthropic as chunks', () => {
  const deltas = (events: readonly JsonObject[]): readonly Json[] | undefined =>
    translate(createChatTranslator(7_900), events)?.flatMap((chunk) => {
      const [choice] =
        typeof chunk === 'string' ? [] : ((chunk as { choices: readonly { delta: Json }[] }).choices ?? []);
      return choice === undefined ? [] : [choice.delta];
    });

  it('keep texts, reasoning and calls of tools, each at its place', () => {
    expect(
      deltas([
        start,
        block(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'hm' }),
        delta(0, { type: 'signature_delta', signature: 'c2ln' }),
        { type: 'content_block_stop', index: 0 },
        block(1, { type: 'redacted_thinking', data: 'ZW5j' }),
        { type: 'content_block_stop', index: 1 },
        block(2, { type: 'text', text: 'It' }),
        delta(2, { type: 'text_delta', text: ' is.' }),
        { type: 'ping' },
        { type: 'content_block_stop', index: 2 },
        block(3, { type: 'tool_use', id: 'a', name: 'look', input: {} }),
        delta(3, { type: 'input_json_delta', partial_json: '' }),
        delta(3, { type: 'input_json_delta', partial_json: '{"x":1}' }),
        { type: 'content_block_stop', index: 3 },
        block(4, { type: 'tool_use', id: 'b', name: 'stop', input: {} }),
        { type: 'content_block_stop', index: 4 },
        ...end,
      ]),
    ).toEqual([
      { role: 'assistant', content: '' },
      { reasoning_content: 'hm' },
      { content: 'It' },
      { content: ' is.' },
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'stop', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ]);
  });

  it('end by the reason, the usage of start and end, and [DONE]', () => {
    const head = { id: 'm', model: 'claude', object: 'chat.completion.chunk', created: 7 };
    const usage = {
      prompt_tokens: 5,
      completion_tokens: 4,
      total_tokens: 9,
      prompt_tokens_details: { cached_tokens: 3 },
    };
    expect(translate(createChatTranslator(7_900), [start, ...end])?.slice(1)).toEqual([
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      { ...head, choices: [], usage },
      '[DONE]',
    ]);
  });

  it('take as known only what the provider counted', () => {
    const usageOf = (events: readonly JsonObject[]): unknown => {
      const translator = createChatTranslator(0);
      translate(translator, events);
      return translator.usage();
    };
    expect(usageOf([start, ...end])).toEqual({ inputTokens: 5, outputTokens: 4 });
    const silent = { type: 'message_start', message: { id: 'm', model: 'claude' } };
    const stopped = { type: 'message_delta', delta: { stop_reason: 'end_turn' } };
    expect(usageOf([silent, stopped, { type: 'message_stop' }])).toBeNull();
    expect(usageOf([start, stopped, { type: 'message_stop' }])).toBeNull();
  });

  it.each<[string, readonly JsonObject[]]>([
    [
      'a block that chat completions cannot say',
      [start, block(0, { type: 'server_tool_use', id: 's', name: 'n' }), ...end],
    ],
    [
      'a delta of an unknown type',
      [start, block(0, { type: 'text', text: '' }), delta(0, { type: 'citations_delta', citation: {} }), ...end],
    ],
    ['arguments of no call', [start, delta(4, { type: 'input_json_delta', partial_json: '{}' }), ...end]],
    ['an unknown event', [start, { type: 'unheard_of' }, ...end]],
    ['an error', [start, { type: 'error', error: {} }]],
    ['an end before its time', [start]],
  ])('are none for %s', (_, events) => {
    expect(translate(createChatTranslator(0), events)).toBeNull();
  });
});

describe('chunks as events of Anthropic', () => {
  const chunk = (given: JsonObject, finish: string | null = null): JsonObject => ({
    id: 'c',
    model: 'gpt',
    choices: [{ index: 0, delta: given, finish_reason: finish }],
  });
  const call = (index: number, part: JsonObject): JsonObject => chunk({ tool_calls: [{ index, ...part }] });

  it('are one block at a time', () => {
    const events = translate(createMessagesTranslator(), [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'hm' }),
      chunk({ content: 'It' }),
      chunk({ content: ' is.' }),
      call(0, { id: 'a', function: { name: 'look', arguments: '{"x"' } }),
      call(0, { function: { arguments: ':1}' } }),
      call(1, { id: 'b', function: { name: 'stop', arguments: '' } }),
      chunk({}, 'tool_calls'),
      { choices: [], usage: { prompt_tokens: 5, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } } },
    ]);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'message_start',
        message: expect.objectContaining({ id: 'c', model: 'gpt', content: [] }),
      }),
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      { type: 'content_block_stop', index: 0 },
      block(1, { type: 'text', text: '' }),
      delta(1, { type: 'text_delta', text: 'It' }),
      delta(1, { type: 'text_delta', text: ' is.' }),
      { type: 'content_block_stop', index: 1 },
      block(2, { type: 'tool_use', id: 'a', name: 'look', input: {}, caller: { type: 'direct' } }),
      delta(2, { type: 'input_json_delta', partial_json: '{"x"' }),
      delta(2, { type: 'input_json_delta', partial_json: ':1}' }),
      { type: 'content_block_stop', index: 2 },
      block(3, { type: 'tool_use', id: 'b', name: 'stop', input: {}, caller: { type: 'direct' } }),
      { type: 'content_block_stop', index: 3 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { input_tokens: 2, cache_creation_input_tokens: 0, cache_read_input_tokens: 3, output_tokens: 4 },
      },
      { type: 'message_stop' },
    ]);
  });

  it('take as known only what the provider counted', () => {
    const usageOf = (...more: readonly JsonObject[]): unknown => {
      const translator = createMessagesTranslator();
      translate(translator, [chunk({ content: 'x' }, 'stop'), ...more]);
      return translator.usage();
    };
    expect(usageOf({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 4 } })).toEqual({
      inputTokens: 5,
      outputTokens: 4,
    });
    expect(usageOf()).toBeNull();
    expect(usageOf({ choices: [], usage: { prompt_tokens: '900', completion_tokens: -400 } })).toBeNull();
  });

  it('carry reasoning by its other name, and a list of parts', () => {
    const parts = [
      { type: 'text', text: 'It' },
      { type: 'text', text: ' is.' },
    ];
    const events = translate(createMessagesTranslator(), [
      chunk({ reasoning: 'hm' }),
      chunk({ content: parts }),
      chunk({}, 'stop'),
    ]);
    expect(events?.filter((event) => (event as JsonObject)['type'] === 'content_block_delta')).toEqual([
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      delta(1, { type: 'text_delta', text: 'It' }),
      delta(1, { type: 'text_delta', text: ' is.' }),
    ]);
  });

  it('begin with the answer, whatever is told of the prompt before it', () => {
    const prompt = { id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] };
    const events = translate(createMessagesTranslator(), [prompt, chunk({ content: 'x' }, 'stop')]);
    expect(events?.[0]).toMatchObject({ type: 'message_start', message: { id: 'c', model: 'gpt' } });
  });

  it('that ask for a tool stop by it, also where the caller named it and the chunks end by stop', () => {
    const asked = call(0, { id: 'a', function: { name: 'look', arguments: '{}' } });
    for (const [finish, stop] of [
      ['stop', 'tool_use'],
      ['length', 'max_tokens'],
    ] as const) {
      const events = translate(createMessagesTranslator(), [asked, chunk({}, finish)]);
      expect(events?.at(-2)).toMatchObject({ delta: { stop_reason: stop } });
    }
  });

  it('have every counter that clients add up, also where the provider counted nothing', () => {
    const events = translate(createMessagesTranslator(), [chunk({ content: 'x' }, 'stop')]);
    expect(events?.at(-2)).toMatchObject({ usage: { input_tokens: 0, output_tokens: 0 } });
  });

  it('say that the model refused', () => {
    const events = translate(createMessagesTranslator(), [chunk({ refusal: 'No.' }), chunk({}, 'stop')]);
    expect(events?.at(-2)).toMatchObject({ delta: { stop_reason: 'refusal' } });
  });

  it.each<[string, readonly JsonObject[]]>([
    ['a call without a name', [call(0, { id: 'a', function: { arguments: '{}' } }), chunk({}, 'stop')]],
    [
      'a call that goes on after another',
      [
        call(0, { id: 'a', function: { name: 'n' } }),
        call(1, { id: 'b', function: { name: 'n' } }),
        call(0, { function: { arguments: '{}' } }),
        chunk({}, 'stop'),
      ],
    ],
    ['an error', [chunk({ content: 'x' }), { error: { message: 'busy' } }]],
    ['an end without a reason', [chunk({ content: 'x' })]],
    ['an end with an empty reason', [chunk({ content: 'x' }, '')]],
    [
      'a call of the older form',
      [chunk({ function_call: { name: 'n', arguments: '{}' } }), chunk({}, 'function_call')],
    ],
    ['a part that is no text', [chunk({ content: [{ type: 'thinking', thinking: 'hm' }] }), chunk({}, 'stop')]],
  ])('are none for %s', (_, events) => {
    expect(translate(createMessagesTranslator(), events)).toBeNull();
  });
});
