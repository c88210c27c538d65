import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { chat, compiled, documentOf, request } from '../../../src/core/policy/policy.testkit.ts';
import { refuse } from '../refusal.ts';
import { createChatStream } from './chat.ts';
import { createMessagesStream } from './messages.ts';
import { createResponsesStream } from './responses.ts';
import type { Outgoing, ShapeStream } from './stream.ts';

// Streams of every shape through the real scanner: whatever a match is cut into, nothing of it goes out.

const POLICY = { detect_patterns: ['ACM-[0-9]{8}'] };
const scanner = (action = 'redact') =>
  compiled(documentOf('dlp-filter', { ...POLICY, action })).stream(request(chat('hi')));

interface Heard {
  readonly frames: readonly { readonly name: string | null; readonly data: JsonObject }[];
  readonly state: Outgoing['state'];
  readonly all: string;
}

/** Everything that goes out for `events`, with the last frames where the answer is complete. */
function heard(stream: ShapeStream, events: readonly Json[]): Heard {
  let all = '';
  let state: Outgoing['state'] = 'open';
  for (const event of events) {
    const out = stream.push(typeof event === 'string' ? event : JSON.stringify(event));
    all += out.frames.join('');
    ({ state } = out);
    if (state !== 'open') break;
  }
  if (state === 'open') {
    const out = stream.end();
    all += out.frames.join('');
    ({ state } = out);
  }
  if (state === 'done') all += stream.last();
  const frames = all
    .split('\n\n')
    .filter((frame) => frame !== '' && frame !== 'data: [DONE]')
    .map((frame) => {
      const [, name = null, data = ''] = /^(?:event: (.*)\n)?data: (.*)$/.exec(frame) ?? [];
      return { name, data: JSON.parse(data) as JsonObject };
    });
  return { frames, state, all };
}

/** A family: a whole answer out of pieces, and its texts out of what was heard, by events of deltas and by repeated wholes. */
interface Family {
  readonly make: (action?: string) => ShapeStream;
  readonly answer: (pieces: readonly string[], place: 'text' | 'thinking' | 'arguments') => readonly Json[];
  readonly texts: (heard: Heard) => readonly string[];
}

const strings = (values: readonly (Json | undefined)[]): string =>
  values.map((value) => (typeof value === 'string' ? value : '')).join('');
const at = (value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((item, key) => (item as { [key: string]: Json } | null | undefined)?.[key], value);

const chatDelta = (place: string, text: string): Json =>
  place === 'text'
    ? { content: text }
    : place === 'thinking'
      ? { reasoning_content: text }
      : { tool_calls: [{ index: 0, function: { arguments: text } }] };

const FAMILIES: readonly (readonly [string, Family])[] = [
  [
    'chat completions',
    {
      make: (action) => createChatStream(scanner(action), false),
      answer: (pieces, place) => [
        { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
        ...(place === 'arguments'
          ? [
              {
                id: 'c',
                choices: [
                  {
                    index: 0,
                    delta: {
                      tool_calls: [{ index: 0, id: 't', type: 'function', function: { name: 'n', arguments: '' } }],
                    },
                    finish_reason: null,
                  },
                ],
              },
            ]
          : []),
        ...pieces.map((text) => ({
          id: 'c',
          choices: [{ index: 0, delta: chatDelta(place, text), finish_reason: null }],
        })),
        { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
        { id: 'c', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
        '[DONE]',
      ],
      texts: ({ frames }) => {
        const deltas = frames.map(({ data }) => at(data, 'choices', 0, 'delta'));
        return [
          strings(
            deltas.flatMap((delta) => [
              at(delta, 'content'),
              at(delta, 'reasoning_content'),
              at(delta, 'tool_calls', 0, 'function', 'arguments'),
            ]),
          ),
        ];
      },
    },
  ],
  [
    'messages',
    {
      make: (action) => createMessagesStream(scanner(action)),
      answer: (pieces, place) => {
        const [block, key, type] = {
          text: [{ type: 'text', text: '' }, 'text', 'text_delta'],
          thinking: [{ type: 'thinking', thinking: '', signature: '' }, 'thinking', 'thinking_delta'],
          arguments: [{ type: 'tool_use', id: 't', name: 'n', input: {} }, 'partial_json', 'input_json_delta'],
        }[place] as [JsonObject, string, string];
        return [
          {
            type: 'message_start',
            message: {
              id: 'm',
              type: 'message',
              role: 'assistant',
              model: 'claude',
              content: [],
              usage: { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 1 },
            },
          },
          { type: 'content_block_start', index: 0, content_block: block },
          { type: 'ping' },
          ...pieces.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type, [key]: text } })),
          ...(place === 'thinking'
            ? [{ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } }]
            : []),
          { type: 'content_block_stop', index: 0 },
          {
            type: 'message_delta',
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: { output_tokens: 4 },
          },
          { type: 'message_stop' },
        ];
      },
      texts: ({ frames }) => {
        const deltas = frames.map(({ data }) => at(data, 'delta'));
        return [
          strings(deltas.flatMap((delta) => [at(delta, 'text'), at(delta, 'thinking'), at(delta, 'partial_json')])),
        ];
      },
    },
  ],
  [
    'responses',
    {
      make: (action) => createResponsesStream(scanner(action)),
      answer: (pieces, place) => {
        const whole = pieces.join('');
        const response = { id: 'r', object: 'response', status: 'in_progress', instructions: 'be kind', output: [] };
        const here = { item_id: 'i', output_index: 0 };
        const [item, begin, name, end, done] = {
          text: [
            { type: 'message', id: 'i', status: 'in_progress', role: 'assistant', content: [] },
            [
              {
                type: 'response.content_part.added',
                ...here,
                content_index: 0,
                part: { type: 'output_text', text: '', annotations: [] },
              },
            ],
            'response.output_text',
            { content_index: 0, text: whole },
            {
              type: 'message',
              id: 'i',
              status: 'completed',
              role: 'assistant',
              content: [{ type: 'output_text', text: whole, annotations: [] }],
            },
          ],
          thinking: [
            { type: 'reasoning', id: 'i', summary: [] },
            [
              {
                type: 'response.reasoning_summary_part.added',
                ...here,
                summary_index: 0,
                part: { type: 'summary_text', text: '' },
              },
            ],
            'response.reasoning_summary_text',
            { summary_index: 0, text: whole },
            { type: 'reasoning', id: 'i', summary: [{ type: 'summary_text', text: whole }], encrypted_content: 'ZW5j' },
          ],
          arguments: [
            { type: 'function_call', id: 'i', status: 'in_progress', call_id: 't', name: 'n', arguments: '' },
            [],
            'response.function_call_arguments',
            { arguments: whole },
            { type: 'function_call', id: 'i', status: 'completed', call_id: 't', name: 'n', arguments: whole },
          ],
        }[place] as [JsonObject, JsonObject[], string, JsonObject, JsonObject];
        const part = { text: 'response.content_part', thinking: 'response.reasoning_summary_part', arguments: null }[
          place
        ];
        const index = place === 'text' ? { content_index: 0 } : { summary_index: 0 };
        return [
          { type: 'response.created', sequence_number: 0, response },
          { type: 'response.output_item.added', output_index: 0, item },
          ...begin,
          ...pieces.map((delta) => ({
            type: `${name}.delta`,
            ...here,
            ...(place === 'arguments' ? {} : index),
            delta,
            obfuscation: 'xyz',
          })),
          { type: `${name}.done`, ...here, ...end },
          ...(part === null
            ? []
            : [
                {
                  type: `${part}.done`,
                  ...here,
                  ...index,
                  part: { type: place === 'text' ? 'output_text' : 'summary_text', text: whole },
                },
              ]),
          { type: 'response.output_item.done', output_index: 0, item: done },
          {
            type: 'response.completed',
            response: {
              ...response,
              status: 'completed',
              output: [done],
              usage: { input_tokens: 5, output_tokens: 4, total_tokens: 9 },
            },
          },
        ];
      },
      texts: ({ frames }) => {
        const datas = frames.map(({ data }) => data);
        const last = datas.at(-1);
        const item = at(last, 'response', 'output', 0);
        return [
          strings(datas.filter(({ type }) => String(type).endsWith('.delta')).map(({ delta }) => delta)),
          strings(
            datas.flatMap(({ type, text, arguments: input }) =>
              /(text|arguments)\.done$/.test(String(type)) ? [text, input] : [],
            ),
          ),
          strings(
            datas.flatMap((data) =>
              data['type'] === 'response.output_item.done'
                ? [
                    at(data, 'item', 'content', 0, 'text'),
                    at(data, 'item', 'summary', 0, 'text'),
                    at(data, 'item', 'arguments'),
                  ]
                : [],
            ),
          ),
          strings([at(item, 'content', 0, 'text'), at(item, 'summary', 0, 'text'), at(item, 'arguments')]),
        ];
      },
    },
  ],
];

const SECRET = 'ACM-20419833';
const TEXT = `It is ${SECRET}, ü😀, and ACM-2 is none.`;
const GOOD = 'It is [REDACTED], ü😀, and ACM-2 is none.';
const PLACES = ['text', 'thinking', 'arguments'] as const;
const written = (place: string, text: string): string =>
  place === 'arguments' ? JSON.stringify({ note: text }) : text;

describe.each(FAMILIES)('a stream of %s', (_, family) => {
  it.each(PLACES)('lets nothing of a match out of %s, wherever it is cut, and the rest exactly', (place) => {
    const whole = written(place, TEXT);
    const good = written(place, GOOD);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const out = heard(family.make(), family.answer([whole.slice(0, cut), whole.slice(cut)], place));
      expect(out.state).toBe('done');
      for (const text of family.texts(out)) expect(text).toBe(good);
      expect(out.all).not.toContain('20419833');
    }
    const single = heard(
      family.make(),
      family.answer(
        [...whole].flatMap((character) => character.split('')),
        place,
      ),
    );
    for (const text of family.texts(single)) expect(text).toBe(good);
  });

  it.each(PLACES)('that a policy blocks in %s ends with what stands before the match at most', (place) => {
    const whole = written(place, TEXT);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const out = heard(family.make('block'), family.answer([whole.slice(0, cut), whole.slice(cut)], place));
      expect(out.state).toBe('blocked');
      expect('It is '.startsWith(family.texts(out)[0] ?? '')).toBe(true);
      expect(out.all).not.toMatch(/ACM|[0-9]{4}/);
    }
  });

  it('counts its usage, and what came', () => {
    const stream = family.make();
    heard(stream, family.answer(['Hello.'], 'text'));
    expect([stream.usage(), stream.received()]).toEqual([{ inputTokens: expect.any(Number), outputTokens: 4 }, 6]);
  });

  it('ends at what cannot be read', () => {
    const [first, ...rest] = family.answer(['Hello.'], 'text');
    const odd: readonly Json[] = [
      'no json',
      { type: 'unheard_of', choices: [{ index: 0, delta: { unheard_of: 'text' } }] },
    ];
    for (const event of odd) {
      const out = heard(family.make(), [first as Json, event, ...rest]);
      expect([out.state, out.all.includes('Hello')]).toEqual(['blocked', false]);
    }
  });
});

describe('a call of a tool that a policy judges', () => {
  const judges = () =>
    compiled(documentOf('tool-validation', { declared_tools: ['look'] })).stream(request(chat('hi')));
  const make: { readonly [family: string]: () => ShapeStream } = {
    'chat completions': () => createChatStream(judges(), false),
    messages: () => createMessagesStream(judges()),
    responses: () => createResponsesStream(judges()),
  };
  /** The answer of a family with one call, whose name is `name` in it. */
  const callOf = (family: Family, name: string): readonly Json[] =>
    family
      .answer(['{"to":', '"mallory"}'], 'arguments')
      .map((event) => JSON.parse(JSON.stringify(event).replaceAll('"name":"n"', `"name":"${name}"`)) as Json);

  it.each(FAMILIES)('in %s goes out whole when it is allowed, and not a byte of it when it is not', (name, family) => {
    const allowed = heard((make[name] as () => ShapeStream)(), callOf(family, 'look'));
    expect(allowed.state).toBe('done');
    for (const text of family.texts(allowed)) expect(text).toBe('{"to":"mallory"}');
    expect(allowed.all).toContain('look');
    const refused = heard((make[name] as () => ShapeStream)(), callOf(family, 'wire_money'));
    expect(refused.state).toBe('blocked');
    expect(refused.all).not.toMatch(/wire_money|mallory|"t"|tool_use|function_call/);
  });
});

describe('a tool that the provider runs', () => {
  /** A message that calls it with this input in two pieces, and what came back. */
  const message = (type: string, input: string, cut: number, found: string): readonly Json[] => {
    const block = (index: number, content_block: JsonObject, ...deltas: readonly string[]): readonly Json[] => [
      { type: 'content_block_start', index, content_block },
      ...deltas.map((partial_json) => ({
        ...{ type: 'content_block_delta', index },
        delta: { type: 'input_json_delta', partial_json },
      })),
      { type: 'content_block_stop', index },
    ];
    const call = { type, id: 's', name: 'web_search', input: {}, caller: { type: 'direct', note: SECRET } };
    const page = {
      type: 'web_search_result',
      title: found,
      url: `https://x.example/${found}`,
      encrypted_content: 'ZW5j',
    };
    const result = { type: 'web_search_tool_result', tool_use_id: 's', content: [{ ...page, page_age: null }] };
    return [
      { type: 'message_start', message: { id: 'm', model: 'm', content: [], usage: {} } },
      ...block(0, call, input.slice(0, cut), input.slice(cut)),
      ...block(1, result),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
      { type: 'message_stop' },
    ];
  };
  /** A response that calls it. */
  const response = (type: string, query: string): readonly Json[] => {
    const place = { item_id: 'ws_1', output_index: 0 };
    const action = {
      type: 'search',
      query,
      queries: [query],
      sources: [{ type: 'url', url: `https://x.example/${query}` }],
    };
    const item = { id: 'ws_1', type, status: 'completed', action };
    const begun = { id: 'r', object: 'response', status: 'in_progress', output: [] };
    return [
      { type: 'response.created', response: begun },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress' } },
      ...['in_progress', 'searching', 'completed'].map((stage) => ({ type: `response.${type}.${stage}`, ...place })),
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { ...begun, status: 'completed', output: [item] } },
    ];
  };
  const judging = (...declared_tools: readonly string[]) =>
    compiled(documentOf('tool-validation', { declared_tools: [...declared_tools] })).stream(request(chat('hi')));

  it.each(['server_tool_use', 'mcp_tool_use'])('is called in a message as in a whole one, by %s', (type) => {
    const input = JSON.stringify({ query: `who is ${SECRET}` });
    for (let cut = 0; cut <= input.length; cut += 1) {
      const events = message(type, input, cut, SECRET);
      const out = heard(createMessagesStream(scanner()), events);
      expect([out.state, out.all.includes('20419833')]).toEqual(['done', false]);
      expect(strings(out.frames.map(({ data }) => at(data, 'delta', 'partial_json')))).toBe(
        JSON.stringify({ query: 'who is [REDACTED]' }),
      );
      const [call, result] = out.frames.flatMap(({ data }) => at(data, 'content_block') ?? []);
      expect(call).toEqual({ type, id: 's', name: 'web_search', caller: { type: 'direct' }, input: {} });
      expect(at(result, 'content')).toEqual([
        {
          ...{ type: 'web_search_result', title: '[REDACTED]', url: 'https://x.example/[REDACTED]' },
          ...{ encrypted_content: 'ZW5j', page_age: null },
        },
      ]);
      expect(heard(createMessagesStream(scanner('block')), events)).toMatchObject({
        state: 'blocked',
        all: expect.not.stringMatching(/ACM|[0-9]{4}/),
      });
    }
  });

  it('is judged in a message by its name', () => {
    const events = message('server_tool_use', '{"query":"tea"}', 3, 'a page');
    const allowed = heard(createMessagesStream(judging('web_search')), events);
    expect([allowed.state, allowed.all.includes('a page')]).toEqual(['done', true]);
    const refused = heard(createMessagesStream(judging('other')), events);
    expect(refused.state).toBe('blocked');
    expect(refused.all).not.toMatch(/web_search|tea|"s"/);
  });

  it('gives back in a message what is read alone', () => {
    const start = (content_block: JsonObject): readonly Json[] => [
      message('server_tool_use', '', 0, '')[0] as Json,
      { type: 'content_block_start', index: 0, content_block },
    ];
    const many = Array.from({ length: 1025 }, () => 'a');
    for (const block of [
      { type: 'bash_code_execution_tool_result', content: { stdout: many } },
      { type: `${SECRET}_tool_result`, content: 'a' },
    ])
      expect(heard(createMessagesStream(scanner()), start(block)).state).toBe('blocked');
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } };
    const result = start({ type: 'web_search_tool_result', content: [] });
    expect(heard(createMessagesStream(scanner()), [...result, delta]).state).toBe('blocked');
  });

  it.each(['web_search_call', 'file_search_call'])('is called in a response as in a whole one, by %s', (type) => {
    const out = heard(createResponsesStream(scanner()), response(type, SECRET));
    expect([out.state, out.all.includes('20419833')]).toEqual(['done', false]);
    expect(out.frames.map(({ name }) => name)).toEqual([
      'response.created',
      'response.output_item.added',
      ...['in_progress', 'searching', 'completed'].map((stage) => `response.${type}.${stage}`),
      'response.output_item.done',
      'response.completed',
    ]);
    const query = '[REDACTED]';
    const item = {
      ...{ id: 'ws_1', type, status: 'completed' },
      action: {
        type: 'search',
        query,
        queries: [query],
        sources: [{ type: 'url', url: `https://x.example/${query}` }],
      },
    };
    expect(at(out.frames.at(-2)?.data, 'item')).toEqual(item);
    expect(at(out.frames.at(-1)?.data, 'response', 'output')).toEqual([item]);
    expect(heard(createResponsesStream(scanner('block')), response(type, SECRET))).toMatchObject({
      state: 'blocked',
      all: expect.not.stringMatching(/ACM|20419833/),
    });
  });

  it('is judged in a response by its type, and not a byte of it goes out before', () => {
    const events = response('web_search_call', 'tea');
    const allowed = heard(createResponsesStream(judging('web_search')), events);
    expect(allowed.state).toBe('done');
    expect(allowed.frames.map(({ name }) => name).slice(1)).toEqual([
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(at(allowed.frames[1]?.data, 'item')).toEqual({ id: 'ws_1', type: 'web_search_call', status: 'in_progress' });
    const refused = heard(createResponsesStream(judging('other')), events);
    expect(refused.state).toBe('blocked');
    expect(refused.all).not.toMatch(/web_search|tea|ws_1/);
  });

  it.each<[string, (events: readonly Json[]) => readonly Json[]]>([
    ['a name of its own', (events) => events.map((event) => named(event))],
    [
      'arguments in pieces',
      (events) => [
        ...events.slice(0, 2),
        { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{}' },
      ],
    ],
    [
      'the stage of no tool',
      ([created]) => [
        created as Json,
        { type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'ws_1' } },
        { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
      ],
    ],
    ['the stage of no item', ([created, , stage]) => [created as Json, stage as Json]],
  ])('ends a response with %s', (_, change) => {
    const out = heard(createResponsesStream(scanner()), change(response('web_search_call', 'tea')));
    expect([out.state, out.all.includes('tea')]).toEqual(['blocked', false]);
  });

  const named = (event: Json): Json =>
    JSON.parse(JSON.stringify(event).replaceAll('"id":"ws_1"', '"id":"ws_1","name":"other"')) as Json;
});

const messagesTexts = FAMILIES[1]?.[1] as Family;
const responsesTexts = FAMILIES[2]?.[1] as Family;

describe('a stream of messages', () => {
  it('names its events, ends by message_stop and counts the cache as input', () => {
    const stream = messagesTexts.make();
    const out = heard(stream, messagesTexts.answer(['Hello.'], 'text'));
    expect(out.frames.map(({ name }) => name)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(out.frames.every(({ name, data }) => name === data['type'])).toBe(true);
    expect(stream.usage()).toEqual({ inputTokens: 5, outputTokens: 4 });
  });

  it('reads citations, and passes what is encrypted', () => {
    const [start] = messagesTexts.answer([], 'text');
    const citation = {
      type: 'char_location',
      cited_text: `from ${SECRET}`,
      document_index: 0,
      document_title: 'title',
      start_char_index: 0,
      end_char_index: 3,
    };
    const out = heard(messagesTexts.make(), [
      start as Json,
      { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'ZW5j' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'stop_sequence', stop_sequence: `END ${SECRET}` },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ]);
    expect(out.state).toBe('done');
    expect(out.all).not.toContain('20419833');
    expect(out.all).toContain('"data":"ZW5j"');
    expect(out.all).toContain('"document_title":"title"');
  });

  it('tells why the model refused, where its tools ran and whose tool it calls', () => {
    const [start] = messagesTexts.answer([], 'text');
    const container = {
      id: 'container_1',
      expires_at: '2026-01-01T00:00:00Z',
      skills: [{ type: 'custom', skill_id: 's', version: 'latest', note: SECRET }],
    };
    const call = { type: 'tool_use', id: 't', name: 'click', input: {}, toolset_name: 'browser' };
    const out = heard(messagesTexts.make(), [
      start as Json,
      { type: 'content_block_start', index: 0, content_block: call },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'container_upload', file_id: 'file_1' } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'message_delta',
        delta: {
          stop_reason: 'refusal',
          stop_details: { type: 'refusal', category: 'cyber', explanation: `about ${SECRET}` },
          container,
        },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ]);
    const events = out.frames.map(({ data }) => data);
    expect(out.state).toBe('done');
    expect(events[1]).toMatchObject({ content_block: { toolset_name: 'browser' } });
    expect(events[3]).toMatchObject({ content_block: { type: 'container_upload', file_id: 'file_1' } });
    expect(at(events.at(-2), 'delta')).toEqual({
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: 'cyber', explanation: 'about [REDACTED]' },
      container: { ...container, skills: [{ skill_id: 's', version: 'latest', type: 'custom' }] },
    });
  });

  it('tells what the provider left out of the conversation, and reads what it summed up', () => {
    const [start] = messagesTexts.answer([], 'text');
    const edit = { type: 'clear_tool_uses_20250919', cleared_tool_uses: 8, cleared_input_tokens: 50_000 };
    const begun = { type: 'compaction', content: null, signature: 'c2ln' };
    const summed = (content: Json): Json => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'compaction_delta', content, encrypted_content: 'ZW5j' },
    });
    const out = heard(messagesTexts.make(), [
      start as Json,
      { type: 'content_block_start', index: 0, content_block: begun },
      summed(`about ${SECRET}`),
      summed(null),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: 1 },
        context_management: { applied_edits: [{ ...edit, note: SECRET }], note: SECRET },
      },
      { type: 'message_stop' },
    ]);
    const events = out.frames.map(({ data }) => data);
    expect([out.state, at(events[1], 'content_block')]).toEqual(['done', begun]);
    expect(events.filter(({ type }) => type === 'content_block_delta')).toEqual([
      summed('about [REDACTED]'),
      summed(null),
    ]);
    expect(at(events.at(-2), 'context_management')).toEqual({ applied_edits: [edit] });
  });

  it.each<[string, JsonObject]>([
    [
      'a block of a type that is not known',
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'unheard_of', note: 'x' },
      },
    ],
    [
      'a summary that begins with words',
      { type: 'content_block_start', index: 0, content_block: { type: 'compaction', content: 'x' } },
    ],
    [
      'a delta outside of any block',
      { type: 'content_block_delta', index: 7, delta: { type: 'text_delta', text: 'x' } },
    ],
    [
      'words where only what is encoded belongs',
      { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'plain words' } },
    ],
    ['a sentence as the reason of its end', { type: 'message_delta', delta: { stop_reason: 'because it was done' } }],
  ])('ends at %s', (_, event) => {
    const [start] = messagesTexts.answer([], 'text');
    expect(heard(messagesTexts.make(), [start as Json, event]).state).toBe('blocked');
  });

  it.each([0, 1])('ends at a block at the place of one that was opened before, or below it: %d', (index) => {
    const [start] = messagesTexts.answer([], 'text');
    const block = (index: number, text: string): readonly Json[] => [
      { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index, delta: { type: 'text_delta', text } },
      { type: 'content_block_stop', index },
    ];
    const again = [start as Json, ...block(1, 'It is ACM-2041'), ...block(index, '9833.')];
    const out = heard(messagesTexts.make(), again);
    expect([out.state, out.all.includes('9833')]).toEqual(['blocked', false]);
  });

  it('repeats counters by known names alone', () => {
    const [start, ...rest] = messagesTexts.answer(['Hello.'], 'text');
    const usage = {
      ...{ input_tokens: 3, [SECRET]: 1, service_tier: 'standard', inference_geo: SECRET },
      iterations: [{ type: 'message', output_tokens: 2, note: SECRET }, SECRET],
      cache_creation: { ephemeral_5m_input_tokens: 2, [SECRET]: 1 },
    };
    const message = { ...(at(start, 'message') as JsonObject), usage };
    const out = heard(messagesTexts.make(), [{ type: 'message_start', message }, ...rest]);
    expect(at(out.frames[0]?.data, 'message', 'usage')).toEqual({
      input_tokens: 3,
      service_tier: 'standard',
      iterations: [{ type: 'message', output_tokens: 2 }],
      cache_creation: { ephemeral_5m_input_tokens: 2 },
    });
  });

  it('fails when the provider says so or ends early, and tells it in an event of its own', () => {
    const events = messagesTexts.answer(['Hello.'], 'text');
    expect(
      heard(messagesTexts.make(), [
        ...events.slice(0, 3),
        { type: 'error', error: { type: 'overloaded_error', message: SECRET } },
      ]),
    ).toMatchObject({ state: 'failed', all: expect.not.stringContaining(SECRET) });
    expect(heard(messagesTexts.make(), events.slice(0, -1)).state).toBe('failed');
    expect(heard(createMessagesStream(null), events.slice(0, -1)).state).toBe('failed');
    expect(createMessagesStream(null).error(refuse('output_blocked', { policy: 'p' }))).toMatch(
      /^event: error\ndata: \{"type":"error","error":\{.*"code":"output_blocked"\}\}\n\n$/,
    );
  });

  it('passes as it came when no policy looks at it', () => {
    const events = messagesTexts.answer([TEXT], 'text').map((event) => JSON.stringify(event));
    const stream = createMessagesStream(null);
    const out = heard(stream, events);
    expect(out.all).toBe(events.map((data) => `event: ${JSON.parse(data).type}\ndata: ${data}\n\n`).join(''));
    expect(stream.usage()).toEqual({ inputTokens: 5, outputTokens: 4 });
  });
});

describe('a stream of responses', () => {
  it('numbers what it lets out, and repeats nothing of the request', () => {
    const out = heard(responsesTexts.make(), responsesTexts.answer([TEXT.slice(0, 9), TEXT.slice(9)], 'text'));
    expect(out.frames.map(({ data }) => data['sequence_number'])).toEqual(out.frames.map((_, index) => index));
    expect(out.frames.every(({ name, data }) => name === data['type'])).toBe(true);
    expect(out.all).not.toContain('be kind');
    expect(out.all).not.toContain('xyz');
    expect(out.frames.at(-1)?.data).toMatchObject({
      type: 'response.completed',
      response: { id: 'r', status: 'completed', usage: { total_tokens: 9 } },
    });
  });

  it('names the conversation that it belongs to, and nothing else of it', () => {
    const conversation = { id: 'conv_1', note: SECRET };
    const events = responsesTexts.answer(['Hello.'], 'text').map((event) => {
      const response = at(event, 'response');
      if (response === undefined) return event;
      return { ...(event as JsonObject), response: { ...(response as JsonObject), conversation } };
    });
    const out = heard(responsesTexts.make(), events);
    expect(at(out.frames.at(-1)?.data, 'response', 'conversation')).toEqual({ id: 'conv_1' });
    expect(out.all).not.toContain(SECRET);
  });

  it('takes the whole text at the end where a provider sent less in pieces', () => {
    const events = responsesTexts
      .answer([TEXT], 'text')
      .filter((event) => (event as JsonObject)['type'] !== 'response.output_text.delta');
    for (const text of responsesTexts.texts(heard(responsesTexts.make(), events))) expect(text).toBe(GOOD);
  });

  const without = (events: readonly Json[], ...types: readonly string[]): readonly Json[] =>
    events.filter((event) => !types.includes(String(at(event, 'type'))));

  it.each([
    ['its part', ['response.output_text.delta', 'response.output_text.done']],
    ['its item', ['response.output_text.delta', 'response.output_text.done', 'response.content_part.done']],
    [
      'the response',
      [
        'response.output_text.delta',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
      ],
    ],
  ])('takes the whole text that comes only with the end of %s', (_, types) => {
    const out = heard(responsesTexts.make(), without(responsesTexts.answer([TEXT], 'text'), ...types));
    const [deltas] = responsesTexts.texts(out);
    expect([out.state, deltas]).toEqual(['done', GOOD]);
    expect(at(out.frames.at(-1)?.data, 'response', 'output', 0, 'content', 0, 'text')).toBe(GOOD);
  });

  it.each(['response.content_part.done', 'response.output_item.done', 'response.completed'])(
    'ends at a text that %s tells more of than came before its end',
    (type) => {
      const events = responsesTexts
        .answer(['Hello.'], 'text')
        .map((event) =>
          at(event, 'type') === type
            ? (JSON.parse(JSON.stringify(event).replaceAll('Hello.', 'Hello. And more.')) as Json)
            : event,
        );
      expect(heard(responsesTexts.make(), events).state).toBe('blocked');
    },
  );

  it('takes the arguments of a call that come only when they are done', () => {
    const judges = compiled(documentOf('tool-validation', { declared_tools: ['n'] })).stream(request(chat('hi')));
    const given = without(responsesTexts.answer(['{"x":1}'], 'arguments'), 'response.function_call_arguments.delta');
    const events = given.map((event) =>
      at(event, 'item', 'status') === 'completed'
        ? { ...(event as JsonObject), item: { ...(at(event, 'item') as JsonObject), arguments: '' } }
        : event,
    );
    for (const text of responsesTexts.texts(heard(createResponsesStream(judges), events))) expect(text).toBe('{"x":1}');
  });

  it.each<[string, JsonObject]>([
    ['an id that is an object', { id: { note: SECRET } }],
    ['a model that is a list', { model: [SECRET] }],
    ['a tier with more than a word', { service_tier: SECRET }],
  ])('ends at %s', (_, more) => {
    const [created, ...rest] = responsesTexts.answer(['Hello.'], 'text');
    const response = { ...(at(created, 'response') as JsonObject), ...more };
    const out = heard(responsesTexts.make(), [{ type: 'response.created', response }, ...rest]);
    expect([out.state, out.all]).toEqual(['blocked', '']);
  });

  it('is read by the type that its events have, and not by the first that they write', () => {
    const [created] = responsesTexts.answer([], 'text');
    const twice = `{"type":"response.completed","response":{"status":"completed"},"type":"${SECRET}"}`;
    const out = heard(responsesTexts.make(), [created as Json, twice]);
    expect([out.state, out.all.includes(SECRET)]).toEqual(['blocked', false]);
  });

  it('keeps whether a message is the answer, and by what a tool is found and called', () => {
    const said = (place: 'text' | 'arguments', more: JsonObject): Heard => {
      const events = responsesTexts
        .answer(['{}'], place)
        .map((event) => (at(event, 'item') === undefined ? event : withItem(event as JsonObject, more)));
      return heard(responsesTexts.make(), events);
    };
    const withItem = (event: JsonObject, more: JsonObject): JsonObject => ({
      ...event,
      item: { ...(event['item'] as JsonObject), ...more },
    });
    const itemsOf = ({ frames }: Heard): readonly (Json | undefined)[] => [
      ...frames.flatMap(({ data }) => (data['item'] === undefined ? [] : [data['item']])),
      at(frames.at(-1)?.data, 'response', 'output', 0),
    ];
    const call = { namespace: 'crm', async: true, caller: { type: 'program', caller_id: 'p_1' } };
    for (const [out, more] of [
      [said('text', { phase: 'commentary' }), { phase: 'commentary' }],
      [said('arguments', { ...call, note: SECRET }), call],
    ] as const) {
      expect(itemsOf(out)).toHaveLength(3);
      for (const item of itemsOf(out)) expect(item).toMatchObject(more);
      expect(out.all).not.toContain(SECRET);
    }
    expect(said('text', { phase: 'two words' }).state).toBe('blocked');
  });

  it('reads annotations', () => {
    const events = [...responsesTexts.answer(['Hello.'], 'text')];
    const annotation = {
      type: 'url_citation',
      title: `about ${SECRET}`,
      url: 'https://x.example',
      start_index: 0,
      end_index: 1,
    };
    events.splice(4, 0, {
      type: 'response.output_text.annotation.added',
      item_id: 'i',
      output_index: 0,
      content_index: 0,
      annotation_index: 0,
      annotation,
    });
    const out = heard(responsesTexts.make(), events);
    expect([out.state, out.all.includes('20419833')]).toEqual(['done', false]);
    expect(at(out.frames.at(-1)?.data, 'response', 'output', 0, 'content', 0, 'annotations', 0, 'url')).toBe(
      'https://x.example',
    );
  });

  it.each<[string, (events: readonly Json[]) => readonly Json[]]>([
    [
      'an item of a type that is not known',
      ([created]) => [
        created as Json,
        { type: 'response.output_item.added', output_index: 0, item: { type: 'mcp_call', id: 'i' } },
      ],
    ],
    ['an item that is added twice', ([created, added]) => [created as Json, added as Json, added as Json]],
    [
      'text for no item',
      ([created]) => [
        created as Json,
        { type: 'response.output_text.delta', output_index: 3, content_index: 0, delta: 'x' },
      ],
    ],
    ['an item that comes only with the last event', (events) => [events[0] as Json, events.at(-1) as Json]],
    ['a part that comes only with its item', (events) => [...events.slice(0, 2), ...events.slice(-2)]],
    ['text after its end', (events) => [...events.slice(0, 5), events[3] as Json]],
    ['a part that is begun again', (events) => [...events.slice(0, 4), events[2] as Json]],
    ['a part that is begun again after its end', (events) => [...events.slice(0, 6), events[2] as Json]],
    ['an item that ends again', (events) => [...events.slice(0, 7), events[6] as Json]],
    [
      'a part of an item that has ended',
      (events) => [...events.slice(0, 7), { ...(events[3] as JsonObject), content_index: 1 }],
    ],
  ])('ends at %s', (_, change) => {
    const out = heard(responsesTexts.make(), change(responsesTexts.answer(['Hello.'], 'text')));
    expect(out.state).toBe('blocked');
  });

  it('fails when the provider says so or ends early, and tells it in its own event and in the words that SDKs look for', () => {
    const events = responsesTexts.answer(['Hello.'], 'text');
    const failed = { type: 'response.failed', response: { error: { message: SECRET } } };
    for (const event of [failed, { type: 'error', message: SECRET }])
      expect(heard(responsesTexts.make(), [...events.slice(0, 3), event])).toMatchObject({
        state: 'failed',
        all: expect.not.stringContaining(SECRET),
      });
    expect(heard(createResponsesStream(null), events.slice(0, -1)).state).toBe('failed');
    const [, data = ''] =
      /^event: error\ndata: (.*)\n\n$/.exec(createResponsesStream(null).error(refuse('output_blocked'))) ?? [];
    expect(JSON.parse(data)).toMatchObject({
      type: 'error',
      code: 'output_blocked',
      error: { code: 'output_blocked' },
      sequence_number: 0,
    });
  });

  it('passes as it came when no policy looks at it', () => {
    const events = responsesTexts.answer([TEXT], 'text').map((event) => JSON.stringify(event));
    const stream = createResponsesStream(null);
    expect(heard(stream, events).all).toBe(
      events.map((data) => `event: ${JSON.parse(data).type}\ndata: ${data}\n\n`).join(''),
    );
    expect(stream.usage()).toEqual({ inputTokens: 5, outputTokens: 4 });
  });
});
