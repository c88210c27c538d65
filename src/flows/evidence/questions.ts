import type { EscalationEnd, EscalationEndEvent, EscalationEvent } from '../../core/model/index.ts';

/** What one journal says of questions to people. */
export interface Questions {
  readonly byId: Map<string, { readonly requestId: string; end: EscalationEnd | null }>;
  /** The questions of a request that may not go out before they are approved, by its id. */
  readonly holding: Map<string, readonly string[]>;
  /** Requests that asked and have no decision yet, with the line that asked. */
  readonly undecided: Map<string, number>;
}

export function createQuestions(): Questions {
  return { byId: new Map(), holding: new Map(), undecided: new Map() };
}

/** Notes a question; the same id again is the same one. */
export function takeQuestion(questions: Questions, sequence: number, event: EscalationEvent, isDecided: boolean): void {
  const { id, requestId, phase } = event;
  if (questions.byId.has(id)) return;
  questions.byId.set(id, { requestId, end: null });
  const { holding } = questions;
  if (phase === 'input' || phase === 'wallet') holding.set(requestId, [...(holding.get(requestId) ?? []), id]);
  if (!isDecided && !questions.undecided.has(requestId)) questions.undecided.set(requestId, sequence);
}

/** Notes how a question ended; what is wrong with that, or null. */
export function takeEnd({ byId }: Questions, { id, requestId, outcome }: EscalationEndEvent): string | null {
  const asked = byId.get(id);
  if (asked === undefined || asked.requestId !== requestId)
    return `expected the question ${id} of request ${requestId} before its end, found none`;
  if (asked.end !== null) return `expected one end of ${id}, found ${asked.end} and ${outcome}`;
  asked.end = outcome;
  return null;
}

/** Why a request may not go out here, or null. */
export function whyNotOut({ byId, holding }: Questions, requestId: string): string | null {
  const ends = (holding.get(requestId) ?? []).map((id) => byId.get(id)?.end ?? 'waiting');
  const end = ends.find((how) => how !== 'approved');
  return end === undefined ? null : `request ${requestId} goes out, and its escalation is ${end}`;
}
