import { describe, expect, it } from 'vitest';
import { type JsonObject, JUDGED_ENDPOINTS } from '../../../src/core/model/index.ts';
import type { Target } from '../../../src/core/policy/index.ts';
import { shapeOf } from './index.ts';
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

  it('leaves a body alone that needs nothing, and one that nobody pays for', () => {
    const limited: JsonObject = { ...chat, max_tokens: 7 };
    expect(sent('/v1/chat/completions', limited, target('ollama'))).toBe(limited);
    const free: JsonObject = { ...chat, max_completion_tokens: 7 };
    expect(sent('/v1/chat/completions', free, target('ollama'), false)).toBe(free);
  });
});

describe('the fields of a body', () => {
  it.each([
    [{ max_tokens: '60000' }, 'expected "max_tokens" to be a whole number from 1 to 10000000'],
    [{ max_completion_tokens: 1.5 }, 'expected "max_completion_tokens" to be a whole number from 1 to 10000000'],
    [{ max_output_tokens: 0 }, 'expected "max_output_tokens" to be a whole number from 1 to 10000000'],
    [{ max_tokens: 10_000_001 }, 'expected "max_tokens" to be a whole number from 1 to 10000000'],
    [{ MAX_TOKENS: 1 }, 'expected "max_tokens" in small letters, found another spelling'],
    [{ Messages: [] }, 'expected "messages" in small letters, found another spelling'],
    [{ me\u017f\u017fages: [] }, 'expected "messages" in small letters, found another spelling'],
    [{ model: 'm\u001b]0;x\u0007' }, 'expected "model" to have no control characters'],
    [{ model: 'm\u2028n' }, 'expected "model" to have no control characters'],
    [{ preset: 'mine' }, 'expected no "preset": which provider answers is for the gateway to choose'],
    [{ model_list: [{}] }, 'expected no "model_list": which provider answers is for the gateway to choose'],
    [
      { providerOptions: { gateway: { order: ['x'] } } },
      'expected no "providerOptions": which provider answers is for the gateway to choose',
    ],
    [{ extra_headers: {} }, 'expected no "extra_headers": which provider answers is for the gateway to choose'],
    [{ Inference_Geo: 'us' }, 'expected "inference_geo" in small letters, found another spelling'],
    [{ models: ['dearer'] }, 'expected no "models": which provider answers is for the gateway to choose'],
    [{ api_base: 'https://x.example' }, 'expected no "api_base": which provider answers is for the gateway to choose'],
  ])('%j are refused: %s', (fields, expected) => {
    expect(sent('/v1/chat/completions', { ...chat, ...fields } as JsonObject, target('openai'))).toBe(expected);
  });

  it('that nobody reads have any name', () => {
    const body = { ...chat, Seed: 1, max_tokens: 7, models: null };
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
