import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { chat, codesOf, compiled, documentOf, findingsOf, request } from '../policy.testkit.ts';
import type { RequestFacts } from '../types.ts';
import { answerWith, historyWith, streamedCall } from './tools.testkit.ts';

const KIND = 'tool-budget';
const settings: JsonObject = { budgets: { search: { max_tokens: 10 } } };
/** A text of so many tokens. */
const tokens = (count: number): string => 'four'.repeat(count);
const session = (name: string, token: string | null = 'bot'): Partial<RequestFacts> => ({
  headers: new Map([['x-conversation-id', name]]),
  token,
});

describe('tool-budget', () => {
  it('counts the arguments of calls on whole answers and streams together', () => {
    const policy = compiled(documentOf(KIND, settings));
    const call = () => policy.output(request(chat('hi')), answerWith(['search', tokens(4)]));
    expect([call().verdict, streamedCall(policy, 'search', tokens(4)).sent]).toEqual(['allow', tokens(4)]);
    expect(call()).toMatchObject({ verdict: 'block', reasonCode: 'tool_budget.exceeded' });
    expect(streamedCall(policy, 'search', tokens(3))).toMatchObject({
      sent: '',
      outcome: { reasonCode: 'tool_budget.exceeded' },
    });
    // What was refused has spent nothing.
    expect(policy.output(request(chat('hi')), answerWith(['search', tokens(2)])).verdict).toBe('allow');
  });

  it('counts each result once, however often the conversation brings it again', () => {
    const policy = compiled(documentOf(KIND, settings));
    const ask = (...results: readonly string[]) =>
      policy.input(
        request(
          historyWith(
            results.map(() => ['search', '{}'] as const),
            results,
          ),
        ),
      ).reasonCode;
    expect(ask(tokens(6))).toBeNull();
    expect(ask(tokens(6))).toBeNull();
    expect(ask(tokens(6), tokens(4))).toBeNull();
    expect(ask(tokens(6), tokens(4), 'more')).toBe('tool_budget.exceeded');
    // The same request is refused again, and one without results of the tool passes.
    expect(ask(tokens(6), tokens(4), 'more')).toBe('tool_budget.exceeded');
    expect(policy.input(request(chat('hi'))).reasonCode).toBeNull();
    expect(policy.output(request(chat('hi')), answerWith(['search', '']))).toMatchObject({
      reasonCode: 'tool_budget.exceeded',
    });
  });

  it('counts bytes of UTF-8, results that are no text as JSON, and arguments with results', () => {
    const policy = compiled(documentOf(KIND, settings));
    expect(policy.output(request(chat('hi')), answerWith(['search', tokens(5)])).verdict).toBe('allow');
    const body = historyWith([['search', '{}']], ['é'.repeat(8)]);
    expect(policy.input(request(body)).verdict).toBe('allow');
    expect(policy.output(request(chat('hi')), answerWith(['search', tokens(2)])).verdict).toBe('block');
    const parts = [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: tokens(1) }] }];
    const messages = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'search', input: {} }] },
      { role: 'user', content: parts },
    ];
    expect(policy.input(request({ messages })).reasonCode).toBe('tool_budget.exceeded');
  });

  it('counts what a provider ran itself', () => {
    const item = { type: 'mcp_call', id: 'm', server_label: 's', name: 'search', arguments: '{}', output: tokens(11) };
    const outcome = compiled(documentOf(KIND, settings)).input(request({ input: [item] }));
    expect(outcome.reasonCode).toBe('tool_budget.exceeded');
  });

  it('limits no other tool, and nothing without budgets', () => {
    const policy = compiled(documentOf(KIND, settings));
    expect(policy.output(request(chat('hi')), answerWith(['other', tokens(100)])).verdict).toBe('allow');
    expect(policy.input(request(historyWith([['other', '{}']], [tokens(100)]))).verdict).toBe('allow');
    const free = compiled(documentOf(KIND, {}));
    expect(free.output(request(chat('hi')), answerWith(['search', tokens(100)])).verdict).toBe('allow');
    expect(free.input(request({ messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] })).verdict).toBe(
      'allow',
    );
  });

  it('refuses a result that no call explains', () => {
    const policy = compiled(documentOf(KIND, settings));
    const body = { messages: [{ role: 'tool', tool_call_id: 'c7', content: 'found' }] };
    expect(policy.input(request(body)).reasonCode).toBe('tool_budget.result_unassigned');
  });

  it('keeps sessions and tokens apart; without a session it counts by day', () => {
    let nowMs = 0;
    const policy = compiled(documentOf(KIND, settings), () => nowMs);
    const spend = (facts: Partial<RequestFacts>) =>
      policy.output(request(chat('hi'), facts), answerWith(['search', tokens(6)])).verdict;
    const ways: readonly Partial<RequestFacts>[] = [
      session('a'),
      session('b'),
      session('a', 'other'),
      session('a', null),
      session('a'.repeat(200)),
      session(`${'a'.repeat(199)}b`),
      session('c d'),
      {},
      { token: null },
      session('  '),
    ];
    expect(ways.map(spend)).toEqual([...ways.slice(1).map(() => 'allow'), 'block']);
    expect(ways.map(spend)).toEqual(ways.map(() => 'block'));
    nowMs = 86_400_000;
    expect([spend(session('a')), spend({})]).toEqual(['block', 'allow']);
    expect(policy.headersRead).toContain('x-conversation-id');
  });

  it.each<[JsonObject, readonly string[]]>([
    [{ budgets: { a: { max_tokens: 5, max_cost_usd: 1 } } }, ['POLICY_UNSUPPORTED_KEY']],
    [{ budgets: { a: {} } }, ['POLICY_SHAPE']],
    [{ budgets: { a: { max_tokens: 0 } } }, ['POLICY_SHAPE']],
    [{ budgets: { 'search_*': { max_tokens: 5 } } }, ['POLICY_TOOL_PATTERN']],
  ])('refuses %j', (one, codes) => expect(codesOf(documentOf(KIND, one))).toEqual(codes));

  it('points at the name of a pattern', () => {
    const [finding] = findingsOf(documentOf(KIND, { budgets: { 'a/*': { max_tokens: 5 } } }));
    expect(finding?.place.file).toBe('/policy/tool-budget/budgets/a~1* (key)');
  });
});
