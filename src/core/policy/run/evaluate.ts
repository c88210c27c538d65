import type { Json, PolicyStep } from '../../model/index.ts';
import { ALLOW, type CompiledStep, type StepResult } from '../kinds/kind.ts';
import { ARGUMENTS_HOLD_LIMIT, callsOfAnswer, isReadable, type ToolCall } from '../text/calls.ts';
import type {
  Blocked,
  Decision,
  Escalated,
  InputOutcome,
  OutputOutcome,
  Phase,
  RequestFacts,
  Target,
} from '../types.ts';
import type { MemoryBook } from './memory.ts';

/** One entry of the chain, ready to run. */
export interface ChainEntry {
  readonly kind: string;
  readonly namespace: string;
  readonly phases: readonly Phase[];
  readonly conditional: boolean;
  readonly step: CompiledStep;
  readonly applies: (facts: RequestFacts) => boolean;
}

/** The part of a compiled document that deciding needs. */
export interface Chain {
  readonly enabled: boolean;
  readonly entries: readonly ChainEntry[];
  readonly targets: readonly Target[];
  readonly nowMicros: () => number;
  /** Of the process that runs it. */
  readonly memory: MemoryBook;
}

interface Notes {
  readonly steps: PolicyStep[];
  readonly warnings: string[];
  redaction: string | null;
  blocked: Blocked | null;
  escalated: Escalated | null;
}

const newNotes = (): Notes => ({ steps: [], warnings: [], redaction: null, blocked: null, escalated: null });

/** Runs the input policies in order; a block stops at once. */
export function runInput(chain: Chain, facts: RequestFacts): InputOutcome {
  const notes = newNotes();
  let { body } = facts;
  let { targets } = chain;
  if (!chain.enabled) notes.blocked = disabled;
  for (const entry of chain.entries) {
    if (notes.blocked !== null) break;
    const { input } = entry.step;
    if (input === undefined || !entry.applies(facts)) continue;
    const result = runStep(chain, entry, notes, {
      phase: 'input',
      run: () => input({ facts, body, targets, memory: chain.memory.of(entry.kind) }),
    });
    body = result.body ?? body;
    targets = result.targets ?? targets;
  }
  return { ...decisionOf(notes), body, targets: targets.map((target) => target.id) };
}

const disabled: Blocked = {
  policy: 'pack',
  phase: 'input',
  reasonCode: 'pack.disabled',
  message: 'The configuration of this gateway is switched off.',
};

/** Runs the output policies in order on a whole answer; a block stops at once and withholds it. */
export function runOutput(chain: Chain, facts: RequestFacts, response: Json): OutputOutcome {
  const notes = newNotes();
  let body = response;
  for (const entry of chain.entries) {
    if (!looksAtAnswers(entry) || !entry.applies(facts)) continue;
    const { output, always } = entry.step;
    const result = runStep(chain, entry, notes, {
      phase: 'output',
      run: () => always ?? output?.(body) ?? judgeCalls(chain, entry, body, facts),
    });
    body = result.body ?? body;
    if (notes.blocked !== null) break;
  }
  return { ...decisionOf(notes), body };
}

/** True for a policy that has anything to say of an answer. */
export const looksAtAnswers = ({ step }: ChainEntry): boolean =>
  step.output !== undefined || step.call !== undefined || step.always !== undefined;

/** The first refusal of a call of the answer, else the first that a person decides about, else the first warning. */
function judgeCalls(chain: Chain, entry: ChainEntry, body: Json, facts: RequestFacts): StepResult {
  let said = ALLOW;
  for (const call of callsOfAnswer(body)) {
    const result = judgeCall(chain, entry, call, facts);
    if (result.verdict === 'block') return result;
    if (said.verdict === 'allow' || (said.verdict === 'warn' && result.verdict === 'escalate')) said = result;
  }
  return said;
}

/** Judges one call of an answer. What cannot be read is refused, and so is everything by a policy that fails. */
export function judgeCall(chain: Chain, entry: ChainEntry, call: ToolCall, facts: RequestFacts): StepResult {
  const { call: judge } = entry.step;
  if (judge === undefined) return ALLOW;
  if (!isReadable(call)) return refusedCall(entry, 'call_unreadable', UNREADABLE);
  if (call.arguments.length > ARGUMENTS_HOLD_LIMIT) return refusedCall(entry, 'arguments_too_long', TOO_LONG);
  return guarded(entry, () => judge(call, { facts, memory: chain.memory.of(entry.kind) }));
}

const UNREADABLE = 'The answer asks for a tool in a way that cannot be read.';
const TOO_LONG = 'The arguments of a tool call are too long to be examined.';

const refusedCall = ({ namespace }: ChainEntry, reason: string, message: string): StepResult => ({
  verdict: 'block',
  reasonCode: `${namespace}.${reason}`,
  redactions: 0,
  message,
});

interface StepRun {
  readonly phase: Phase;
  readonly run: () => StepResult;
}

/** Runs one policy, times it and notes what it did. A policy that fails blocks: nothing passes unexamined. */
function runStep(chain: Chain, entry: ChainEntry, notes: Notes, { phase, run }: StepRun): StepResult {
  const started = chain.nowMicros();
  const result = guarded(entry, run);
  const { verdict, reasonCode, redactions, message = '' } = result;
  const { kind: policy } = entry;
  const durationMicros = chain.nowMicros() - started;
  notes.steps.push({ policy, phase, verdict, ...whatItDid(reasonCode, redactions), durationMicros });
  if (verdict === 'block') notes.blocked = { policy, phase, reasonCode: reasonCode ?? 'blocked', message };
  if (verdict === 'redact') notes.redaction ??= reasonCode;
  if (verdict === 'escalate') notes.escalated = escalatedBy(notes.escalated, entry, phase, result);
  if (verdict === 'warn') notes.warnings.push(message);
  return result;
}

const NOTHING = {};

/** The parts of a step that most steps do not have. */
export function whatItDid(
  reasonCode: string | null,
  redactions: number,
): Pick<PolicyStep, 'reasonCode' | 'redactions'> {
  if (reasonCode === null && redactions === 0) return NOTHING;
  return { ...(reasonCode === null ? {} : { reasonCode }), ...(redactions === 0 ? {} : { redactions }) };
}

function guarded(entry: ChainEntry, run: () => StepResult): StepResult {
  try {
    return run();
  } catch {
    // The error may hold content, so it goes no further.
    const reasonCode = `${entry.namespace}.evaluation_failed`;
    return { verdict: 'block', reasonCode, redactions: 0, message: 'A policy could not be evaluated.' };
  }
}

/** One question for all policies that ask: in the name of the first, for no longer than the shortest. */
export function escalatedBy(
  before: Escalated | null,
  { kind: policy, namespace, step }: ChainEntry,
  phase: Phase,
  result: Pick<StepResult, 'reasonCode' | 'message' | 'timeoutMs'>,
): Escalated {
  const { reasonCode, message = '' } = result;
  const timeoutMs = result.timeoutMs ?? null;
  const asked = {
    ...{ policy, phase, reasonCode: reasonCode ?? `${namespace}.review_required`, message, timeoutMs },
    isAboutCall: phase === 'output' && step.call !== undefined,
  };
  if (before === null) return asked;
  const timeouts = [before.timeoutMs, timeoutMs].filter((limit) => limit !== null);
  return { ...before, timeoutMs: timeouts.length === 0 ? null : Math.min(...timeouts) };
}

function decisionOf({ steps, warnings, redaction, blocked, escalated }: Notes): Decision {
  return { ...concluded(blocked, escalated, redaction), steps, warnings };
}

/** Block beats escalate beats redact. */
export function concluded(
  blockedBy: Blocked | null,
  escalated: Escalated | null,
  redaction: string | null,
): Pick<Decision, 'verdict' | 'reasonCode' | 'blockedBy' | 'escalatedBy'> {
  if (blockedBy !== null) return { verdict: 'block', reasonCode: blockedBy.reasonCode, blockedBy, escalatedBy: null };
  if (escalated !== null)
    return { verdict: 'escalate', reasonCode: escalated.reasonCode, blockedBy, escalatedBy: escalated };
  return { verdict: redaction === null ? 'allow' : 'redact', reasonCode: redaction, blockedBy, escalatedBy: null };
}
