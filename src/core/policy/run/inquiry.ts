import type { Asking, CompiledStep, StepResult } from '../kinds/kind.ts';
import type { Phase, Question, RequestFacts, SaidText, ServiceReply } from '../types.ts';

// Policies that ask other services. A chain stops where one stands, hands out the questions as data, and goes on from there
// with the replies: what stood before it has run once, and what comes after it sees what it left.

/** What is needed of an entry of the chain. */
interface Asker {
  readonly namespace: string;
  readonly phases: readonly Phase[];
  readonly step: CompiledStep;
}

/** True for a policy that asks another service in this phase. */
export const asksIn = ({ step, phases }: Asker, phase: Phase): boolean =>
  step.ask !== undefined && phases.includes(phase);

/** What is asked about. */
export interface Subject {
  readonly facts: RequestFacts;
  readonly phase: Phase;
  readonly target: string | null;
  readonly reasonCode: string | null;
}

/** One policy that asks, with a question or with what it says without. */
export interface Asked<Entry extends Asker> {
  readonly entry: Entry;
  readonly said: StepResult | Asking;
  readonly startedMicros: number;
}

/** Has one policy say what it asks. One that fails asks nothing and blocks. */
export function askedBy<Entry extends Asker>(
  entry: Entry,
  subject: Subject,
  texts: readonly SaidText[],
  startedMicros: number,
): Asked<Entry> {
  const said = safely(entry, () => entry.step.ask?.({ ...subject, texts }) ?? failure(entry));
  return { entry, said, startedMicros };
}

/** The questions of policies that ask at the same time. */
export const questionsOf = (asked: readonly Asked<Asker>[]): readonly Question[] =>
  asked.flatMap(({ said }) => ('question' in said ? said.question : []));

/** What each of them says with the replies to their questions, in order. A reply that is missing is none. */
export function saidWith(asked: readonly Asked<Asker>[], replies: readonly ServiceReply[]): readonly StepResult[] {
  let next = 0;
  return asked.map(({ entry, said }) => {
    if (!('question' in said)) return said;
    const reply = replies[next++] ?? { kind: 'failed', why: 'unreachable' };
    return safely(entry, () => said.judge(reply));
  });
}

function safely<Value>(entry: Asker, run: () => Value): Value | StepResult {
  try {
    return run();
  } catch {
    // The error may hold content, so it goes no further.
    return failure(entry);
  }
}

const failure = ({ namespace }: Asker): StepResult => ({
  verdict: 'block',
  reasonCode: `${namespace}.evaluation_failed`,
  redactions: 0,
  message: 'A policy could not be evaluated.',
});
