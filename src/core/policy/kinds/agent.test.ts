import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { channelOf, compileDocument, createMemory } from '../index.ts';
import { chat, codesOf, compiled, documentOf, request, where } from '../policy.testkit.ts';
import { answerWith, offer, streamedCall } from './tools.testkit.ts';

// The whole chain of an agent with tools (policy-config.md section 10.3).

const document: JsonObject = {
  pack: { name: 'harbor-ops-agent', version: '0.9.0', enabled: true },
  policies: {
    chain: ['prompt-injection', 'tool-validation', 'tool-security', 'tool-budget', 'agent-firewall', 'audit-logger'],
  },
  policy: {
    'prompt-injection': {},
    'tool-validation': {
      declared_tools: ['search_orders', 'create_refund'],
      schemas: {
        create_refund: {
          type: 'object',
          required: ['order_id', 'amount'],
          properties: { order_id: { type: 'string' }, amount: { type: 'number', maximum: 200 } },
        },
      },
    },
    'tool-security': { analysis_mode: 'local', blocked_entity_types: ['pan', 'jwt', 'private_key'] },
    'tool-budget': { budgets: { search_orders: { max_tokens: 40_000 }, create_refund: { max_tokens: 4000 } } },
    'agent-firewall': {
      tools: { roles: { support: { allowed: ['search_orders', 'create_refund'] } } },
      rate_limits: { default: 30, create_refund: 3 },
      max_actions_per_session: 60,
      transaction_limits: { max_single_transaction: 200, max_daily_total: 1500, require_approval_above: 100 },
      kill_switches: { max_errors_before_halt: 4 },
    },
    'audit-logger': {},
  },
  providers: {
    targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o', secret_key_ref: { env: 'HARBOR_OPENAI_KEY' } }],
  },
  token_rate_limit: { max_tokens: 250_000, window_seconds: 3600, scope: 'global' },
};

const facts = { role: 'support' };
const refund = (amount: number, order = 'o-1'): readonly [string, string] => [
  'create_refund',
  JSON.stringify({ order_id: order, amount }),
];

describe('the agent with tools of the reference', () => {
  it('loads', () => expect(codesOf(document)).toEqual([]));

  it.each<[string, readonly [string, string], string | null]>([
    ['a search', ['search_orders', '{"q":"tea"}'], null],
    ['a refund', refund(99.5), null],
    ['another tool', ['delete_order', '{}'], 'tool_validation.undeclared'],
    ['too large a refund', refund(201), 'tool_validation.arguments_invalid'],
    ['a card number', refund(5, '4111 1111 1111 1111'), 'tool_security.sensitive_data'],
    ['an attack', ['search_orders', '{"q":"x; rm -rf /"}'], 'tool_security.command_injection'],
    [
      'too much text',
      ['create_refund', JSON.stringify({ order_id: 'o'.repeat(16_001), amount: 5 })],
      'tool_budget.exceeded',
    ],
    ['a refund that needs an approval', refund(150), 'agent_firewall.approval_required'],
  ])('decides on %s, whole and streamed', (_, call, reason) => {
    expect(compiled(document).output(request(chat('hi'), facts), answerWith(call)).reasonCode).toBe(reason);
    const { sent, outcome } = streamedCall(compiled(document), ...call, request(chat('hi'), facts));
    const goesOn = reason === null || outcome.verdict === 'escalate';
    expect([outcome.reasonCode, sent]).toEqual([reason, goesOn ? call[1] : '']);
  });

  it('limits refunds a minute, and tools to the role', () => {
    const policy = compiled(document);
    const reasons = [1, 2, 3, 4].map(
      (amount) => policy.output(request(chat('hi'), facts), answerWith(refund(amount))).reasonCode,
    );
    expect(reasons).toEqual([null, null, null, 'agent_firewall.rate_limited']);
    expect(policy.input(request(offer('search_orders'), facts)).verdict).toBe('allow');
    expect(policy.input(request(offer('search_orders'))).reasonCode).toBe('agent_firewall.tool_denied');
  });
});

describe('a streamed answer with several calls', () => {
  const { policies, policy, ...rest } = document as { policies: { chain: string[] }; policy: JsonObject };
  const redacting: JsonObject = {
    ...rest,
    policies: { chain: ['dlp-filter', ...policies.chain] },
    policy: { ...policy, 'dlp-filter': { blocked_terms: ['Larkspur'] } },
  };
  const text = fc.oneof(
    fc.constantFrom('tea', 'Larkspur', '../etc', '4111 1111 1111 1111', 'ana@acme.example', 'x; rm -rf /', '"\\'),
    fc.string({ maxLength: 8 }),
  );
  const given = fc.oneof(
    fc.record({ q: text }),
    fc.record({ order_id: text, amount: fc.constantFrom(5, 99, 150, 250) }),
    fc.constant({}),
  );
  const call = fc.record({
    name: fc.constantFrom('search_orders', 'search_orders', 'create_refund', 'create_refund', 'delete_order'),
    text: given.map((value) => JSON.stringify(value)),
    cut: fc.array(fc.nat({ max: 60 }), { maxLength: 6 }),
  });

  it('is decided like the whole one, and lets out each call whole or not at all, however it is cut', () => {
    const seen = new Set<string | null>();
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 3 }), (calls) => {
        const asking = request(chat('hi'), facts);
        const whole = compiled(redacting).output(
          asking,
          answerWith(...calls.map((one) => [one.name, one.text] as const)),
        );
        const scanner = compiled(redacting).stream(asking);
        const sent = calls.map(({ name, text: whole, cut }, index) => {
          const channel = channelOf(0, 'arguments', index);
          const edges = [...cut, whole.length].sort((a, b) => a - b);
          const early = edges
            .map((edge, at) => scanner?.push(channel, whole.slice(edges[at - 1] ?? 0, edge)).emit)
            .join('');
          expect(early).toBe('');
          return scanner?.end(channel, { id: null, name }).emit;
        });
        const outcome = scanner?.outcome();
        // Of a whole answer each policy judges all calls before the next one does, so another may be the first to refuse.
        expect(outcome?.verdict).toBe(whole.verdict);
        seen.add(whole.reasonCode);
        if (whole.verdict !== 'block') {
          const [{ message }] = (
            whole.body as { choices: [{ message: { tool_calls: { function: { arguments: string } }[] } }] }
          ).choices;
          expect(sent).toEqual(message.tool_calls.map((one) => one.function.arguments));
        } else {
          const refused = sent.findIndex((piece, index) => piece === '' && calls[index]?.text !== '');
          expect(sent.slice(refused).join('')).toBe('');
        }
      }),
      { numRuns: 120 },
    );
    expect(seen.size).toBeGreaterThan(6);
  });
});

describe('counts', () => {
  it('go on when a document takes the place of another, and begin anew with another memory', () => {
    const memory = createMemory(() => 0);
    const policyOf = (book: typeof memory) => {
      const result = compileDocument(documentOf('agent-firewall', { max_actions_per_session: 1 }), {
        where,
        memory: book,
      });
      if (!result.ok) throw new Error('refused');
      return result.value;
    };
    const call = (book: typeof memory) =>
      policyOf(book).output(request(chat('hi')), answerWith(['search', '{}'])).verdict;
    expect([call(memory), call(memory), call(createMemory(() => 0))]).toEqual(['allow', 'block', 'allow']);
  });
});
