import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { postOf } from '../asking.testkit.ts';
import { chat, compiled, completionOf, documentOf, request } from '../policy.testkit.ts';

const SAID = 'Never promise guaranteed returns, says ana@acme.example.';
const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Fine.' }] }];
/** A response whose provider repeats the request. */
const response: JsonObject = {
  id: 'r',
  object: 'response',
  status: 'completed',
  error: null,
  instructions: SAID,
  metadata: { note: SAID },
  model: 'm',
  output,
  prompt: { id: 'p', variables: { a: SAID } },
  prompt_cache_key: SAID,
  reasoning: { effort: 'low', summary: null },
  safety_identifier: SAID,
  text: { format: { type: 'json_schema', name: 'n', description: SAID, schema: {} } },
  tool_choice: { type: 'function', name: 'f' },
  tools: [{ type: 'function', name: 'f', description: SAID, parameters: { enum: [SAID] } }],
  user: SAID,
  usage: { output_tokens: 2 },
};
const own: JsonObject = {
  id: 'r',
  object: 'response',
  status: 'completed',
  error: null,
  instructions: null,
  metadata: {},
  model: 'm',
  output,
  tool_choice: 'auto',
  tools: [],
  usage: { output_tokens: 2 },
};

const answered = (kind: string, settings: JsonObject, answer: JsonObject = response, more: JsonObject = {}) =>
  compiled(documentOf(kind, settings, more)).output(request(chat('hi')), answer);

describe('what a response repeats of its request', () => {
  it.each<[string, JsonObject]>([
    ['financial-compliance', { blocked_patterns: ['guaranteed returns'], required_disclaimers: ['fine.'] }],
    ['pii-detector', { action: 'block' }],
    ['pii-detector', {}],
    ['tool-validation', { declared_tools: ['g'] }],
  ])('is judged by no policy and goes out through none: %s %j', (kind, settings) => {
    const outcome = answered(kind, settings);
    expect(outcome.verdict).toBe('allow');
    expect(outcome.body).toEqual(own);
    const alike = { ...own, output: [{ type: 'message', content: [{ type: 'output_text', text: SAID }] }] };
    expect(answered(kind, settings, alike).verdict === 'allow').toBe(kind === 'tool-validation');
  });

  it('is not sent to services', () => {
    const [question] = answered('external-moderation', { endpoint: 'https://m.example/' }).inquiry?.questions ?? [];
    expect(postOf(question)).toMatchObject({ phase: 'output', texts: [{ role: 'assistant', text: 'Fine.' }] });
  });

  it('stays where no policy reads the answer', () => {
    expect(answered('audit-logger', {}).body).toBe(response);
    expect(answered('response-rewriter', {}).body).toBe(response);
    const when = { policies: { chain: [{ 'pii-detector': { when: { model: ['other'] } } }] } };
    expect(answered('pii-detector', {}, response, when).body).toBe(response);
  });

  it.each<[string, JsonObject]>([
    ['chat completions', { ...completionOf('Fine.'), metadata: { a: 'b' } }],
    ['messages', { type: 'message', content: [{ type: 'text', text: 'Fine.' }], container: { id: 'c' } }],
    ['a response that repeats nothing', { object: 'response', output }],
  ])('is of responses alone: %s', (_, answer) => {
    expect(answered('pii-detector', {}, answer).body).toBe(answer);
  });
});
