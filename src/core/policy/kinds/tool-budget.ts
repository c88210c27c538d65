import type { PolicyToolBudget } from '../generated/types.ts';
import { validatePolicyToolBudget } from '../generated/validators.js';
import { fingerprint, type Memory } from '../run/memory.ts';
import { resultsOfRequest, type ToolCall, type ToolResult } from '../text/calls.ts';
import { ALLOW, policyKind, type StepResult } from './kind.ts';
import { SESSION_HEADER, SESSION_NOTE, type Session, sessionOf } from './session.ts';
import schema from './tool-budget.schema.json' with { type: 'json' };
import { keysOf, reportPatterns } from './tools.ts';

export const toolBudget = policyKind<PolicyToolBudget>({
  kind: 'tool-budget',
  phases: ['input', 'output'],
  namespace: 'tool_budget',
  controls: ['OWASP LLM 2026/03', 'OWASP LLM 2026/06'],
  schema,
  validate: validatePolicyToolBudget,
  notes: [
    '`budgets` by the exact name of a tool: at most `max_tokens` of arguments and results together in one session, else `tool_budget.exceeded`; other tools are not limited. Arguments count when an answer, whole or streamed, asks for the call, results when a request first brings them, also if the answer or the request is refused for something else. A call whose arguments would go beyond the budget is refused; so is a request with results of a tool beyond its budget.',
    'A token is counted for every four bytes of UTF-8, which is an estimate: no tokenizer is run. Of results that are no text their JSON is counted; the `output` of an item whose type ends in `_call` (`mcp_call`) is a result too. A result that no call in the same request explains is refused (`tool_budget.result_unassigned`), because nobody knows whose budget it spends.',
    SESSION_NOTE,
    '`max_cost_usd` is refused by name.',
  ],
  compile: (config, { pointer, report }) => {
    const budgets = new Map(Object.entries(config.budgets ?? {}).map(([name, { max_tokens: most }]) => [name, most]));
    reportPatterns(keysOf(budgets.keys(), `${pointer}/budgets`), report);
    return {
      headersRead: [SESSION_HEADER],
      input: ({ facts, body, memory }) =>
        budgets.size === 0 ? ALLOW : judgeResults(resultsOfRequest(body), budgets, { memory, ...sessionOf(facts) }),
      call: (call, { facts, memory }) => judgeCall(call, budgets.get(call.name), { memory, ...sessionOf(facts) }),
    };
  },
});

/** The counts of one session. */
interface Counts extends Session {
  readonly memory: Memory;
}

const spend = ({ memory, key, windowSeconds }: Counts, tool: string, tokens: number): number =>
  memory.add(`spent ${key} ${tool}`, tokens, windowSeconds);

const refuse = (reason: string, message: string): StepResult => ({
  verdict: 'block',
  reasonCode: `tool_budget.${reason}`,
  redactions: 0,
  message,
});
const exceeded = refuse('exceeded', 'The budget of a tool is used up in this session.');
const unassigned = refuse('result_unassigned', 'The request brings the result of a tool call that it does not hold.');

function judgeCall(call: ToolCall, most: number | undefined, counts: Counts): StepResult {
  if (most === undefined) return ALLOW;
  const tokens = tokensOf(call.arguments);
  if (spend(counts, call.name, 0) + tokens > most) return exceeded;
  spend(counts, call.name, tokens);
  return ALLOW;
}

function judgeResults(
  results: readonly ToolResult[],
  budgets: ReadonlyMap<string, number>,
  counts: Counts,
): StepResult {
  const brought = new Set<string>();
  for (const { callId, name, text } of results) {
    if (name === null) return unassigned;
    if (!budgets.has(name)) continue;
    brought.add(name);
    // A conversation brings all of its past again each time.
    const mark = `seen ${counts.key} ${fingerprint(`${callId} ${name} ${text}`)}`;
    if (counts.memory.add(mark, 1, counts.windowSeconds) === 1) spend(counts, name, tokensOf(text));
  }
  return [...brought].some((name) => spend(counts, name, 0) > (budgets.get(name) ?? 0)) ? exceeded : ALLOW;
}

const utf8 = new TextEncoder();

/** An estimate: four bytes of UTF-8 to a token. */
const tokensOf = (text: string): number => Math.ceil(utf8.encode(text).length / 4);
