import type { Json, PolicyStep } from '../../model/index.ts';
import { ALLOW, type CompiledStep, type StepResult } from '../kinds/kind.ts';
import { ARGUMENTS_HOLD_LIMIT, callsOfAnswer, isReadable, type ToolCall } from '../text/calls.ts';
import { withoutEcho } from '../text/echo.ts';
import { saidTexts } from '../text/said.ts';
import type {
  AnswerDecision,
  Blocked,
  Decision,
  Escalated,
  InputOutcome,
  OutputOutcome,
  Phase,
  Question,
  RequestFacts,
  ServiceReply,
  Target,
} from '../types.ts';
import { type Asked, askedBy, asksIn, questionsOf, type Subject, saidWith } from './inquiry.ts';
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
  headers: AnswerDecision['headers'];
}

const NO_HEADERS: AnswerDecision['headers'] = {};

const newNotes = (): Notes => ({
  steps: [],
  warnings: [],
  redaction: null,
  blocked: null,
  escalated: null,
  headers: NO_HEADERS,
});

/** Runs the input policies in order; a block stops at once. */
export function runInput(chain: Chain, facts: RequestFacts): InputOutcome {
  const notes = newNotes();
  if (!chain.enabled) notes.blocked = disabled;
  return inputFrom(chain, facts, { at: 0, notes, body: facts.body, targets: reachable(chain, facts) });
}

/**
 * The targets that a request may come to. Not one of a model for which more would be judged had it been asked for by its name:
 * a policy for a model is not got round by a fallback to it, which a caller can bring about (ai-gateways 9.1).
 */
function reachable({ entries, targets }: Chain, facts: RequestFacts): readonly Target[] {
  const passing = entries.filter((entry) => entry.conditional && !entry.applies(facts));
  return targets.filter(({ model }) => !passing.some((entry) => entry.applies({ ...facts, model })));
}

/** How far a chain has come: the entry that is next, and what those before it left. */
interface Course {
  readonly at: number;
  readonly notes: Notes;
  readonly body: Json;
}

function inputFrom(
  chain: Chain,
  facts: RequestFacts,
  course: Course & { readonly targets: readonly Target[] },
): InputOutcome {
  const { notes } = course;
  let { body, targets } = course;
  for (let at = course.at; at < chain.entries.length && notes.blocked === null; at++) {
    const entry = chain.entries[at];
    if (entry === undefined || !actsOnInput(entry) || !entry.applies(facts)) continue;
    const { input } = entry.step;
    if (input === undefined) {
      const left = { body, targets };
      const subject = { facts, phase: 'input', target: null } as const;
      const consulted = consult(chain, { at, notes, body }, subject);
      const answered = (replies: readonly ServiceReply[]): InputOutcome =>
        inputFrom(chain, facts, { ...left, at: consulted.next, notes: consulted.noted(replies) });
      if (consulted.questions.length === 0) return answered([]);
      const inquiry = { questions: consulted.questions, answered };
      return { ...undecided(notes, entry, 'input'), body, targets: [], inquiry };
    }
    const state = { facts, body, targets, memory: chain.memory.of(entry.kind) };
    const result = runStep(chain, entry, notes, { phase: 'input', run: () => input(state) });
    body = result.body ?? body;
    targets = result.targets ?? targets;
  }
  return { ...decisionOf(notes), body, targets: targets.map((target) => target.id), inquiry: null };
}

const disabled: Blocked = {
  policy: 'pack',
  phase: 'input',
  reasonCode: 'pack.disabled',
  message: 'The configuration of this gateway is switched off.',
};

/** An answer on its way through the output policies. */
export interface Answered {
  readonly facts: RequestFacts;
  /** The id of the target that gave it; null where it is not known. */
  readonly target: string | null;
}

/**
 * Runs the output policies in order on a whole answer; a block stops at once and withholds it. What a response repeats of its
 * request goes out no more than it does in a stream that they read.
 */
export function runOutput(chain: Chain, answered: Answered, response: Json): OutputOutcome {
  const isRead = chain.entries.some((entry) => readsAnswers(entry) && entry.applies(answered.facts));
  return outputFrom(chain, answered, { at: 0, notes: newNotes(), body: isRead ? withoutEcho(response) : response });
}

function outputFrom(chain: Chain, given: Answered, course: Course): OutputOutcome {
  const { facts } = given;
  const { notes } = course;
  let { body } = course;
  for (let at = course.at; at < chain.entries.length && notes.blocked === null; at++) {
    const entry = chain.entries[at];
    if (entry === undefined || !looksAtAnswers(entry) || !entry.applies(facts)) continue;
    if (entry.step.ask !== undefined) {
      const left = body;
      const consulted = consult(chain, { at, notes, body }, { ...given, phase: 'output' });
      const answered = (replies: readonly ServiceReply[]): OutputOutcome =>
        outputFrom(chain, given, { at: consulted.next, notes: consulted.noted(replies), body: left });
      if (consulted.questions.length === 0) return answered([]);
      const inquiry = { questions: consulted.questions, answered };
      return { ...undecided(notes, entry, 'output'), headers: NO_HEADERS, body, inquiry };
    }
    const { output, always } = entry.step;
    const read = body;
    const result = runStep(chain, entry, notes, {
      phase: 'output',
      run: () => always ?? output?.(read) ?? judgeCalls(chain, entry, read, facts),
    });
    body = result.body ?? body;
  }
  return { ...decisionOf(notes), headers: notes.headers, body, inquiry: null };
}

/** True for a policy that has anything to say of a request. */
const actsOnInput = (entry: ChainEntry): boolean => entry.step.input !== undefined || asksIn(entry, 'input');

/** True for a policy that has anything to say of an answer. */
export const looksAtAnswers = (entry: ChainEntry): boolean =>
  entry.step.output !== undefined ||
  entry.step.call !== undefined ||
  entry.step.always !== undefined ||
  asksIn(entry, 'output');

/** True for a policy that reads the texts or calls of an answer, so that a stream is read for it. */
export const readsAnswers = (entry: ChainEntry): boolean =>
  entry.step.filter !== undefined || (looksAtAnswers(entry) && entry.step.output === undefined);

interface Consulted {
  readonly questions: readonly Question[];
  /** The first entry after those that ask. */
  readonly next: number;
  /** What is noted with the replies; what was noted before stays as it is. */
  readonly noted: (replies: readonly ServiceReply[]) => Notes;
}

/** All policies from an entry on that ask about the same text at the same time: up to the first that does something else. */
function consult(chain: Chain, { at, notes, body }: Course, subject: Omit<Subject, 'reasonCode'>): Consulted {
  const { facts, phase } = subject;
  const acts = phase === 'input' ? actsOnInput : looksAtAnswers;
  const asked: Asked<ChainEntry>[] = [];
  const texts = saidTexts(body, phase);
  const { reasonCode } = decisionOf(notes);
  let next = at;
  for (; next < chain.entries.length; next++) {
    const entry = chain.entries[next];
    if (entry === undefined || !acts(entry) || !entry.applies(facts)) continue;
    if (!asksIn(entry, phase)) break;
    asked.push(askedBy(entry, { ...subject, reasonCode }, texts, chain.nowMicros()));
  }
  const noted = (replies: readonly ServiceReply[]): Notes => {
    const copy = { ...notes, steps: [...notes.steps], warnings: [...notes.warnings] };
    for (const [index, result] of saidWith(asked, replies).entries()) {
      const one = asked[index];
      if (one === undefined || copy.blocked !== null) break;
      note(chain, one.entry, copy, { phase, result, startedMicros: one.startedMicros });
    }
    return copy;
  };
  return { questions: questionsOf(asked), next, noted };
}

/** The decision as long as nobody has answered: nothing passes. */
const undecided = (notes: Notes, entry: ChainEntry, phase: Phase): Decision =>
  decisionOf({ ...notes, blocked: unanswered(entry, phase) });

/** A block for want of an answer. */
export const unanswered = ({ kind, namespace }: Pick<ChainEntry, 'kind' | 'namespace'>, phase: Phase): Blocked => ({
  policy: kind,
  phase,
  reasonCode: `${namespace}.unanswered`,
  message: 'A service that has to be asked was not asked.',
  unanswered: true,
});

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
  const startedMicros = chain.nowMicros();
  const result = guarded(entry, run);
  note(chain, entry, notes, { phase, result, startedMicros });
  return result;
}

interface StepDone {
  readonly phase: Phase;
  readonly result: StepResult;
  readonly startedMicros: number;
}

function note(chain: Chain, entry: ChainEntry, notes: Notes, { phase, result, startedMicros }: StepDone): void {
  const { verdict, reasonCode, redactions, message = '', headers } = result;
  const { kind: policy } = entry;
  const durationMicros = chain.nowMicros() - startedMicros;
  notes.steps.push({ policy, phase, verdict, ...whatItDid(reasonCode, redactions), durationMicros });
  if (verdict === 'block') notes.blocked = blockOf(entry, phase, result);
  if (verdict === 'redact') notes.redaction ??= reasonCode;
  if (verdict === 'escalate') notes.escalated = escalatedBy(notes.escalated, entry, phase, result);
  if (verdict === 'warn') notes.warnings.push(message);
  if (headers !== undefined) notes.headers = { ...notes.headers, ...headers };
}

/** The block that a policy says. */
export function blockOf({ kind: policy }: ChainEntry, phase: Phase, result: StepResult): Blocked {
  const { reasonCode, message = '', unanswered: isUnanswered } = result;
  const block = { policy, phase, reasonCode: reasonCode ?? 'blocked', message };
  return isUnanswered === true ? { ...block, unanswered: true } : block;
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
    isUnconditional: step.always !== undefined,
  };
  return asksToo(before, asked);
}

/** Two questions as one: the first in whose name it is asked, or the second where there is no first. */
export function asksToo(first: Escalated | null, second: Escalated): Escalated {
  if (first === null) return second;
  const timeouts = [first.timeoutMs, second.timeoutMs].filter((limit) => limit !== null);
  return {
    ...first,
    isUnconditional: first.isUnconditional && second.isUnconditional,
    timeoutMs: timeouts.length === 0 ? null : Math.min(...timeouts),
  };
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
