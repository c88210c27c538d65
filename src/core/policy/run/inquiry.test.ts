import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { chainOf, MODERATION, postOf, replied, review, reviewed, settledWith } from '../asking.testkit.ts';
import { channelOf, type Question, type ServiceReply } from '../index.ts';
import { chat, codesOf, compiled, completionOf, request } from '../policy.testkit.ts';

const DLP = { 'dlp-filter': { blocked_terms: ['larkspur'] } };
const ENTITIES = { 'entity-list-filter': { blocked_entities: ['ember'] } };
const SEARCH = { 'tool-budget': { budgets: { search: { max_tokens: 100 } } } };
const ALL = { ...MODERATION, ...DLP, ...ENTITIES, ...SEARCH, ...review() };

const passes = (question: Question): ServiceReply =>
  question.policy === 'flagged-review' ? reviewed({ flagged: false }) : replied({ flagged: false });
const flags = (question: Question): ServiceReply =>
  question.policy === 'flagged-review' ? reviewed({ flagged: true }) : replied({ flagged: true });

const policyOf = (...chain: readonly string[]) =>
  compiled(chainOf(chain, Object.fromEntries(Object.entries(ALL).filter(([kind]) => chain.includes(kind)))));
const textsOf = (question: Question | undefined) => JSON.stringify(postOf(question)['texts']);

describe('a chain with a policy that asks', () => {
  it('lets nothing through until the question is answered', () => {
    const outcome = policyOf('external-moderation').input(request(chat('hello')));
    expect(outcome).toMatchObject({
      verdict: 'block',
      reasonCode: 'external-moderation.unanswered',
      blockedBy: { policy: 'external-moderation', unanswered: true },
      targets: [],
      steps: [],
    });
    expect(outcome.inquiry?.questions).toHaveLength(1);
    expect(settledWith(outcome, passes)).toMatchObject({
      verdict: 'allow',
      targets: ['main'],
      steps: [{ policy: 'external-moderation', verdict: 'allow' }],
    });
    // A caller that has no reply to give gets none.
    expect(outcome.inquiry?.answered([])).toMatchObject({ verdict: 'block' });
  });

  it('asks nothing when an earlier policy blocks', () => {
    const outcome = policyOf('entity-list-filter', 'external-moderation').input(request(chat('ember')));
    expect(outcome).toMatchObject({ verdict: 'block', inquiry: null, blockedBy: { policy: 'entity-list-filter' } });
  });

  it('asks about what earlier policies left, and not about what later ones would leave', () => {
    const [first] =
      policyOf('dlp-filter', 'external-moderation').input(request(chat('see larkspur'))).inquiry?.questions ?? [];
    expect(textsOf(first)).toContain('[REDACTED]');
    const later = policyOf('external-moderation', 'dlp-filter').input(request(chat('see larkspur')));
    expect(textsOf(later.inquiry?.questions[0])).toContain('larkspur');
    const settled = settledWith(later, passes);
    expect(settled).toMatchObject({ verdict: 'redact', reasonCode: 'dlp.detected' });
    expect(JSON.stringify(settled.body)).not.toContain('larkspur');
  });

  it('runs no later policy when the reply blocks, and each one once when it does not', () => {
    const { input } = policyOf('dlp-filter', 'external-moderation', 'entity-list-filter');
    const blocked = settledWith(input(request(chat('larkspur ember'))), flags);
    expect(blocked.steps.map(({ policy, verdict }) => `${policy} ${verdict}`)).toEqual([
      'dlp-filter redact',
      'external-moderation block',
    ]);
    expect(blocked).toMatchObject({ verdict: 'block', reasonCode: 'external-moderation.flagged' });
    const passed = settledWith(input(request(chat('larkspur'))), passes);
    expect(passed.steps.map(({ policy }) => policy)).toEqual([
      'dlp-filter',
      'external-moderation',
      'entity-list-filter',
    ]);
  });

  it('may be answered more than once, with a result each time', () => {
    const { inquiry } = policyOf('external-moderation', 'dlp-filter').input(request(chat('larkspur')));
    const again = [flags, passes, passes].map((answer) => inquiry?.answered(inquiry.questions.map(answer)));
    expect(again.map((outcome) => outcome?.verdict)).toEqual(['block', 'redact', 'redact']);
    expect(again[2]?.steps).toEqual(again[1]?.steps);
  });

  it('does not ask for whom the entry does not hold, nor about nothing', () => {
    const entry = { 'external-moderation': { when: { path: '/v1/embeddings' } } };
    const conditional = compiled(chainOf([entry], MODERATION));
    expect(conditional.input(request(chat('hello')))).toMatchObject({ verdict: 'allow', inquiry: null });
    expect(conditional.stream(request(chat('hello')))).toBeNull();
    expect(policyOf('external-moderation').input(request(chat('  ')))).toMatchObject({
      inquiry: null,
      verdict: 'allow',
      steps: [{ policy: 'external-moderation' }],
    });
  });
});

describe('an answer', () => {
  it('is asked about by neighbours at once, and by others one after the other', () => {
    const { output } = policyOf('external-moderation', 'tool-budget', 'flagged-review');
    const one = settledWith(output(request(chat('hi')), completionOf('fine')), passes);
    expect(one.rounds).toEqual([['external-moderation'], ['flagged-review']]);
    const neighbours = policyOf('external-moderation', 'flagged-review').output(
      request(chat('hi')),
      completionOf('fine'),
    );
    const both = settledWith(neighbours, passes);
    expect(both.rounds).toEqual([['external-moderation', 'flagged-review']]);
    expect(both).toMatchObject({ verdict: 'allow', body: completionOf('fine') });
    const blocked = settledWith(neighbours, flags);
    expect(blocked).toMatchObject({ verdict: 'block', reasonCode: 'external-moderation.flagged' });
    // The reply of the second came and counts for nothing: the chain had ended.
    expect(blocked.steps.map(({ policy }) => policy)).toEqual(['external-moderation']);
  });

  it('tells the reviewer of the first reason before it', () => {
    const outcome = policyOf('dlp-filter', 'flagged-review').output(request(chat('hi')), completionOf('larkspur'));
    expect(outcome.inquiry?.questions[0]?.body).toContain('dlp.detected');
  });
});

describe('a streamed answer', () => {
  const scan = (pieces: readonly string[], ...chain: readonly string[]) => {
    const scanner = policyOf(...chain).stream(request(chat('hi')));
    let sent = '';
    for (const piece of pieces) sent += scanner?.push(channelOf(0, 'content'), piece).emit ?? '';
    sent += scanner?.end(channelOf(0, 'content')).emit ?? '';
    return { scanner, sent };
  };

  it('is held, and asked about at its end as the policies before left it', () => {
    const { scanner, sent } = scan(['see lark', 'spur n', 'ow'], 'dlp-filter', 'external-moderation');
    expect(scanner?.holdsAnswer).toBe(true);
    expect(sent).toBe('see [REDACTED] now');
    const outcome = scanner?.outcome();
    expect(outcome).toMatchObject({ verdict: 'block', reasonCode: 'external-moderation.unanswered' });
    expect(outcome?.steps.map(({ policy }) => policy)).toEqual(['dlp-filter']);
    const question = outcome?.inquiry?.questions[0];
    expect(postOf(question)).toMatchObject({
      phase: 'output',
      texts: [{ role: 'assistant', text: 'see [REDACTED] now' }],
    });
    expect(outcome && settledWith(outcome, passes)).toMatchObject({ verdict: 'redact', reasonCode: 'dlp.detected' });
    expect(outcome && settledWith(outcome, flags)).toMatchObject({
      verdict: 'block',
      blockedBy: { policy: 'external-moderation', reasonCode: 'external-moderation.flagged' },
    });
  });

  it('is asked about as it was before the policies after it', () => {
    const { scanner } = scan(['see lark', 'spur'], 'external-moderation', 'dlp-filter');
    expect(textsOf(scanner?.outcome().inquiry?.questions[0])).toContain('see larkspur');
  });

  it('asks nobody when a policy blocks it', () => {
    const { scanner } = scan(['em', 'ber'], 'external-moderation', 'entity-list-filter');
    expect(scanner?.outcome()).toMatchObject({ verdict: 'block', inquiry: null, reasonCode: 'entity_list.detected' });
  });

  it('has the texts of the arguments of a call, with escapes undone, like a whole answer', () => {
    const arguments_ = '{"q":"\\u006cark"}';
    const message = { tool_calls: [{ id: 'c', function: { name: 'find', arguments: arguments_ } }] };
    const { output, stream } = policyOf('external-moderation');
    const whole = output(request(chat('hi')), { choices: [{ message }] });
    const scanner = stream(request(chat('hi')));
    scanner?.push(channelOf(0, 'arguments', 0), arguments_.slice(0, 7));
    scanner?.push(channelOf(0, 'arguments', 0), arguments_.slice(7));
    scanner?.end(channelOf(0, 'arguments', 0));
    expect(textsOf(scanner?.outcome().inquiry?.questions[0])).toBe(textsOf(whole.inquiry?.questions[0]));
    expect(textsOf(whole.inquiry?.questions[0])).toContain('lark');
  });

  it('asks both at once, and hands on what the reviewer says', () => {
    const mode = review({ mode: 'review_and_return' });
    const policy = compiled(chainOf(['external-moderation', 'flagged-review'], { ...MODERATION, ...mode }));
    const scanner = policy.stream(request(chat('hi')));
    scanner?.push(channelOf(0, 'content'), 'fine');
    const outcome = scanner?.outcome();
    expect(outcome?.inquiry?.questions.map((question) => question.policy)).toEqual([
      'external-moderation',
      'flagged-review',
    ]);
    const settled = outcome && settledWith(outcome, passes);
    expect(settled).toMatchObject({ verdict: 'allow', headers: { 'x-tenantry-review': 'clean' } });
    expect(outcome && settledWith(outcome, flags).steps.map(({ policy: kind }) => kind)).toEqual([
      'external-moderation',
    ]);
  });

  it('without a text asks nothing', () => {
    const scanner = policyOf('external-moderation').stream(request(chat('hi')));
    expect(scanner?.outcome()).toMatchObject({ verdict: 'allow', inquiry: null });
  });
});

describe('a test case of a document', () => {
  const testing = (content: string, expected: JsonObject = { verdict: 'block' }) => ({
    suites: [{ name: 's', cases: [{ name: 'c', input: { messages: [{ role: 'user', content }] }, expected }] }],
  });

  it('is refused where it would have to ask, and decided where it would not', () => {
    const document = chainOf(['entity-list-filter', 'external-moderation'], { ...ENTITIES, ...MODERATION });
    expect(codesOf({ ...document, testing: testing('hello') })).toEqual(['POLICY_TEST_ASKS']);
    expect(codesOf({ ...document, testing: testing('ember') })).toEqual([]);
  });

  const escalate = (reason?: string): JsonObject => ({
    verdict: 'escalate',
    ...(reason === undefined ? {} : { reason_code: reason }),
  });
  const PERSON = { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } };
  it.each([
    ['that it is handed over', 'hello', escalate(), []],
    ['to which policy', 'hello', escalate('external-moderation.asked'), []],
    ['to another', 'hello', escalate('safety.detected'), ['POLICY_TEST_FAILED']],
    ['to a person before that', 'a boiler', escalate('safety.detected'), []],
    ['that of what is blocked before', 'ember', escalate(), ['POLICY_TEST_FAILED']],
    ['anything else', 'hello', { verdict: 'allow' }, ['POLICY_TEST_ASKS']],
  ] as const)('is run up to there where it expects %s', (_what, content, expected, codes) => {
    const chain = ['entity-list-filter', 'safety-filter', 'external-moderation'];
    const document = chainOf(chain, { ...ENTITIES, ...PERSON, ...MODERATION });
    expect(codesOf({ ...document, testing: testing(content, expected) })).toEqual(codes);
  });
});
