import { pointerStep } from '../../model/index.ts';
import { dangerIn } from '../detect/dangers.ts';
import { isFoundIn, TextView } from '../detect/detector.ts';
import { PAYMENT, PERSONAL } from '../detect/personal.ts';
import type { PolicyAgentFirewall } from '../generated/types.ts';
import { validatePolicyAgentFirewall } from '../generated/validators.js';
import { fingerprint, type Memory } from '../run/memory.ts';
import { resultsOfRequest, type ToolCall, textsOfCall } from '../text/calls.ts';
import { toolsOf } from '../text/tools.ts';
import type { RequestFacts } from '../types.ts';
import schema from './agent-firewall.schema.json' with { type: 'json' };
import { AMOUNT_NOTE, amountOf } from './amounts.ts';
import { ALLOW, type CompileContext, policyKind, type StepResult } from './kind.ts';
import { callerOf, SESSION_HEADER, SESSION_NOTE, sessionOf } from './session.ts';
import { itemsOf, keysOf, NAMES_NOTE, reportPatterns } from './tools.ts';

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

export const agentFirewall = policyKind<PolicyAgentFirewall>({
  kind: 'agent-firewall',
  phases: ['input', 'output'],
  namespace: 'agent_firewall',
  controls: ['OWASP LLM 2026/03'],
  schema,
  validate: validatePolicyAgentFirewall,
  notes: [
    'Exactly one of two shapes: `allowed_tools` (default all) and `blocked_tools` (stronger), or `tools.roles`, `rate_limits`, `transaction_limits` and `kill_switches`; `max_actions_per_session` (500 by default) in both. Names are exact, `*` means all tools, patterns are refused. Judged are the tools that a request offers (`agent_firewall.tool_denied`), and each call of an answer, whole and streamed, before anything of it goes out. Calls that a request tells of from earlier turns are not judged again.',
    NAMES_NOTE,
    '`tools.roles`: the role is the one that the token manifest gives to the verified token, never a header. Without a token, or with a role that is not listed, every tool is denied. Without `tools` no tool is denied by its name.',
    '`rate_limits` count the calls of one token a minute, each tool for itself; a tool that is not named has the limit `default` (60 when there is none): `agent_firewall.rate_limited`. `max_actions_per_session`: `agent_firewall.session_exhausted`. A call that is refused does not count; one that is allowed counts, also if the answer is withheld for something else.',
    '`transaction_limits` (what is not written has its default: 10000, 50000, 5000): `agent_firewall.transaction_too_large`, `agent_firewall.daily_total_exceeded` (per token and day, UTC), `agent_firewall.approval_required`. An answer with a transaction above `require_approval_above` waits for a reviewer of the org (docs/escalations.md); a stream is held whole for it where there are `transaction_limits`. A transaction that waits counts at once, also if it is denied.',
    AMOUNT_NOTE,
    '`kill_switches` (what is not written has its default: 5, true, true) halt a session, which then has every request refused: `agent_firewall.halted`. Errors are calls that this policy refused and results that say that they failed (`is_error`, which only the shape of Anthropic has). Personal data are those of `pii-detector` with its default types (`agent_firewall.pii_in_action`), suspicious patterns the attack shapes of `tool-security` (`agent_firewall.suspicious_pattern`); either halts at once. Without `kill_switches` nothing halts.',
    SESSION_NOTE,
    '`monitoring` is refused by name.',
  ],
  compile: (config, context) => {
    reportShapes(config, context);
    reportNames(config, context);
    const rules = rulesOf(config);
    return {
      headersRead: [SESSION_HEADER],
      mayEscalate: rules.money !== null,
      input: ({ facts, body, memory }) => {
        const counts = countsOf(facts, memory);
        if (rules.switches !== null) countFailures(resultsOfRequest(body), counts);
        if (isHalted(rules, counts)) return refuse('halted');
        return toolsOf(body).every((name) => rules.allows(name, facts.role)) ? ALLOW : refuse('tool_denied');
      },
      call: (call, { facts, memory }) => judge(call, { rules, role: facts.role, counts: countsOf(facts, memory) }),
    };
  },
});

interface Rules {
  readonly allows: (tool: string, role: string | null) => boolean;
  readonly mostActions: number;
  /** Calls a minute of a tool; infinite without limits. */
  readonly mostAMinute: (tool: string) => number;
  readonly money: { readonly single: number; readonly daily: number; readonly approval: number } | null;
  readonly switches: { readonly errors: number; readonly onPersonal: boolean; readonly onSuspicious: boolean } | null;
}

function rulesOf(config: PolicyAgentFirewall): Rules {
  const { rate_limits: rates, transaction_limits: money, kill_switches: switches } = config;
  const limits = new Map(Object.entries(rates ?? {}));
  return {
    allows: allowance(config),
    mostActions: config.max_actions_per_session ?? 500,
    mostAMinute: (tool) =>
      rates === undefined ? Number.POSITIVE_INFINITY : (limits.get(tool) ?? limits.get('default') ?? 60),
    money:
      money === undefined
        ? null
        : {
            single: money.max_single_transaction ?? 10_000,
            daily: money.max_daily_total ?? 50_000,
            approval: money.require_approval_above ?? 5000,
          },
    switches:
      switches === undefined
        ? null
        : {
            errors: switches.max_errors_before_halt ?? 5,
            onPersonal: switches.halt_on_pii_in_action ?? true,
            onSuspicious: switches.halt_on_suspicious_pattern ?? true,
          },
  };
}

const includes = (names: readonly string[], tool: string): boolean => names.includes('*') || names.includes(tool);

function allowance({
  allowed_tools: allowed = ['*'],
  blocked_tools: blocked = [],
  tools,
}: PolicyAgentFirewall): Rules['allows'] {
  if (tools === undefined) return (tool) => includes(allowed, tool) && !includes(blocked, tool);
  const roles = new Map(Object.entries(tools.roles));
  return (tool, role) => {
    const own = role === null ? undefined : roles.get(role);
    return own !== undefined && includes(own.allowed, tool) && !includes(own.denied ?? [], tool);
  };
}

/** The counts of one session and of its caller; each adds and answers the sum. */
interface Counts {
  readonly actions: (amount: number) => number;
  readonly errors: (amount: number) => number;
  readonly halts: (amount: number) => number;
  readonly failures: (mark: string) => number;
  readonly minute: (tool: string, amount: number) => number;
  readonly cents: (amount: number) => number;
}

function countsOf(facts: RequestFacts, memory: Memory): Counts {
  const { key, windowSeconds } = sessionOf(facts);
  const caller = callerOf(facts.token);
  const inSession =
    (name: string) =>
    (amount: number): number =>
      memory.add(`${name} ${key}`, amount, windowSeconds);
  return {
    actions: inSession('actions'),
    errors: inSession('errors'),
    halts: inSession('halts'),
    failures: (mark) => inSession(`failure ${mark}`)(1),
    minute: (tool, amount) => memory.add(`minute ${caller} ${tool}`, amount, MINUTE_SECONDS),
    cents: (amount) => memory.add(`cents ${caller}`, amount, DAY_SECONDS),
  };
}

const isHalted = ({ switches }: Rules, counts: Counts): boolean =>
  switches !== null && (counts.halts(0) > 0 || counts.errors(0) >= switches.errors);

/** Counts each result once that says that the tool failed: a conversation brings all of its past again each time. */
function countFailures(results: ReturnType<typeof resultsOfRequest>, counts: Counts): void {
  for (const { isError, callId, text } of results) {
    if (isError && counts.failures(fingerprint(`${callId} ${text}`)) === 1) counts.errors(1);
  }
}

interface Judging {
  readonly rules: Rules;
  readonly role: string | null;
  readonly counts: Counts;
}

function judge(call: ToolCall, judging: Judging): StepResult {
  const { rules, counts } = judging;
  const reason = isHalted(rules, counts) ? 'halted' : faultOf(call, judging);
  if (reason === null) return ALLOW;
  if (reason === 'approval_required') return { ...refuse(reason), verdict: 'escalate' };
  if (rules.switches !== null && reason !== 'halted') counts.errors(1);
  return refuse(reason);
}

/** Why a call is refused or a person asked; null when it is allowed. What is not refused is counted. */
function faultOf(call: ToolCall, { rules, role, counts }: Judging): Reason | null {
  if (!rules.allows(call.name, role)) return 'tool_denied';
  const harm = harmIn(call, rules);
  if (harm !== null) {
    counts.halts(1);
    return harm;
  }
  if (counts.minute(call.name, 0) >= rules.mostAMinute(call.name)) return 'rate_limited';
  if (counts.actions(0) >= rules.mostActions) return 'session_exhausted';
  const fault = moneyFault(call, rules, counts);
  if (fault !== null && fault !== 'approval_required') return fault;
  counts.minute(call.name, 1);
  counts.actions(1);
  return fault;
}

function harmIn(call: ToolCall, { switches }: Rules): Reason | null {
  if (switches === null) return null;
  const texts = textsOfCall(call);
  if (switches.onPersonal && [...texts, call.arguments].some(hasPersonal)) return 'pii_in_action';
  return switches.onSuspicious && texts.some((text) => dangerIn(text) !== null) ? 'suspicious_pattern' : null;
}

function hasPersonal(text: string): boolean {
  const view = new TextView(text);
  return [...PERSONAL, ...PAYMENT].some((detector) => isFoundIn(detector, view));
}

/** Why the amount of a call is refused or a person asked; null when it is allowed. What is not refused is counted. */
function moneyFault(call: ToolCall, { money }: Rules, counts: Counts): Reason | null {
  if (money === null) return null;
  const amount = amountOf(call.arguments);
  if (amount === null) return null;
  if (amount === 'unreadable') return 'amount_unreadable';
  if (amount > money.single) return 'transaction_too_large';
  // In whole cents, so that sums are exact; a part of one counts as one.
  const cents = Math.ceil(amount * 100 - 1e-6);
  if (counts.cents(0) + cents > money.daily * 100) return 'daily_total_exceeded';
  counts.cents(cents);
  return amount > money.approval ? 'approval_required' : null;
}

const MESSAGES = {
  tool_denied: 'A tool is not allowed here.',
  rate_limited: 'A tool is called too often.',
  session_exhausted: 'This session has used all of its tool calls.',
  amount_unreadable: 'The amount of a transaction cannot be read.',
  transaction_too_large: 'A transaction is larger than allowed.',
  approval_required: 'A person has to approve a transaction.',
  daily_total_exceeded: 'The transactions of this day are more than allowed.',
  pii_in_action: 'A tool call holds personal data.',
  suspicious_pattern: 'A tool call looks like an attack.',
  halted: 'This session has been halted.',
};
type Reason = keyof typeof MESSAGES;

const refuse = (reason: Reason): StepResult => ({
  verdict: 'block',
  reasonCode: `agent_firewall.${reason}`,
  redactions: 0,
  message: MESSAGES[reason],
});

const EXPANDED = ['tools', 'rate_limits', 'transaction_limits', 'kill_switches'] as const;
const SIMPLE = ['allowed_tools', 'blocked_tools'] as const;

/** One document has one shape: of two, nobody knows which one holds. */
function reportShapes(config: PolicyAgentFirewall, { pointer, report }: CompileContext): void {
  const expanded = EXPANDED.filter((key) => config[key] !== undefined);
  for (const key of SIMPLE) {
    if (config[key] === undefined || expanded.length === 0) continue;
    report('POLICY_FIREWALL_SHAPES', `${pointer}/${key}`, {
      message: 'agent-firewall has two shapes at once.',
      expected: `either ${SIMPLE.join(' and ')}, or ${EXPANDED.join(', ')}`,
      found: `${key} beside ${expanded.join(', ')}`,
      at: 'key',
    });
  }
}

function reportNames(config: PolicyAgentFirewall, { pointer, report }: CompileContext): void {
  const lists = SIMPLE.flatMap((key) => itemsOf(config[key] ?? [], `${pointer}/${key}`));
  const roles = Object.entries(config.tools?.roles ?? {}).flatMap(([role, { allowed, denied = [] }]) => {
    const at = `${pointer}/tools/roles/${pointerStep(role)}`;
    return [...itemsOf(allowed, `${at}/allowed`), ...itemsOf(denied, `${at}/denied`)];
  });
  const rates = keysOf(Object.keys(config.rate_limits ?? {}), `${pointer}/rate_limits`);
  reportPatterns([...[...lists, ...roles].filter(({ name }) => name !== '*'), ...rates], report);
}
