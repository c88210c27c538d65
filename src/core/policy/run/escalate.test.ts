import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { answerWith } from '../kinds/tools.testkit.ts';
import { chat, codesOf, compiled, completionOf, documentOf, request, streamThrough } from '../policy.testkit.ts';

// Block beats escalate beats redact, whatever the order in the chain; what waits is what the later policies left.

const documentWith = (chain: readonly string[], policy: JsonObject): JsonObject =>
  documentOf('x', {}, { policies: { chain }, policy });
const asking = { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } };
const redacting = { 'dlp-filter': { blocked_terms: ['larkspur'] } };
const blocking = { 'entity-list-filter': { blocked_entities: ['ember'] } };
const oversight = { 'human-oversight': { timeout_seconds: 60 } };
const firewall = { 'agent-firewall': { transaction_limits: { require_approval_above: 10 } } };

const escalated = {
  policy: 'safety-filter',
  phase: 'input',
  reasonCode: 'safety.detected',
  message: 'The text holds a keyword that a person has to look at.',
  timeoutMs: null,
  isAboutCall: false,
  isUnconditional: false,
};

describe('an escalated request', () => {
  it('waits in the name of the policy, with everything redacted that the others redact', () => {
    for (const chain of [
      ['safety-filter', 'dlp-filter'],
      ['dlp-filter', 'safety-filter'],
    ]) {
      const policy = compiled(documentWith(chain, { ...asking, ...redacting }));
      const outcome = policy.input(request(chat('the boiler of larkspur')));
      expect(outcome).toMatchObject({
        verdict: 'escalate',
        reasonCode: 'safety.detected',
        blockedBy: null,
        escalatedBy: escalated,
      });
      expect(outcome.body).toMatchObject({ messages: [{ content: expect.not.stringContaining('larkspur') }] });
      expect(outcome.steps.map((step) => step.verdict).sort()).toEqual(['escalate', 'redact']);
    }
  });

  it('is blocked by a policy before or after the one that asks', () => {
    for (const chain of [
      ['safety-filter', 'entity-list-filter'],
      ['entity-list-filter', 'safety-filter'],
    ]) {
      const policy = compiled(documentWith(chain, { ...asking, ...blocking }));
      expect(policy.input(request(chat('boiler and ember')))).toMatchObject({
        verdict: 'block',
        escalatedBy: null,
        blockedBy: { policy: 'entity-list-filter' },
      });
    }
  });

  it('is let through without the keyword, and blocked without the action', () => {
    expect(compiled(documentWith(['safety-filter'], asking)).input(request(chat('tea')))).toMatchObject({
      verdict: 'allow',
      escalatedBy: null,
    });
    const policy = compiled(documentWith(['safety-filter'], { 'safety-filter': { block_if: ['boiler'] } }));
    expect(policy.input(request(chat('boiler'))).verdict).toBe('block');
  });

  it('is what a test case of a document can expect', () => {
    const suiteOf = (verdict: string): JsonObject => ({
      ...documentWith(['safety-filter'], asking),
      testing: {
        suites: [
          {
            name: 's',
            cases: [
              {
                name: 'c',
                input: { messages: [{ role: 'user', content: 'boiler' }] },
                expected: { verdict, reason_code: 'safety.detected' },
              },
            ],
          },
        ],
      },
    });
    expect(codesOf(suiteOf('escalate'))).toEqual([]);
    expect(codesOf(suiteOf('block'))).toEqual(['POLICY_TEST_FAILED']);
  });
});

describe('human-oversight', () => {
  it('asks about every answer, whole and streamed, and lets the others redact', () => {
    for (const chain of [
      ['human-oversight', 'dlp-filter'],
      ['dlp-filter', 'human-oversight'],
    ]) {
      const policy = compiled(documentWith(chain, { ...oversight, ...redacting }));
      const by = { policy: 'human-oversight', phase: 'output', timeoutMs: 60_000 };
      const whole = policy.output(request(chat('hi')), completionOf('by larkspur'));
      expect(whole).toMatchObject({ verdict: 'escalate', escalatedBy: by });
      expect(JSON.stringify(whole.body)).not.toContain('larkspur');
      const streamed = streamThrough(policy, ['by lark', 'spur']);
      expect(streamed.sent).not.toContain('larkspur');
      expect(streamed.outcome).toMatchObject({
        verdict: 'escalate',
        reasonCode: 'human_oversight.review_required',
        escalatedBy: by,
      });
      expect(streamed.outcome?.steps.map((step) => step.verdict).sort()).toEqual(['escalate', 'redact']);
      expect(policy.stream(request(chat('hi')))?.holdsAnswer).toBe(true);
      expect(policy.scansOutput).toBe(true);
    }
  });

  it('is blocked by what comes after it, on streams too', () => {
    const policy = compiled(documentWith(['human-oversight', 'entity-list-filter'], { ...oversight, ...blocking }));
    const blocked = { verdict: 'block', escalatedBy: null, blockedBy: { policy: 'entity-list-filter' } };
    expect(policy.output(request(chat('hi')), completionOf('ember'))).toMatchObject(blocked);
    expect(streamThrough(policy, ['em', 'ber']).outcome).toMatchObject(blocked);
  });

  it('asks for an hour without a time, and withholds with action: block', () => {
    const usual = compiled(documentOf('human-oversight', {}));
    expect(usual.output(request(chat('hi')), completionOf('x')).escalatedBy?.timeoutMs).toBe(3_600_000);
    const policy = compiled(documentOf('human-oversight', { action: 'block' }));
    const blocked = { verdict: 'block', reasonCode: 'human_oversight.blocked' };
    expect(policy.output(request(chat('hi')), completionOf('x'))).toMatchObject(blocked);
    expect(streamThrough(policy, ['x'])).toMatchObject({ sent: '', blocked: true, outcome: blocked });
    const scanner = policy.stream(request(chat('hi')));
    expect([scanner?.holdsAnswer, scanner?.outcome().verdict]).toEqual([true, 'block']);
    expect(codesOf(documentOf('human-oversight', { action: 'block', timeout_seconds: 5 }))).toEqual([
      'POLICY_FIELD_WITHOUT_EFFECT',
    ]);
  });

  it('applies where its entry says', () => {
    const policy = compiled(
      documentOf(
        'human-oversight',
        {},
        { policies: { chain: [{ 'human-oversight': { when: { header: { 'x-workflow': 'letter' } } } }] } },
      ),
    );
    const letter = request(chat('hi'), { headers: new Map([['x-workflow', 'letter']]) });
    expect(policy.output(letter, completionOf('x')).verdict).toBe('escalate');
    expect(policy.output(request(chat('hi')), completionOf('x')).verdict).toBe('allow');
    expect(policy.stream(request(chat('hi')))).toBeNull();
  });

  it.each(['require_human_for', 'confidence_threshold', 'default_assignee'])('refuses %s by name', (key) => {
    const value = key === 'require_human_for' ? ['refunds'] : key === 'confidence_threshold' ? 0.5 : 'ana@acme.example';
    expect(codesOf(documentOf('human-oversight', { [key]: value }))).toEqual(['POLICY_UNSUPPORTED_KEY']);
  });
});

describe('several policies that ask', () => {
  it('ask once, in the name of the first, for the shortest time', () => {
    const policy = compiled(
      documentWith(['agent-firewall', 'human-oversight'], { ...oversight, ...firewall, ...redacting }),
    );
    const answer = answerWith(['refund', '{"amount": 50}']);
    expect(policy.output(request(chat('hi')), answer)).toMatchObject({
      verdict: 'escalate',
      reasonCode: 'agent_firewall.approval_required',
      escalatedBy: { policy: 'agent-firewall', timeoutMs: 60_000, isAboutCall: true, isUnconditional: false },
    });
    expect(policy.output(request(chat('hi')), answerWith(['refund', '{"amount": 5}'])).escalatedBy).toMatchObject({
      policy: 'human-oversight',
    });
  });
});
