import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { chat, codesOf, compiled, documentOf, request } from '../policy.testkit.ts';
import type { CompiledPolicy, RequestFacts } from '../types.ts';
import { answerWith, historyWith, offer, streamedCall } from './tools.testkit.ts';

const KIND = 'agent-firewall';
const policyOf = (settings: JsonObject, nowMs: () => number = () => 0) => compiled(documentOf(KIND, settings), nowMs);
const support: Partial<RequestFacts> = { role: 'support' };
const args = (value: unknown): string => JSON.stringify(value);

/** Why a call is refused, without the namespace; whole or streamed. */
const called = (policy: CompiledPolicy, name: string, given = '{}', facts: Partial<RequestFacts> = {}): string | null =>
  bare(policy.output(request(chat('hi'), facts), answerWith([name, given])).reasonCode);
const asked = (policy: CompiledPolicy, body: JsonObject, facts: Partial<RequestFacts> = {}): string | null =>
  bare(policy.input(request(body, facts)).reasonCode);
const bare = (reason: string | null): string | null => reason?.replace(/^agent_firewall\./, '') ?? null;
const times = (count: number, run: () => string | null): readonly (string | null)[] =>
  Array.from({ length: count }, run);

describe('agent-firewall with lists of tools', () => {
  it.each<[JsonObject, string, string | null]>([
    [{}, 'anything', null],
    [{ allowed_tools: ['search'] }, 'search', null],
    [{ allowed_tools: ['search'] }, 'refund', 'tool_denied'],
    [{ allowed_tools: ['search'] }, 'Search', 'tool_denied'],
    [{ allowed_tools: [] }, 'search', 'tool_denied'],
    [{ blocked_tools: ['refund'] }, 'refund', 'tool_denied'],
    [{ blocked_tools: ['refund'] }, 'search', null],
    [{ allowed_tools: ['refund'], blocked_tools: ['refund'] }, 'refund', 'tool_denied'],
    [{ blocked_tools: ['*'] }, 'search', 'tool_denied'],
  ])('%j judges %s as offered, called and streamed: %s', (settings, name, reason) => {
    const policy = policyOf(settings);
    expect([asked(policy, offer(name)), called(policy, name)]).toEqual([reason, reason]);
    const { sent, outcome } = streamedCall(policy, name, '{}');
    expect([sent, bare(outcome.reasonCode)]).toEqual([reason === null ? '{}' : '', reason]);
  });

  it('refuses an answer for one of several calls, and a request for one of several tools', () => {
    const policy = policyOf({ blocked_tools: ['refund'] });
    expect(policy.output(request(chat('hi')), answerWith(['search', '{}'], ['refund', '{}'])).verdict).toBe('block');
    expect(asked(policy, offer('search', 'refund'))).toBe('tool_denied');
  });

  it('passes requests without tools, and what earlier turns tell of', () => {
    const policy = policyOf({ blocked_tools: ['refund'] });
    expect([asked(policy, chat('refund')), asked(policy, historyWith([['refund', '{}']], ['done']))]).toEqual([
      null,
      null,
    ]);
  });

  it('counts the actions of a session', () => {
    const policy = policyOf({ max_actions_per_session: 2 });
    const facts = { headers: new Map([['x-conversation-id', 'a']]) };
    expect(times(4, () => called(policy, 'search', '{}', facts))).toEqual([
      null,
      null,
      'session_exhausted',
      'session_exhausted',
    ]);
    expect(called(policy, 'search')).toBeNull();
    expect(policy.headersRead).toContain('x-conversation-id');
    const usual = policyOf({});
    expect(times(501, () => called(usual, 'search')).indexOf('session_exhausted')).toBe(500);
  });
});

describe('agent-firewall with roles and limits', () => {
  it.each<[string, string | null, string, string | null]>([
    ['a tool of the role', 'support', 'search', null],
    ['a tool of another role', 'support', 'deploy', 'tool_denied'],
    ['a denied tool', 'admin', 'drop', 'tool_denied'],
    ['any other tool', 'admin', 'deploy', null],
    ['a role that is not listed', 'guest', 'search', 'tool_denied'],
    ['no role', null, 'search', 'tool_denied'],
    ['a role that every object has', 'constructor', 'search', 'tool_denied'],
  ])('judges %s', (_, role, name, reason) => {
    const policy = policyOf({
      tools: { roles: { support: { allowed: ['search'] }, admin: { allowed: ['*'], denied: ['drop'] } } },
    });
    expect([asked(policy, offer(name), { role }), called(policy, name, '{}', { role })]).toEqual([reason, reason]);
  });

  it('denies no tool by its name without roles, and takes no role from a header', () => {
    const policy = policyOf({ rate_limits: {} });
    expect(called(policy, 'search')).toBeNull();
    const roles = policyOf({ tools: { roles: { support: { allowed: ['search'] } } } });
    const facts = { role: null, headers: new Map([['x-user-role', 'support']]) };
    expect([called(roles, 'search', '{}', facts), called(roles, 'search', '{}', support)]).toEqual([
      'tool_denied',
      null,
    ]);
  });

  it('limits calls of a token a minute, each tool for itself, in whatever session', () => {
    let nowMs = 0;
    const policy = policyOf({ rate_limits: { default: 1, refund: 2 } }, () => nowMs);
    const calls = (): readonly (string | null)[] =>
      ['refund', 'refund', 'refund', 'search', 'search', 'other'].map((name, index) =>
        called(policy, name, '{}', { headers: new Map([['x-conversation-id', `s${index}`]]) }),
      );
    const expected = [null, null, 'rate_limited', null, 'rate_limited', null];
    expect(calls()).toEqual(expected);
    expect(called(policy, 'refund', '{}', { token: 'other' })).toBeNull();
    nowMs = 60_000;
    expect(calls()).toEqual(expected);
    const usual = policyOf({ rate_limits: { refund: 2 } });
    expect(times(61, () => called(usual, 'search')).indexOf('rate_limited')).toBe(60);
  });

  it('limits transactions, one and all of a day', () => {
    let nowMs = 0;
    const limits = { max_single_transaction: 200, max_daily_total: 500, require_approval_above: 100 };
    const policy = policyOf({ transaction_limits: limits }, () => nowMs);
    const pay = (amount: unknown, facts: Partial<RequestFacts> = {}): string | null =>
      called(policy, 'refund', args({ order_id: 'o1', amount }), facts);
    expect([pay(200.01), pay(100.01, { token: 'asking' }), pay(100), pay('12 EUR')]).toEqual([
      'transaction_too_large',
      'approval_required',
      null,
      'amount_unreadable',
    ]);
    expect(called(policy, 'refund', '{"amount": 5')).toBe('amount_unreadable');
    expect([pay(100), pay(100), pay(100), pay(99.99), pay(0.02), pay(0.01)]).toEqual([
      null,
      null,
      null,
      null,
      'daily_total_exceeded',
      null,
    ]);
    expect(pay(1, { headers: new Map([['x-conversation-id', 'new']]) })).toBe('daily_total_exceeded');
    expect(pay(1, { token: 'other' })).toBeNull();
    expect(called(policy, 'search', args({ q: 'amount 9000' }))).toBeNull();
    nowMs = 86_400_000;
    expect(pay(100)).toBeNull();
  });

  it('counts no transaction that it refuses as a call of the minute, and one that waits as one', () => {
    const limits = { max_single_transaction: 200, require_approval_above: 100 };
    const policy = policyOf({ transaction_limits: limits, rate_limits: { refund: 2 } });
    const pay = (amount: number): string | null => called(policy, 'refund', args({ amount }));
    expect([pay(201), pay(202), pay(150), pay(10), pay(10)]).toEqual([
      'transaction_too_large',
      'transaction_too_large',
      'approval_required',
      null,
      'rate_limited',
    ]);
  });

  it('limits transactions by default where there are limits at all', () => {
    const policy = policyOf({ transaction_limits: {} });
    const pay = (amount: number): string | null => called(policy, 'refund', args({ amount }));
    const waits = called(policy, 'refund', args({ amount: 5001 }), { token: 'asking' });
    expect([pay(10_001), waits, pay(5000)]).toEqual(['transaction_too_large', 'approval_required', null]);
    expect(times(10, () => pay(5000)).indexOf('daily_total_exceeded')).toBe(9);
    expect(called(policyOf({ rate_limits: {} }), 'refund', args({ amount: 1e9 }))).toBeNull();
  });

  it('asks for an approval of a transaction, and counts it while it waits', () => {
    const limits = { max_single_transaction: 200, max_daily_total: 200, require_approval_above: 100 };
    const policy = policyOf({ transaction_limits: limits, kill_switches: { max_errors_before_halt: 2 } });
    const answer = answerWith(['refund', args({ amount: 150 })]);
    expect(policy.output(request(chat('hi')), answer)).toMatchObject({
      verdict: 'escalate',
      escalatedBy: { policy: 'agent-firewall', phase: 'output', message: 'A person has to approve a transaction.' },
    });
    expect(called(policy, 'refund', args({ amount: 51 }))).toBe('daily_total_exceeded');
    const streaming = policyOf({ transaction_limits: limits });
    const { sent, outcome } = streamedCall(streaming, 'refund', args({ amount: 150 }));
    expect([sent, outcome.verdict]).toEqual([args({ amount: 150 }), 'escalate']);
    expect(streaming.stream(request(chat('hi')))?.holdsAnswer).toBe(true);
    expect(policyOf({}).stream(request(chat('hi')))?.holdsAnswer).toBe(false);
  });

  it('counts streamed calls and those of whole answers together', () => {
    const policy = policyOf({ rate_limits: { default: 1 } });
    expect(streamedCall(policy, 'search', '{}').sent).toBe('{}');
    expect(called(policy, 'search')).toBe('rate_limited');
    expect(streamedCall(policy, 'search', '{}')).toMatchObject({
      sent: '',
      outcome: { reasonCode: 'agent_firewall.rate_limited' },
    });
  });
});

describe('the kill switches of agent-firewall', () => {
  const denied = (switches: JsonObject) =>
    policyOf({ tools: { roles: { support: { allowed: ['search'] } } }, kill_switches: switches });

  it('halt a session after so many refused calls: its calls and all of its requests', () => {
    const policy = denied({ max_errors_before_halt: 2 });
    const facts = { ...support, headers: new Map([['x-conversation-id', 'a']]) };
    expect(times(3, () => called(policy, 'drop', '{}', facts))).toEqual(['tool_denied', 'tool_denied', 'halted']);
    expect([called(policy, 'search', '{}', facts), asked(policy, chat('hi'), facts)]).toEqual(['halted', 'halted']);
    expect([called(policy, 'search', '{}', support), asked(policy, chat('hi'), support)]).toEqual([null, null]);
    const usual = denied({});
    expect(times(6, () => called(usual, 'drop', '{}', support)).indexOf('halted')).toBe(5);
  });

  it('count results that failed, each once', () => {
    const policy = denied({ max_errors_before_halt: 2 });
    const failed = (...ids: readonly string[]): JsonObject => ({
      messages: [
        { role: 'assistant', content: ids.map((id) => ({ type: 'tool_use', id, name: 'search', input: {} })) },
        {
          role: 'user',
          content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'no', is_error: true })),
        },
      ],
    });
    expect(
      [failed('a'), failed('a'), failed('a'), failed('a', 'b')].map((body) => asked(policy, body, support)),
    ).toEqual([null, null, null, 'halted']);
    expect(
      asked(denied({ max_errors_before_halt: 1 }), historyWith([['search', '{}']], ['an error']), support),
    ).toBeNull();
  });

  it.each<[string, string, JsonObject]>([
    ['pii_in_action', args({ to: 'ana@acme.example' }), { halt_on_pii_in_action: false }],
    ['pii_in_action', '{"card":4111111111111111}', { halt_on_pii_in_action: false }],
    ['suspicious_pattern', args({ path: '../../etc/passwd' }), { halt_on_suspicious_pattern: false }],
  ])('halt at once on %s', (reason, given, off) => {
    const policy = denied({});
    expect([called(policy, 'search', given, support), called(policy, 'search', '{}', support)]).toEqual([
      reason,
      'halted',
    ]);
    expect(asked(policy, chat('hi'), support)).toBe('halted');
    const without = denied(off);
    expect([called(without, 'search', given, support), asked(without, chat('hi'), support)]).toEqual([null, null]);
  });

  it('halt nothing where there are none', () => {
    const policy = policyOf({ tools: { roles: { support: { allowed: ['search'] } } } });
    expect(new Set(times(9, () => called(policy, 'drop', '{}', support)))).toEqual(new Set(['tool_denied']));
    expect(called(policy, 'search', args({ to: 'ana@acme.example', path: '../x' }), support)).toBeNull();
    expect(asked(policy, chat('hi'), support)).toBeNull();
  });
});

describe('a document with agent-firewall', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{ monitoring: { alert_threshold_percent: 80 } }, ['POLICY_UNSUPPORTED_KEY']],
    [{ allowed_tools: ['a'], rate_limits: {} }, ['POLICY_FIREWALL_SHAPES']],
    [
      { allowed_tools: ['a'], blocked_tools: ['b'], tools: { roles: {} } },
      ['POLICY_FIREWALL_SHAPES', 'POLICY_FIREWALL_SHAPES'],
    ],
    [{ allowed_tools: ['code_*', '*'] }, ['POLICY_TOOL_PATTERN']],
    [
      { tools: { roles: { 'a/b': { allowed: ['x?'], denied: ['*', 'y*'] } } }, rate_limits: { 'z*': 1 } },
      ['POLICY_TOOL_PATTERN', 'POLICY_TOOL_PATTERN', 'POLICY_TOOL_PATTERN'],
    ],
    [{ tools: {} }, ['POLICY_SHAPE']],
    [{ tools: { roles: { a: { allowed: [] } } } }, ['POLICY_SHAPE']],
    [{ rate_limits: { a: 0 } }, ['POLICY_SHAPE']],
    [{ transaction_limits: { max_single: 1 } }, ['POLICY_UNKNOWN_KEY']],
    [{ kill_switches: { halt_on_pii_in_action: 'yes' } }, ['POLICY_SHAPE']],
  ])('is refused for %j', (settings, codes) => expect(codesOf(documentOf(KIND, settings))).toEqual(codes));
});
