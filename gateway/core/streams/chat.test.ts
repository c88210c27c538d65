import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/model/index.ts';
import { type CompiledPolicy, compileDocument, createMemory } from '../../../src/core/policy/index.ts';
import { createChatStream } from './chat.ts';
import type { Outgoing } from './stream.ts';

// Streams of chat chunks through real policies, without sockets.

const SECRET_NAME = 'wire_transfer_to_mallory';
const SECRET_ARGUMENT = 'account 99-1234-5678';

function policyOf(policy: JsonObject): CompiledPolicy {
  const document = {
    pack: { name: 'test', version: '1.0.0', enabled: true },
    policies: { chain: Object.keys(policy) },
    policy,
    providers: { targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o-mini', secret_key_ref: { env: 'KEY' } }] },
  };
  const where = {
    placeOf: () => ({ file: 'policy.yaml', line: 1, column: 1 }) as never,
    pointer: '',
    org: null,
    object: null,
  };
  const compiled = compileDocument(document, { where, memory: createMemory(() => 0) });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  return compiled.value;
}

const judging = policyOf({
  'tool-validation': {
    declared_tools: ['search'],
    schemas: { search: { properties: { q: { maxLength: 8 } }, additionalProperties: false } },
  },
});
const filtering = policyOf({ 'dlp-filter': { blocked_terms: ['Larkspur'] } });

const request = {
  path: '/v1/chat/completions',
  headers: new Map<string, string>(),
  model: 'gpt-4o-mini',
  team: null,
  role: null,
  gateway: 'test',
  token: null,
  authenticated: false,
  body: {},
};

const chunk = (delta: JsonObject, finish: string | null = null, index = 0): string =>
  JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', choices: [{ index, delta, finish_reason: finish }] });
const call = (more: JsonObject, index = 0): JsonObject => ({ tool_calls: [{ index, ...more }] });

interface Sent {
  readonly events: readonly JsonObject[];
  readonly text: string;
  readonly last: Outgoing | undefined;
}

/** Pushes until the stream is over, and answers all that went out. */
function sent(policy: CompiledPolicy, pushes: readonly string[]): Sent {
  const stream = createChatStream(policy.stream(request), false);
  const events: string[] = [];
  let last: Outgoing | undefined;
  for (const data of pushes) {
    last = stream.push(data);
    events.push(...last.frames.map((frame) => frame.slice('data: '.length).trimEnd()));
    if (last.state !== 'open') break;
  }
  return { events: events.map((event) => JSON.parse(event) as JsonObject), text: events.join('\n'), last };
}

const deltasOf = ({ events }: Sent): readonly unknown[] =>
  events.flatMap((event) => (event['choices'] as JsonObject[]).map(({ delta }) => delta));

describe('a streamed tool call', () => {
  test('goes out whole, once its policies have seen all of it', () => {
    const pushes = [
      chunk({ role: 'assistant', content: 'Let me look. ' }),
      chunk(call({ id: 'call_1', type: 'function', function: { name: 'sea', arguments: '' } })),
      chunk(call({ function: { name: 'rch' } })),
      chunk(call({ function: { arguments: '{"q":' } })),
      chunk({ content: 'Wait.', ...call({ function: { arguments: '"tea"}' } }) }),
      chunk(call({ id: 'call_2', function: { name: 'search', arguments: '{}' } }, 1)),
    ];
    expect(deltasOf(sent(judging, pushes))).toEqual([
      { role: 'assistant', content: 'Let me look. ' },
      { content: 'Wait.' },
    ]);
    const whole = sent(judging, [...pushes, chunk({}, 'tool_calls'), '[DONE]']);
    expect(deltasOf(whole).slice(2)).toEqual([
      {
        tool_calls: [
          { index: 0, id: 'call_1', type: 'function', function: { name: 'search', arguments: '{"q":"tea"}' } },
        ],
      },
      { tool_calls: [{ index: 1, id: 'call_2', type: 'function', function: { name: 'search', arguments: '{}' } }] },
      {},
    ]);
    expect(whole.last?.state).toBe('done');
  });

  test('of a custom tool goes out whole, once its policies have seen all of it', () => {
    const free = policyOf({ 'tool-validation': { declared_tools: ['search'] } });
    const pushes = [
      chunk(call({ id: 'call_1', type: 'custom' })),
      chunk(call({ custom: { name: 'search', input: 'print(' } })),
      chunk(call({ custom: { input: '1)' } })),
    ];
    expect(deltasOf(sent(free, pushes))).toEqual([]);
    expect(deltasOf(sent(free, [...pushes, chunk({}, 'tool_calls')]))).toEqual([
      { tool_calls: [{ index: 0, id: 'call_1', type: 'custom', custom: { name: 'search', input: 'print(1)' } }] },
      {},
    ]);
    const other = chunk(call({ id: 'x', custom: { name: SECRET_NAME, input: SECRET_ARGUMENT } }));
    expect(sent(free, [other, chunk({}, 'tool_calls')])).toMatchObject({
      text: '',
      last: { blocked: { reasonCode: 'tool_validation.undeclared' } },
    });
  });

  test('of a custom tool is redacted in its input, wherever that is cut', () => {
    const given = 'say("Larkspur")\n';
    for (let at = 0; at <= given.length; at++) {
      const { events, last } = sent(filtering, [
        chunk(call({ id: 'call_1', type: 'custom', custom: { name: 'py', input: given.slice(0, at) } })),
        chunk(call({ custom: { input: given.slice(at) } })),
        chunk({}, 'tool_calls'),
        '[DONE]',
      ]);
      const deltas = events.flatMap((event) =>
        (event['choices'] as JsonObject[]).map(({ delta }) => delta as JsonObject),
      );
      const custom = deltas.flatMap((delta) => (delta['tool_calls'] as JsonObject[] | undefined) ?? []);
      const inputs = custom.map((item) => (item['custom'] as JsonObject | undefined)?.['input'] ?? '').join('');
      expect([last?.state, inputs]).toEqual(['done', 'say("[REDACTED]")\n']);
    }
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['two holders', { function: { arguments: '{}' }, custom: { input: 'x' } }, {}],
    ['another holder later', { function: { arguments: '{}' } }, { custom: { name: 'search', input: 'x' } }],
    ['the field of another holder', { custom: { name: 'search', arguments: 'x' } }, {}],
    ['an input that is no text', { custom: { name: 'search', input: { a: 1 } } }, {}],
  ])('with %s cannot be read', (_, first, second) => {
    const out = sent(filtering, [chunk(call(first)), chunk(call(second)), chunk({}, 'tool_calls')]);
    expect(out.last?.blocked?.reasonCode).toBe('stream.unreadable');
  });

  test('may tell its name again with each piece where nobody judges it', () => {
    const again = chunk(call({ function: { name: 'search'.repeat(40), arguments: '' } }));
    expect(
      sent(
        filtering,
        Array.from({ length: 10 }, () => again),
      ).last?.state,
    ).toBe('open');
  });

  test('in its older form too, and in each choice when that one ends', () => {
    const pushes = [
      chunk({ function_call: { name: 'search' } }, null, 1),
      chunk({ function_call: { arguments: '{"q":"tea"}' } }, null, 1),
      chunk({ function_call: { name: 'search', arguments: '{}' } }, null, 0),
      chunk({}, 'function_call', 0),
    ];
    const first = sent(judging, pushes);
    expect(deltasOf(first)).toEqual([{ function_call: { name: 'search', arguments: '{}' } }, {}]);
    const both = sent(judging, [...pushes, chunk({}, 'function_call', 1)]);
    expect(deltasOf(both).slice(2)).toEqual([{ function_call: { name: 'search', arguments: '{"q":"tea"}' } }, {}]);
    expect(both.events[2]?.['choices']).toMatchObject([{ index: 1, finish_reason: null }]);
  });

  test('that is refused leaves no byte of its name, id or arguments, wherever it is cut', () => {
    const given = JSON.stringify({ q: SECRET_ARGUMENT });
    const names: readonly (readonly [string, string])[] = [
      [SECRET_NAME, '{"q":"tea"}'],
      ['search', given],
    ];
    for (const [name, text] of names) {
      const reason = name === 'search' ? 'tool_validation.arguments_invalid' : 'tool_validation.undeclared';
      for (let at = 0; at <= Math.max(name.length, text.length); at++) {
        const { text: out, last } = sent(judging, [
          chunk({ content: 'Sure: ' }),
          chunk(call({ id: 'call_secret', function: { name: name.slice(0, at) } })),
          chunk(call({ function: { name: name.slice(at), arguments: text.slice(0, at) } })),
          chunk(call({ function: { arguments: text.slice(at) } })),
          chunk({}, 'tool_calls'),
          '[DONE]',
        ]);
        expect([last?.state, last?.blocked?.reasonCode]).toEqual(['blocked', reason]);
        expect(out).toBe(chunk({ content: 'Sure: ' }));
      }
    }
  });

  test('is judged at [DONE] when no choice has ended, and stays here where the upstream breaks off', () => {
    const open = chunk(call({ id: 'x', function: { name: SECRET_NAME, arguments: '{}' } }));
    expect(sent(judging, [open, '[DONE]']).last).toMatchObject({ state: 'blocked', frames: [] });
    const stream = createChatStream(judging.stream(request), false);
    stream.push(open);
    expect(stream.end()).toMatchObject({ state: 'failed', frames: [] });
  });

  test('is refused without a name, and with a head that never ends', () => {
    expect(sent(judging, [chunk(call({ id: 'x' }), 'tool_calls')]).last?.blocked?.reasonCode).toBe(
      'tool_validation.call_unreadable',
    );
    const long = sent(judging, [chunk(call({ function: { name: 'x'.repeat(1025) } }))]);
    expect(long.last?.blocked?.reasonCode).toBe('stream.unreadable');
    expect(sent(judging, [chunk(call({ id: 'x'.repeat(1025) }))]).last?.blocked?.reasonCode).toBe('stream.unreadable');
    const many = Array.from({ length: 129 }, (_, index) => chunk(call({ function: { name: 'search' } }, index)));
    expect(sent(judging, many).last?.blocked?.reasonCode).toBe('tool_validation.too_many_calls');
  });

  test('has nothing more after the end of its choice', () => {
    const first = [chunk(call({ id: 'x', function: { name: 'search', arguments: '{}' } })), chunk({}, 'tool_calls')];
    const more = sent(judging, [...first, chunk(call({ function: { arguments: '{}' } })), '[DONE]']);
    expect(more.last?.blocked?.reasonCode).toBe('stream.unreadable');
  });

  test('passes at once but for its arguments where policies only filter texts', () => {
    const pushes = [
      chunk(call({ id: 'x', type: 'function', function: { name: 'search', arguments: '{"q":"Lark' } })),
      chunk(call({ function: { arguments: 'spur"}' } }), 'tool_calls'),
    ];
    const [head, ...rest] = deltasOf(sent(filtering, pushes));
    expect(head).toEqual({
      tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'search', arguments: '' } }],
    });
    expect(JSON.stringify(rest)).not.toContain('Lark');
    expect(rest[0]).toEqual(call({ function: { arguments: '' } }));
    expect(rest[1]).toMatchObject({
      tool_calls: [{ index: 0, function: { arguments: expect.stringContaining('q') } }],
    });
  });
});

describe('the end of a choice', () => {
  const FINISHES: readonly unknown[] = ['', null, 7, { reason: 'stop' }];
  const withFinish = (delta: JsonObject, finish: unknown): string =>
    JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason: finish }] });

  test.each(FINISHES)('is no finish_reason of %j, so that nothing of a match goes out', (finish) => {
    const whole = 'Ask Larkspur now.';
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const pieces = [whole.slice(0, cut), whole.slice(cut)].map((content) => withFinish({ content }, finish));
      const out = sent(filtering, [...pieces, chunk({}, 'stop'), '[DONE]']);
      expect([out.last?.state, out.text.includes('Lark')]).toEqual(['done', false]);
    }
  });

  test('comes once: text that follows cannot be read', () => {
    for (const more of [{ content: 'spur' }, { reasoning_content: 'hm' }, call({ id: 'x' }), { function_call: {} }]) {
      const out = sent(filtering, [chunk({ content: 'Ask Lark' }, 'stop'), chunk(more), '[DONE]']);
      expect([out.last?.blocked?.reasonCode, out.text.includes('spur')]).toEqual(['stream.unreadable', false]);
    }
  });

  test('may be told again, and another choice goes on', () => {
    const pushes = [chunk({ content: 'One.' }, 'stop'), chunk({ role: 'assistant', content: '' }, 'stop')];
    const out = sent(filtering, [...pushes, chunk({ content: 'Two.' }, null, 1), chunk({}, 'stop', 1), '[DONE]']);
    expect(out.last?.state).toBe('done');
    expect(out.text).toMatch(/One\..*Two\./s);
  });
});

describe('the envelope of a chunk', () => {
  const SECRET = 'ACM-20419833';
  const around = (more: JsonObject): string => JSON.stringify({ id: 'c1', choices: [], ...more });
  const choice = (delta: JsonObject, finish: string | null = null): string =>
    around({ choices: [{ index: 0, delta, finish_reason: finish }] });

  test.each([
    ['a fingerprint that is an object', around({ system_fingerprint: { note: SECRET } })],
    ['a model that is a list', around({ model: [SECRET] })],
    ['a tier with more than a word', around({ service_tier: SECRET })],
    ['a reason with more than a word', choice({}, SECRET)],
    ['a role with more than a word', choice({ role: SECRET })],
    ['a type of a call with more than a word', choice(call({ id: 'x', type: SECRET, function: { name: 'n' } }))],
  ])('ends the stream by %s', (_, data) => {
    const out = sent(filtering, [data]);
    expect([out.last?.blocked?.reasonCode, out.text]).toEqual(['stream.unreadable', '']);
  });

  test('repeats ids, words and numbers alone', () => {
    const head = { id: 'c1', object: SECRET, created: SECRET, model: 'm', system_fingerprint: 'fp_1', note: SECRET };
    const usage = {
      prompt_tokens: 3,
      [SECRET]: 1,
      note: SECRET,
      prompt_tokens_details: { cached_tokens: 1, [SECRET]: 1 },
    };
    const stream = createChatStream(filtering.stream(request), true);
    const [frame = ''] = stream.push(JSON.stringify({ ...head, choices: [], usage })).frames;
    expect(JSON.parse(frame.slice('data: '.length))).toEqual({
      id: 'c1',
      object: 'chat.completion.chunk',
      model: 'm',
      system_fingerprint: 'fp_1',
      choices: [],
      usage: { prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 1 } },
    });
  });

  test('is complete by its last event, also with space around it', () => {
    for (const done of ['[DONE]', '[DONE] ', ' [DONE]\t']) {
      expect(sent(filtering, [chunk({ content: 'Hello.' }), done]).last).toMatchObject({ state: 'done' });
      expect(createChatStream(null, false).push(done)).toMatchObject({ state: 'done' });
    }
  });

  test('has no empty words, and keeps the id of a call that is told once', () => {
    const pushes = [
      chunk({ role: '', content: 'Hello. ' }),
      chunk(call({ id: 'call_1', type: 'function', function: { name: 'search', arguments: '{}' } })),
      chunk(call({ id: '', type: '', function: { arguments: '' } }), 'tool_calls'),
    ];
    const { text, last } = sent(judging, pushes);
    expect(last?.state).toBe('open');
    expect(text).toContain('"id":"call_1"');
  });
});

describe('what stands beside the words of a delta', () => {
  const citation = (title: string): JsonObject => ({
    annotations: [
      { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, url: 'https://x.example', title } },
    ],
  });

  test('is let out where it cites, with its texts read', () => {
    const said = sent(filtering, [
      chunk({ role: 'assistant', content: 'x' }),
      chunk(citation('one')),
      chunk(citation('two')),
      chunk({}, 'stop'),
      '[DONE]',
    ]);
    expect(said.last?.state).toBe('done');
    expect(deltasOf(said)).toEqual(expect.arrayContaining([citation('one'), citation('two')]));
    const planted = sent(filtering, [chunk(citation('about Larkspur')), chunk({}, 'stop'), '[DONE]']);
    expect(deltasOf(planted)).toEqual([citation('about [REDACTED]'), {}]);
  });

  test('is left out where it repeats reasoning in a form of its own', () => {
    const details = [{ type: 'reasoning.text', text: 'about Larkspur', index: 0 }];
    const said = sent(filtering, [
      chunk({ role: 'assistant', content: '', reasoning: 'hm', reasoning_details: details }),
      chunk({ content: 'x' }, 'stop'),
      '[DONE]',
    ]);
    expect([said.last?.state, said.text.includes('Larkspur')]).toEqual(['done', false]);
    expect(said.text).toContain('"reasoning":"hm"');
  });
});
