import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { MODERATION, postOf, replied, settledWith } from '../asking.testkit.ts';
import type { ServiceReply } from '../index.ts';
import { chat, codesOf, compiled, completionOf, documentOf, findingsOf, request } from '../policy.testkit.ts';

const ENDPOINT = 'https://moderation.example/judge';
const KEY = { secret_key_ref: { env: 'MODERATION_KEY' } };
const document = (settings: JsonObject): JsonObject => documentOf('external-moderation', settings);
const openai = (more: JsonObject = {}): JsonObject => ({ provider: 'openai-moderation', ...KEY, ...more });
const webhook = (more: JsonObject = {}): JsonObject => ({ endpoint: ENDPOINT, ...more });

const asked = (settings: JsonObject, body: Json = chat('hello')) => compiled(document(settings)).input(request(body));
const verdict = (settings: JsonObject, reply: ServiceReply, body?: Json) =>
  settledWith(asked(settings, body), () => reply);

describe('whom it asks, and how', () => {
  it('posts phase, texts, categories and threshold to a webhook, with its headers and its key by reference', () => {
    const settings = webhook({
      categories: ['hate'],
      threshold: 0.7,
      timeout_ms: 900,
      webhook_headers: { 'X-Tier': 'gold' },
      ...KEY,
    });
    const body = { model: 'gpt-4o-mini', messages: [{ role: 'system', content: 'be kind' }, ...turns('one', 'two')] };
    const [question] = asked(settings, body).inquiry?.questions ?? [];
    expect(question).toMatchObject({
      policy: 'external-moderation',
      origin: 'https://moderation.example',
      path: '/judge',
      headers: { 'x-tier': 'gold' },
      secret: { kind: 'env', name: 'MODERATION_KEY' },
      timeoutMs: 900,
    });
    expect(postOf(question)).toEqual({
      phase: 'input',
      // Texts of one speaker that follow each other are one.
      texts: [
        { role: 'system', text: 'be kind' },
        { role: 'user', text: 'one\ntwo' },
      ],
      categories: ['hate'],
      threshold: 0.7,
    });
  });

  it('posts the texts to OpenAI moderation by default, or to another endpoint of that shape', () => {
    const [question] = asked(openai()).inquiry?.questions ?? [];
    expect(question).toMatchObject({
      origin: 'https://api.openai.com',
      path: '/v1/moderations',
      headers: {},
      timeoutMs: 3000,
    });
    expect(postOf(question)).toEqual({ input: ['hello'] });
    const [other] =
      asked(openai({ endpoint: 'http://127.0.0.1:9/m/', secret_key_ref: { store: 'mod.key' } })).inquiry?.questions ??
      [];
    expect(other).toMatchObject({
      origin: 'http://127.0.0.1:9',
      path: '/m/',
      secret: { kind: 'store', name: 'mod.key' },
    });
    const [bare] = asked(webhook({ endpoint: 'https://moderation.example' })).inquiry?.questions ?? [];
    expect(bare).toMatchObject({ path: '/', secret: null });
  });

  it('asks about answers too', () => {
    const outcome = compiled(document(webhook())).output(request(chat('hi')), completionOf('fine'));
    expect(postOf(outcome.inquiry?.questions[0])).toMatchObject({
      phase: 'output',
      texts: [{ role: 'assistant', text: 'fine' }],
      categories: [],
      threshold: 0.5,
    });
  });

  it('does not send what is too long, and does not let it pass, whatever the fail mode', () => {
    for (const body of [chat('x'.repeat(256 * 1024 + 1)), { messages: many(513) }]) {
      expect(asked(webhook({ fail_closed: false }), body)).toMatchObject({
        inquiry: null,
        verdict: 'block',
        reasonCode: 'external-moderation.too_long',
      });
    }
    expect(asked(webhook(), chat('x'.repeat(256 * 1024))).inquiry).not.toBeNull();
  });
});

const turns = (...texts: readonly string[]) => texts.map((content) => ({ role: 'user', content }));
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: 'x' }));
const result = (flagged: boolean, scores: Json) => ({ flagged, category_scores: scores });

describe('what it believes', () => {
  const FLAGGED = 'external-moderation.flagged';
  const MALFORMED = 'external-moderation.malformed_answer';
  const table: readonly (readonly [string, JsonObject, Json, string | null])[] = [
    ['clean', webhook(), { flagged: false }, null],
    ['flagged', webhook(), { flagged: true }, FLAGGED],
    ['a score below the threshold', webhook(), { flagged: false, scores: { hate: 0.49 } }, null],
    ['a score at the threshold', webhook(), { flagged: false, scores: { hate: 0.5 } }, FLAGGED],
    ['another threshold', webhook({ threshold: 0.2 }), { flagged: false, scores: { hate: 0.3 } }, FLAGGED],
    [
      'a category that does not count',
      webhook({ categories: ['hate'] }),
      { flagged: true, scores: { hate: 0.1, x: 1 } },
      null,
    ],
    ['a category that counts', webhook({ categories: ['hate'] }), { flagged: false, scores: { hate: 0.9 } }, FLAGGED],
    [
      'a category without a score',
      webhook({ categories: ['hate'] }),
      { flagged: false, scores: { x: 0.1 } },
      MALFORMED,
    ],
    ['no scores for categories', webhook({ categories: ['hate'] }), { flagged: false }, MALFORMED],
    ['a score that is none', webhook(), { flagged: false, scores: { hate: '0.1' } }, MALFORMED],
    ['a score beyond 1', webhook(), { flagged: false, scores: { hate: 1.5 } }, MALFORMED],
    ['scores that are a list', webhook(), { flagged: false, scores: [] }, MALFORMED],
    ['flagged as a text', webhook(), { flagged: 'false' }, MALFORMED],
    ['no object', webhook(), [], MALFORMED],
    ['OpenAI: clean', openai(), { results: [result(false, { hate: 0.01 })] }, null],
    ['OpenAI: flagged', openai(), { results: [result(true, { hate: 0.01 })] }, FLAGGED],
    ['OpenAI: a score', openai({ threshold: 0.3 }), { results: [result(false, { hate: 0.3 })] }, FLAGGED],
    [
      'OpenAI: other categories',
      openai({ categories: ['hate'] }),
      { results: [result(true, { hate: 0, x: 1 })] },
      null,
    ],
    ['OpenAI: fewer results', openai(), { results: [] }, MALFORMED],
    ['OpenAI: more results', openai(), { results: [result(false, {}), result(false, {})] }, MALFORMED],
    ['OpenAI: no scores', openai(), { results: [{ flagged: false }] }, MALFORMED],
    ['OpenAI: the shape of a webhook', openai(), { flagged: false }, MALFORMED],
  ];
  it.each(table)('%s', (_, settings, reply, reason) => {
    const outcome = verdict(settings, replied(reply));
    expect([outcome.verdict, outcome.reasonCode]).toEqual(reason === null ? ['allow', null] : ['block', reason]);
    expect(outcome.blockedBy?.unanswered ?? false).toBe(reason === MALFORMED);
  });

  it('takes each result for its text: the second may be the one that is flagged', () => {
    const body = { messages: many(2) };
    const reply = replied({ results: [result(false, {}), result(true, {})] });
    expect(verdict(openai(), reply, body)).toMatchObject({ verdict: 'block', reasonCode: FLAGGED });
  });
});

describe('whatever a service says', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), anything);
  const scores = fc.oneof(fc.dictionary(fc.constantFrom('hate', 'x', '__proto__'), score), anything);
  const judgement = (key: string) =>
    fc.record({ flagged: fc.oneof(fc.boolean(), anything), [key]: scores }, { requiredKeys: [] });
  const isScore = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 0.5;

  /** True for a judgement that lets a text pass, read another way: every doubt is a no. */
  const clears = (value: unknown, key: string): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const said = new Map<string, unknown>(Object.entries(value));
    const given = said.get(key);
    if (said.get('flagged') !== false) return false;
    if (given === undefined) return key === 'scores';
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    return isObject && Object.values(given).every(isScore);
  };

  it('a text passes only by a reply that clears it, and nothing throws', () => {
    fc.assert(
      fc.property(fc.oneof(judgement('scores'), anything), (reply) => {
        const passed = verdict(webhook(), replied(reply as Json)).verdict === 'allow';
        expect(passed).toBe(clears(reply, 'scores'));
      }),
    );
    const results = fc.record({
      results: fc.oneof(fc.array(judgement('category_scores'), { maxLength: 2 }), anything),
    });
    fc.assert(
      fc.property(fc.oneof(results, anything), (reply) => {
        const given = (reply as { results?: unknown } | null)?.results;
        const isOne = Array.isArray(given) && given.length === 1 && !Array.isArray(reply);
        const passed = verdict(openai(), replied(reply as Json)).verdict === 'allow';
        expect(passed).toBe(isOne && clears(given[0], 'category_scores'));
      }),
    );
  });
});

describe('without an answer', () => {
  const table: readonly (readonly [Extract<ServiceReply, { kind: 'failed' }>['why'], string])[] = [
    ['timeout', 'timeout'],
    ['unreachable', 'unavailable'],
    ['status', 'unavailable'],
    ['no_key', 'unavailable'],
    ['too_large', 'malformed_answer'],
    ['malformed', 'malformed_answer'],
  ];
  it.each(table)('%s: nothing passes, unless the document says so', (why, reason) => {
    const reply: ServiceReply = { kind: 'failed', why };
    const reasonCode = `external-moderation.${reason}`;
    for (const settings of [webhook(), webhook({ fail_closed: true })]) {
      expect(verdict(settings, reply)).toMatchObject({ verdict: 'block', reasonCode, blockedBy: { unanswered: true } });
    }
    expect(verdict(webhook({ fail_closed: false }), reply)).toMatchObject({
      verdict: 'allow',
      steps: [{ verdict: 'warn', reasonCode }],
      warnings: ['The moderation service gave no answer.'],
    });
  });
});

describe('what is refused', () => {
  const at = '/policy/external-moderation';
  const table: readonly (readonly [string, JsonObject, string, string])[] = [
    ['no endpoint', {}, 'POLICY_ASK_INCOMPLETE', at],
    ['no key for OpenAI', { provider: 'openai-moderation' }, 'POLICY_ASK_INCOMPLETE', at],
    ['plain http', webhook({ endpoint: 'http://moderation.example' }), 'POLICY_INSECURE_URL', `${at}/endpoint`],
    ['a query', webhook({ endpoint: 'https://moderation.example/?k=1' }), 'POLICY_SHAPE', `${at}/endpoint`],
    ['no URL', webhook({ endpoint: 'moderation' }), 'POLICY_SHAPE', `${at}/endpoint`],
    [
      'a header of the connection',
      webhook({ webhook_headers: { Host: 'x' } }),
      'POLICY_TARGET_HEADER',
      `${at}/webhook_headers/Host (key)`,
    ],
    [
      'a header of a key',
      webhook({ webhook_headers: { 'X-Api-Key': 'x' } }),
      'POLICY_TARGET_HEADER',
      `${at}/webhook_headers/X-Api-Key (key)`,
    ],
    [
      'a header twice',
      webhook({ webhook_headers: { a: 'x', A: 'y' } }),
      'POLICY_TARGET_HEADER',
      `${at}/webhook_headers/A (key)`,
    ],
    [
      'headers without webhook',
      openai({ webhook_headers: { a: 'x' } }),
      'POLICY_FIELD_WITHOUT_EFFECT',
      `${at}/webhook_headers (key)`,
    ],
    ['threshold 0', webhook({ threshold: 0 }), 'POLICY_SHAPE', `${at}/threshold`],
    ['threshold 1', webhook({ threshold: 1 }), 'POLICY_SHAPE', `${at}/threshold`],
    ['a key as a text', webhook({ secret_key_ref: 'MODERATION_KEY' }), 'POLICY_SHAPE', `${at}/secret_key_ref`],
    ['another provider', webhook({ provider: 'lakera' }), 'POLICY_UNSUPPORTED_VALUE', `${at}/provider`],
    ['nobody', webhook({ provider: 'somebody' }), 'POLICY_SHAPE', `${at}/provider`],
    [
      'a field of another provider',
      webhook({ guardrail_id: 'g' }),
      'POLICY_UNSUPPORTED_KEY',
      `${at}/guardrail_id (key)`,
    ],
    ['an unknown field', webhook({ endpont: 'x' }), 'POLICY_UNKNOWN_KEY', `${at}/endpont (key)`],
  ];
  it.each(table)('%s', (_, settings, code, place) => {
    expect(findingsOf(document(settings)).map((found) => [found.code, found.place?.file])).toEqual([[code, place]]);
  });

  it('and nothing else', () => {
    expect(codesOf(document(MODERATION['external-moderation'] as JsonObject))).toEqual([]);
    expect(codesOf(document(openai()))).toEqual([]);
  });
});
