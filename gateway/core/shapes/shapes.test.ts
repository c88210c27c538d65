import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, JUDGED_ENDPOINTS } from '../../../src/core/model/index.ts';
import type { Target } from '../../../src/core/policy/index.ts';
import { shapeOf } from './index.ts';
import { outputBound } from './shape.ts';
import { chatUsage, embeddingsUsage, messagesUsage, responsesUsage, saysAnything } from './usage.ts';

const target = (family: string, format: Target['format'] = 'openai'): Target =>
  ({ id: 't', model: 'm', family, format }) as Target;
const messages = [{ role: 'user', content: 'hi' }];
const chat = { model: 'm', messages };

/** What of a request goes to a provider, as a paid one unless said otherwise. */
const sent = (route: string, body: JsonObject, to: Target, isPaid = true): JsonObject | string => {
  const shape = shapeOf(route);
  const wanted = shape?.read(body) ?? 'no shape';
  if (typeof wanted === 'string') return wanted;
  return shape?.passages[to.format]?.body(wanted, body, to, isPaid) ?? 'no passage';
};

it('every path that conditions of policies may name has its shape and its scope', () => {
  for (const [path, scope] of Object.entries(JUDGED_ENDPOINTS)) {
    expect(shapeOf(path)).toMatchObject({ route: path, scope });
  }
});

describe('the limit of an answer that is paid', () => {
  it.each([
    ['is set where there is none', {}, 'ollama', { max_tokens: 4096 }],
    ['is set in the newer name for OpenAI', {}, 'openai', { max_completion_tokens: 4096 }],
    ['stays where the provider reads it', { max_tokens: 7 }, 'ollama', { max_tokens: 7 }],
    ['stays in the older name for OpenAI', { max_tokens: 7 }, 'openai', { max_tokens: 7 }],
    ['moves to the name that the provider reads', { max_completion_tokens: 7 }, 'ollama', { max_tokens: 7 }],
    ['is no field of another interface', { max_output_tokens: 7 }, 'openai', { max_completion_tokens: 7 }],
    ['is one alone', { max_tokens: 7, max_completion_tokens: 9 }, 'openai', { max_completion_tokens: 9 }],
    ['is one alone, the one that is read', { max_tokens: 7, max_completion_tokens: 9 }, 'ollama', { max_tokens: 7 }],
    ['is set where it is null', { max_tokens: null }, 'ollama', { max_tokens: 4096 }],
  ])('%s', (_, limits, family, expected) => {
    expect(sent('/v1/chat/completions', { ...chat, ...limits }, target(family))).toEqual({ ...chat, ...expected });
  });

  it('is that of the interface for responses and messages', () => {
    const asked = { model: 'm', input: 'hi' };
    expect(sent('/v1/responses', { ...asked, max_tokens: 1 }, target('ollama'))).toEqual({
      ...asked,
      max_output_tokens: 1,
    });
    const said = { ...chat, max_completion_tokens: 3 };
    expect(sent('/v1/messages', said, target('anthropic', 'anthropic'))).toEqual({ ...chat, max_tokens: 3 });
    expect(sent('/v1/messages', { ...chat, max_tokens: 5 }, target('ollama'))).toMatchObject({ max_tokens: 5 });
  });

  it('may be nothing for a message, which then is none and fills a cache', () => {
    const warming: JsonObject = { ...chat, max_tokens: 0 };
    const wanted = shapeOf('/v1/messages')?.read(warming);
    if (typeof wanted !== 'object') throw new Error(wanted);
    expect(sent('/v1/messages', warming, target('anthropic', 'anthropic'))).toBe(warming);
    expect(outputBound(wanted, warming)).toBe(0);
    for (const odd of [{ max_tokens: -1 }, { max_tokens: '0' }, { max_tokens: 9, max_output_tokens: 0 }])
      expect(shapeOf('/v1/messages')?.read({ ...chat, ...odd })).toMatch(/^expected "max_/);
  });

  it('leaves a body alone that needs nothing, and one that nobody pays for', () => {
    const limited: JsonObject = { ...chat, max_tokens: 7 };
    expect(sent('/v1/chat/completions', limited, target('ollama'))).toBe(limited);
    const free: JsonObject = { ...chat, max_completion_tokens: 7 };
    expect(sent('/v1/chat/completions', free, target('ollama'), false)).toBe(free);
  });
});

it.each(Object.keys(JUDGED_ENDPOINTS))('a body of %s that is no object is refused by that name', (path) => {
  for (const body of [null, [], 'text', 1, true] as const)
    expect([body, shapeOf(path)?.read(body)]).toEqual([body, 'expected a JSON object']);
});

describe('the fields of a body', () => {
  it.each([
    [{ max_tokens: '60000' }, 'expected "max_tokens" to be a whole number from 1 to 10000000'],
    [{ max_completion_tokens: 1.5 }, 'expected "max_completion_tokens" to be a whole number from 1 to 10000000'],
    [{ max_tokens: 0 }, 'expected "max_tokens" to be a whole number from 1 to 10000000'],
    [{ max_output_tokens: 0 }, 'expected "max_output_tokens" to be a whole number from 1 to 10000000'],
    [{ max_tokens: 10_000_001 }, 'expected "max_tokens" to be a whole number from 1 to 10000000'],
    [{ MAX_TOKENS: 1 }, 'expected "max_tokens", found it in another spelling'],
    [{ Messages: [] }, 'expected "messages", found it in another spelling'],
    [{ me\u017f\u017fages: [] }, 'expected "messages", found it in another spelling'],
    [{ model: 'm\u001b]0;x\u0007' }, 'expected "model" to have no control characters'],
    [{ model: 'm\u2028n' }, 'expected "model" to have no control characters'],
    [{ model: 'm\ud800' }, 'expected "model" to have no control characters'],
    [{ preset: 'mine' }, 'expected no "preset": which provider answers is for the gateway to choose'],
    [{ model_list: [{}] }, 'expected no "model_list": which provider answers is for the gateway to choose'],
    [
      { providerOptions: { gateway: { order: ['x'] } } },
      'expected no "providerOptions": which provider answers is for the gateway to choose',
    ],
    [{ extra_headers: {} }, 'expected no "extra_headers": which provider answers is for the gateway to choose'],
    [{ Inference_Geo: 'us' }, 'expected "inference_geo", found it in another spelling'],
    [{ Web_Search_Options: {} }, 'expected "web_search_options", found it in another spelling'],
    [{ ProviderOptions: {} }, 'expected "providerOptions", found it in another spelling'],
    [{ n: 0 }, 'expected "n" to be a whole number from 1 to 128'],
    [{ n: 129 }, 'expected "n" to be a whole number from 1 to 128'],
    [{ n: '2' }, 'expected "n" to be a whole number from 1 to 128'],
    [{ best_of: '20' }, 'expected "best_of" to be a whole number from 1 to 128'],
    [{ best_of: 1.5 }, 'expected "best_of" to be a whole number from 1 to 128'],
    [{ models: ['dearer'] }, 'expected no "models": which provider answers is for the gateway to choose'],
    [{ api_base: 'https://x.example' }, 'expected no "api_base": which provider answers is for the gateway to choose'],
  ])('%j are refused: %s', (fields, expected) => {
    expect(sent('/v1/chat/completions', { ...chat, ...fields } as JsonObject, target('openai'))).toBe(expected);
  });

  it('that ask for several answers are counted by the larger one', () => {
    const choices = (more: JsonObject): number => {
      const wanted = shapeOf('/v1/chat/completions')?.read({ ...chat, ...more });
      return typeof wanted === 'object' ? wanted.choices : Number.NaN;
    };
    expect([{}, { n: null }, { n: 3 }, { n: 2, best_of: 5 }, { best_of: 4 }].map(choices)).toEqual([1, 1, 3, 5, 4]);
  });

  it.each([1, 'true', {}])('that ask for an answer in the background are refused: %j', (background) => {
    const asked = { model: 'm', input: 'hi' };
    expect(sent('/v1/responses', { ...asked, background } as JsonObject, target('openai'))).toMatch(/"background"/);
    for (const none of [null, false])
      expect(sent('/v1/responses', { ...asked, background: none }, target('openai'))).toMatchObject(asked);
  });

  it('that nobody reads have any name', () => {
    const body = { ...chat, Seeds: 1, sessionId: 2, max_tokens: 7, models: null };
    expect(sent('/v1/chat/completions', body, target('openai'))).toBe(body);
  });
});

describe('what a provider counts', () => {
  it.each([
    ['a chat', chatUsage, { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 }, 10],
    [
      'a chat whose reasoning is in the total alone',
      chatUsage,
      { prompt_tokens: 20, completion_tokens: 10, total_tokens: 2030 },
      2010,
    ],
    ['a chat with a total of nonsense', chatUsage, { prompt_tokens: 20, completion_tokens: 10, total_tokens: '9' }, 10],
    ['a response', responsesUsage, { input_tokens: 20, output_tokens: 10, total_tokens: 31 }, 11],
    ['embeddings', embeddingsUsage, { prompt_tokens: 20, total_tokens: 20 }, 0],
    ['a message', messagesUsage, { input_tokens: 15, cache_read_input_tokens: 5, output_tokens: 10 }, 10],
  ])('of %s', (_, read, usage, outputTokens) => {
    expect(read({ usage })).toEqual({ inputTokens: 20, outputTokens });
  });

  it.each([
    ['none', null, [20, 10]],
    ['no summary', [{ type: 'message', input_tokens: 20, output_tokens: 10 }], [20, 10]],
    [
      'a summary beside it',
      [
        { type: 'compaction', input_tokens: 180, cache_creation_input_tokens: 20, output_tokens: 90 },
        { type: 'message', input_tokens: 20, output_tokens: 10 },
      ],
      [220, 100],
    ],
    ['less than it', [{ type: 'message', input_tokens: 2, output_tokens: 1 }], [20, 10]],
  ] as const)('of a message with parts that tell %s is no less than their sum', (_, iterations, [input, output]) => {
    const usage = { input_tokens: 20, output_tokens: 10, iterations } as unknown as JsonObject;
    expect(messagesUsage({ usage })).toEqual({ inputTokens: input, outputTokens: output });
  });

  it.each<[(answer: Json) => unknown]>([[chatUsage], [responsesUsage], [embeddingsUsage], [messagesUsage]])(
    'is not known where there is none: %s',
    (read) => {
      for (const answer of [null, 'text', {}, { usage: null }, { usage: 'none' }, { usage: [] }] as const)
        expect(read(answer as Json)).toBeNull();
    },
  );

  it.each([
    [{}],
    [[{}]],
    [[7]],
    [[null]],
    [[{ input_tokens: -1, output_tokens: 1 }]],
    [[{ input_tokens: 1 }]],
    ['none'],
  ])('of a message is not believed with the parts %j', (iterations) => {
    const usage = { input_tokens: 20, output_tokens: 10, iterations } as unknown as JsonObject;
    expect(messagesUsage({ usage })).toBeNull();
  });

  it.each([
    ['nothing', chatUsage, {}],
    ['an input of nothing', chatUsage, { prompt_tokens: 0, completion_tokens: 10 }],
    ['an input of nothing', messagesUsage, { input_tokens: 0, output_tokens: 10 }],
    ['less than nothing', responsesUsage, { input_tokens: 5, output_tokens: -1 }],
    ['text', chatUsage, { prompt_tokens: '5', completion_tokens: 1 }],
  ])('that is %s is not believed', (_, read, usage) => {
    expect(read({ usage })).toBeNull();
  });

  it.each([
    [{ choices: [{ message: { role: 'assistant', content: 'x' } }] }, true],
    [{ choices: [{ message: { role: 'assistant', content: null, tool_calls: [{}] } }] }, true],
    [{ choices: [{ message: { role: 'assistant', content: '' } }] }, false],
    [{ choices: [{ text: 'x' }] }, true],
    [{ content: [{ type: 'tool_use', input: {} }] }, true],
    [{ content: [] }, false],
    [{ output: [{ type: 'message', content: [{ type: 'output_text', text: 'x' }] }] }, true],
    [{ object: 'list', data: [] }, false],
  ])('%j says anything: %s', (answer, expected) => {
    expect(saysAnything(answer)).toBe(expected);
  });
});
