import type { JsonObject } from '../../src/core/model/index.ts';
import { answerWith, historyWith, offer } from '../../src/core/policy/kinds/tools.testkit.ts';
import { target } from '../../src/core/policy/policy.testkit.ts';
import { type Act, type KindProbes, type Probe, probe } from './probe.testkit.ts';

// Kinds that look at who asks, at tools and at targets.

const call = (name: string, given: string, atMs = 0): Act => ({
  answer: answerWith([name, given]),
  facts: CLERK,
  atMs,
});
const CLERK = { role: 'clerk', headers: new Map([['x-user-id', 'ana']]) };
const ROLE = (roles: JsonObject): JsonObject => ({ deny_if_missing: [], roles });
const AS_CLERK: Act = { ask: offer('read', 'send'), facts: CLERK };

const providers = (...targets: readonly JsonObject[]): JsonObject => ({ providers: { targets: [...targets] } });
const THREE = providers(
  target({ id: 'none' }),
  target({ id: 'trained', data_policy: { training_opt_out: false, retention_days: 5 } }),
  target({ id: 'some', data_policy: { training_opt_out: true, retention_days: 30 } }),
  target({ id: 'zero', zdr: true, data_policy: { training_opt_out: true, retention_days: 0 } }),
);
const routed = (field: string, from: JsonObject, to: JsonObject): Probe => ({
  ...{ field, from, to, acts: [{ ask: 'hi' }], more: THREE },
});

const from = (agent: string, user: string): Act => ({
  ask: 'hi',
  facts: {
    headers: new Map([
      ['user-agent', agent],
      ['x-user-id', user],
    ]),
  },
});
const bot = (more: JsonObject): JsonObject => ({
  fingerprint_fields: ['User-Agent', 'X-User-ID'],
  max_requests_per_window: 2,
  action: 'block',
  ...more,
});
const THRICE = [from('a', 'x'), from('a', 'x'), from('a', 'x')];
const THRICE_LIKE = [from('a', 'x'), from('a', 'y'), from('a', 'z')];

const paid = (amount: number): Act => call('pay', `{"amount":${amount}}`);
const transactions = (more: JsonObject): JsonObject => ({
  transaction_limits: { max_single_transaction: 1000, max_daily_total: 2000, require_approval_above: 500, ...more },
});
const halts = (more: JsonObject): JsonObject => ({
  tools: { roles: { clerk: { allowed: ['read', 'pay'] } } },
  kill_switches: {
    max_errors_before_halt: 5,
    halt_on_pii_in_action: false,
    halt_on_suspicious_pattern: false,
    ...more,
  },
});
const AGAIN: Act = { ask: 'hi', facts: CLERK };
const budget = (tokens: number): JsonObject => ({ budgets: { read: { max_tokens: tokens } } });
const NUMBER = { type: 'object', properties: { n: { type: 'number' } } };
const TEXT = { type: 'object', properties: { n: { type: 'string' } } };

export const ACCESS_PROBES: KindProbes = {
  rbac: [
    probe('deny_if_missing', { deny_if_missing: [] }, { deny_if_missing: ['X-Team'] }, { ask: 'hi' }),
    probe(
      'require_auth',
      { deny_if_missing: [], require_auth: false },
      { deny_if_missing: [], require_auth: true },
      {
        ask: 'hi',
        facts: { authenticated: false, token: null },
      },
    ),
    probe(
      'roles.*.allowed_tools',
      ROLE({ clerk: { allowed_tools: ['read'] } }),
      ROLE({ clerk: { allowed_tools: ['read', 'send'] } }),
      AS_CLERK,
    ),
    probe(
      'roles.*.denied_tools',
      ROLE({ clerk: { allowed_tools: ['*'], denied_tools: ['send'] } }),
      ROLE({ clerk: { allowed_tools: ['*'], denied_tools: ['other'] } }),
      AS_CLERK,
    ),
  ],
  'audit-logger': [
    probe('immutable', { immutable: true }, { immutable: false }, { ask: 'hi' }),
    probe('log_all_access', { log_all_access: true }, { log_all_access: false }, { ask: 'hi' }),
  ],
  'data-routing-policy': [
    routed(
      'require_zero_data_retention',
      { require_no_training: true },
      { require_no_training: true, require_zero_data_retention: true },
    ),
    routed('require_no_training', { max_retention_days: 90 }, { max_retention_days: 90, require_no_training: true }),
    routed('max_retention_days', { max_retention_days: 7 }, { max_retention_days: 40 }),
    routed(
      'on_no_compliant_provider',
      { require_no_training: true, on_no_compliant_provider: 'block' },
      { require_no_training: true, on_no_compliant_provider: 'warn' },
    ),
    routed(
      'log_provider_selection',
      { require_no_training: true, log_provider_selection: true },
      { require_no_training: true, log_provider_selection: false },
    ),
  ],
  'bot-detector': [
    probe('fingerprint_fields', bot({}), bot({ fingerprint_fields: ['User-Agent'] }), ...THRICE_LIKE),
    probe(
      'profile_window_seconds',
      bot({ profile_window_seconds: 60 }),
      bot({ profile_window_seconds: 600 }),
      ...THRICE.slice(1),
      {
        ...from('a', 'x'),
        atMs: 90_000,
      },
    ),
    probe('similarity_threshold', bot({ similarity_threshold: 1 }), bot({ similarity_threshold: 0.5 }), ...THRICE_LIKE),
    probe('max_requests_per_window', bot({}), bot({ max_requests_per_window: 3 }), ...THRICE),
    probe('action', bot({ action: 'warn' }), bot({ action: 'block' }), ...THRICE),
  ],
  'tool-validation': [
    probe(
      'declared_tools',
      { declared_tools: ['read'] },
      { declared_tools: ['read', 'send'] },
      AS_CLERK,
      call('send', '{}'),
    ),
    probe('schemas', { schemas: { read: NUMBER } }, { schemas: { read: TEXT } }, call('read', '{"n":1}')),
    probe(
      'allow_undeclared',
      { declared_tools: ['read'], allow_undeclared: false },
      { declared_tools: ['read'], allow_undeclared: true },
      AS_CLERK,
      call('send', '{}'),
    ),
  ],
  'tool-security': [
    probe('analysis_mode', { analysis_mode: 'local' }, { analysis_mode: 'external' }, call('read', '{}')),
    probe('fail_closed', { fail_closed: true }, { fail_closed: false }, call('read', '{}')),
    probe(
      'blocked_entity_types',
      { blocked_entity_types: ['ssn'] },
      { blocked_entity_types: ['pan'] },
      call('read', '{"a":"536-22-1234"}'),
    ),
    probe('blocked_patterns', {}, { blocked_patterns: ['offshore'] }, call('read', '{"a":"to offshore"}')),
  ],
  'tool-budget': [
    probe('budgets.*.max_tokens', budget(3), budget(300), call('read', '{"path":"a long argument"}'), {
      ask: historyWith([['read', '{}']], ['a result that is long enough']),
    }),
  ],
  'agent-firewall': [
    probe(
      'allowed_tools',
      { allowed_tools: ['read'] },
      { allowed_tools: ['read', 'send'] },
      AS_CLERK,
      call('send', '{}'),
    ),
    probe('blocked_tools', { blocked_tools: ['send'] }, { blocked_tools: ['other'] }, AS_CLERK, call('send', '{}')),
    probe(
      'max_actions_per_session',
      { max_actions_per_session: 1 },
      { max_actions_per_session: 2 },
      call('read', '{}'),
      call('read', '{}'),
    ),
    probe(
      'tools.roles.*.allowed',
      { tools: { roles: { clerk: { allowed: ['read'] } } } },
      { tools: { roles: { clerk: { allowed: ['read', 'send'] } } } },
      AS_CLERK,
    ),
    probe(
      'tools.roles.*.denied',
      { tools: { roles: { clerk: { allowed: ['*'], denied: ['send'] } } } },
      { tools: { roles: { clerk: { allowed: ['*'], denied: ['other'] } } } },
      AS_CLERK,
    ),
    probe(
      'rate_limits.*',
      { rate_limits: { read: 1 } },
      { rate_limits: { read: 2 } },
      call('read', '{}'),
      call('read', '{}'),
    ),
    probe(
      'transaction_limits.max_single_transaction',
      transactions({ require_approval_above: 5000 }),
      transactions({ require_approval_above: 5000, max_single_transaction: 100 }),
      paid(400),
    ),
    probe(
      'transaction_limits.max_daily_total',
      transactions({}),
      transactions({ max_daily_total: 500 }),
      paid(400),
      paid(400),
    ),
    probe(
      'transaction_limits.require_approval_above',
      transactions({}),
      transactions({ require_approval_above: 300 }),
      paid(400),
    ),
    probe(
      'kill_switches.max_errors_before_halt',
      halts({}),
      halts({ max_errors_before_halt: 1 }),
      call('send', '{}'),
      AGAIN,
    ),
    probe(
      'kill_switches.halt_on_pii_in_action',
      halts({}),
      halts({ halt_on_pii_in_action: true }),
      call('read', '{"to":"ana@mail.example"}'),
      AGAIN,
    ),
    probe(
      'kill_switches.halt_on_suspicious_pattern',
      halts({}),
      halts({ halt_on_suspicious_pattern: true }),
      call('read', '{"p":"../../etc/passwd"}'),
      AGAIN,
    ),
  ],
};
