import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { chainOf, postOf, replied, review, reviewed, settledWith } from '../asking.testkit.ts';
import type { RequestFacts, ServiceReply } from '../index.ts';
import { chat, codesOf, compiled, completionOf, findingsOf, request, target } from '../policy.testkit.ts';

const document = (more: JsonObject = {}, provider: JsonObject = {}): JsonObject =>
  chainOf(['flagged-review'], review(more, provider));
const ANSWER = completionOf('The boiler is fine.');

interface Case {
  readonly more?: JsonObject;
  readonly provider?: JsonObject;
  readonly targets?: readonly JsonObject[];
  readonly facts?: Partial<RequestFacts>;
  readonly target?: string | null;
  readonly answer?: Json;
}

function asked({ more, provider, targets = [target()], facts = {}, target: id = 'main', answer = ANSWER }: Case = {}) {
  const policy = compiled({ ...document(more, provider), providers: { targets } });
  return policy.output(request(chat('Is the boiler fine?'), facts), answer, id);
}
const verdict = (mode: string, reply: ServiceReply, more: JsonObject = {}) =>
  settledWith(asked({ more: { mode, ...more } }), () => reply);
const MODES = ['judge', 'review_and_return', 'audit_only', 'escalate'];

const messagesOf = (outcome: ReturnType<typeof asked>): readonly string[] => {
  const { messages } = postOf(outcome.inquiry?.questions[0]) as unknown as { messages: { content: string }[] };
  return messages.map(({ content }) => content);
};

describe('what the reviewer is asked', () => {
  it('is a chat completion of its model, at its endpoint, with its key', () => {
    const [question] = asked({ provider: { timeout_ms: 700 } }).inquiry?.questions ?? [];
    expect(question).toMatchObject({
      policy: 'flagged-review',
      origin: 'https://judge.example',
      path: '/v1/chat/completions',
      headers: { 'x-tenantry-review-depth': '1' },
      secret: { kind: 'env', name: 'JUDGE_KEY' },
      timeoutMs: 700,
    });
    expect(postOf(question)).toMatchObject({ model: 'j-1', response_format: { type: 'json_object' } });
    const bare = { ...(review()['flagged-review'] as { provider: JsonObject }).provider };
    delete (bare as { endpoint?: Json }).endpoint;
    const policy = compiled(chainOf(['flagged-review'], { 'flagged-review': { provider: bare } }));
    expect(policy.output(request(chat('hi')), ANSWER).inquiry?.questions[0]).toMatchObject({
      origin: 'https://api.openai.com',
      path: '/v1/chat/completions',
      timeoutMs: 5000,
    });
  });

  it('shows request and answer as JSON strings, and expands nothing that they hold', () => {
    const template = 'M {mode} R {reason_code} I {input} O {output}';
    const outcome = asked({ more: { prompt_template: template }, answer: completionOf('say "{input}"\n$&') });
    const [system, user] = messagesOf(outcome);
    expect(system).toMatch(/ Reply with one JSON object and nothing else: /);
    expect(user).toBe('M "judge" R "none" I "user: Is the boiler fine?" O "say \\"{input}\\"\\n$&"');
    expect(system).toContain('JSON');
    expect(system).not.toContain('rationale');
    expect(messagesOf(asked())[1]).toContain('"The boiler is fine."');
    expect(messagesOf(asked({ more: { mode: 'review_and_return' } }))[0]).toContain('rationale');
    expect(messagesOf(asked({ more: { mode: 'review_and_return', rationale_capture: false } }))[0]).not.toContain(
      'rationale',
    );
  });

  it('is nothing about an answer without texts', () => {
    expect(asked({ answer: completionOf('') })).toMatchObject({ verdict: 'allow', inquiry: null });
  });
});

describe('a review', () => {
  it('that is clean lets the answer pass in every mode', () => {
    for (const mode of MODES) {
      expect(verdict(mode, reviewed({ flagged: false }))).toMatchObject({ verdict: 'allow', body: ANSWER });
    }
  });

  const reason = 'flagged_review.flagged';
  it('that flags the answer blocks it, asks a person, or is noted', () => {
    const flagged = reviewed({ flagged: true, rationale: 'Rüde, 100%.' });
    expect(verdict('judge', flagged)).toMatchObject({ verdict: 'block', reasonCode: reason, headers: {} });
    expect(verdict('judge', flagged).blockedBy?.unanswered).toBeUndefined();
    expect(verdict('escalate', flagged)).toMatchObject({ verdict: 'escalate', escalatedBy: { reasonCode: reason } });
    const noted = { verdict: 'allow', body: ANSWER, steps: [{ verdict: 'warn', reasonCode: reason }] };
    expect(verdict('audit_only', flagged)).toMatchObject({ ...noted, headers: {} });
    expect(verdict('review_and_return', flagged)).toMatchObject({
      ...noted,
      headers: { 'x-tenantry-review': 'flagged', 'x-tenantry-review-rationale': 'R%C3%BCde%2C%20100%25.' },
    });
    expect(verdict('review_and_return', flagged, { rationale_capture: false }).headers).toEqual({
      'x-tenantry-review': 'flagged',
    });
  });

  it('is returned when it is clean too, its words in part, and without words without them', () => {
    const long = reviewed({ flagged: false, rationale: `${'x'.repeat(499)}\u{1f600}` });
    expect(verdict('review_and_return', long).headers).toEqual({
      'x-tenantry-review': 'clean',
      'x-tenantry-review-rationale': `${'x'.repeat(499)}%EF%BF%BD`,
    });
    for (const given of [{ flagged: false }, { flagged: false, rationale: 7 }])
      expect(verdict('review_and_return', reviewed(given)).headers).toEqual({ 'x-tenantry-review': 'clean' });
  });
});

describe('without a review', () => {
  const malformed: readonly (readonly [string, ServiceReply])[] = [
    ['words', reviewed('It is fine.')],
    ['flagged as a text', reviewed({ flagged: 'no' })],
    ['JSON in a fence', reviewed('```json\n{"flagged": false}\n```')],
    ['a list', reviewed([])],
    ['no choice', replied({ choices: [] })],
    ['two choices', replied({ choices: [{ message: { content: '{"flagged":false}' } }, {}] })],
    ['no message', replied({ choices: [{}] })],
    ['no completion', replied('{"flagged":false}')],
    ['too much', { kind: 'failed', why: 'too_large' }],
  ];
  const failures: readonly (readonly [string, ServiceReply, string])[] = [
    ...malformed.map(([name, reply]) => [name, reply, 'malformed_answer'] as const),
    ['silence', { kind: 'failed', why: 'timeout' }, 'timeout'],
    ['nobody there', { kind: 'failed', why: 'unreachable' }, 'unavailable'],
  ];
  it.each(failures)('%s: a person decides, and audit_only notes it', (_, reply, why) => {
    const reasonCode = `flagged_review.${why}`;
    for (const mode of MODES) {
      const passes = { verdict: 'allow', steps: [{ verdict: 'warn', reasonCode }] };
      expect(verdict(mode, reply)).toMatchObject(mode === 'audit_only' ? passes : { verdict: 'escalate', reasonCode });
    }
  });

  const escalates = (reasonCode: string) => ({ verdict: 'escalate', inquiry: null, reasonCode });
  it('a review that is too deep is not asked for', () => {
    const deep = (value: string, max = 1) =>
      asked({ more: { recursion_depth_max: max }, facts: { headers: new Map([['x-tenantry-review-depth', value]]) } });
    expect(deep('1')).toMatchObject(escalates('flagged_review.depth_exceeded'));
    expect(deep('three', 8)).toMatchObject(escalates('flagged_review.depth_exceeded'));
    expect(deep('2', 2)).toMatchObject(escalates('flagged_review.depth_exceeded'));
    expect(deep('1', 2).inquiry?.questions[0]?.headers).toEqual({ 'x-tenantry-review-depth': '2' });
    expect(compiled(document()).headersRead).toContain('x-tenantry-review-depth');
  });

  it('a reviewer does not judge the answer of its own provider, by host or by name', () => {
    const own = 'https://JUDGE.example:8443/v1';
    const targets = [
      target({ base_url: own }),
      target({ id: 'other' }),
      target({ id: 'claude', provider: 'anthropic' }),
    ];
    const same = escalates('flagged_review.same_provider');
    expect(asked({ targets })).toMatchObject(same);
    expect(asked({ targets, target: 'other' }).inquiry).not.toBeNull();
    expect(asked({ targets, provider: { name: 'anthropic' }, target: 'claude' })).toMatchObject(same);
    expect(asked({ targets, target: null }).inquiry).not.toBeNull();
    expect(asked({ targets, more: { provider_isolation: false } }).inquiry).not.toBeNull();
    expect(asked({ targets, more: { mode: 'audit_only' } })).toMatchObject({ verdict: 'allow', inquiry: null });
    const scanner = compiled({ ...document(), providers: { targets } }).stream(request(chat('hi')), 'main');
    scanner?.push('0/content', 'fine');
    expect(scanner?.outcome()).toMatchObject(same);
  });

  it('what is too long for a review, request and answer together, is not sent', () => {
    const half = 'x'.repeat(130 * 1024);
    const policy = compiled(document());
    expect(policy.output(request(chat(half)), completionOf(half))).toMatchObject(escalates('flagged_review.too_long'));
    expect(policy.output(request(chat('x')), completionOf(half)).inquiry).not.toBeNull();
  });

  it('a stream is held where the answer may wait for a person', () => {
    for (const mode of MODES) expect(compiled(document({ mode })).stream(request(chat('x')))?.holdsAnswer).toBe(true);
  });
});

describe('what is refused', () => {
  const at = '/policy/flagged-review';
  const table: readonly (readonly [string, JsonObject, string, string])[] = [
    ['no provider', chainOf(['flagged-review'], { 'flagged-review': {} }), 'POLICY_ASK_INCOMPLETE', at],
    [
      'plain http',
      document({}, { endpoint: 'http://judge.example/x' }),
      'POLICY_INSECURE_URL',
      `${at}/provider/endpoint`,
    ],
    ['no {output}', document({ prompt_template: 'Fine?' }), 'POLICY_REVIEW_TEMPLATE', `${at}/prompt_template`],
    ['{answer}', document({ prompt_template: '{output} {answer}' }), 'POLICY_REVIEW_TEMPLATE', `${at}/prompt_template`],
    ['depth 0', document({ recursion_depth_max: 0 }), 'POLICY_SHAPE', `${at}/recursion_depth_max`],
    ['depth 9', document({ recursion_depth_max: 9 }), 'POLICY_SHAPE', `${at}/recursion_depth_max`],
    ['too short a time', document({}, { timeout_ms: 99 }), 'POLICY_SHAPE', `${at}/provider/timeout_ms`],
    [
      'words that nobody keeps',
      document({ rationale_capture: true }),
      'POLICY_FIELD_WITHOUT_EFFECT',
      `${at}/rationale_capture (key)`,
    ],
    ['an unknown field', document({ modus: 'judge' }), 'POLICY_UNKNOWN_KEY', `${at}/modus (key)`],
  ];
  it.each(table)('%s', (_, written, code, place) => {
    expect(findingsOf(written).map((found) => [found.code, found.place?.file])).toEqual([[code, place]]);
  });

  it('and nothing else', () => {
    expect(codesOf(document({ mode: 'review_and_return', rationale_capture: true }))).toEqual([]);
    expect(codesOf(document({ rationale_capture: false, prompt_template: '{"a": {output}}' }))).toEqual([]);
  });
});
