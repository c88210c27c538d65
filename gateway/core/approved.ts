import type { PolicyStep } from '../../src/core/model/index.ts';
import type { Escalated } from '../../src/core/policy/index.ts';

// What a person has let through is what was asked: each policy that wanted to know, for its reason, in its phase.

/** Reasons to ask a person that one has answered. */
export type Approved = ReadonlySet<string>;

export const NOTHING_APPROVED: Approved = new Set();

type Asking = Pick<Escalated, 'policy' | 'phase' | 'reasonCode'>;

const keyOf = ({ policy, phase, reasonCode }: Pick<PolicyStep, 'policy' | 'phase' | 'reasonCode'>): string =>
  JSON.stringify([policy, phase, reasonCode ?? null]);

const asking = (steps: readonly PolicyStep[]): readonly PolicyStep[] =>
  steps.filter(({ verdict }) => verdict === 'escalate');

/** What is approved with a question: that in whose name it was asked, and all that the same judgement would have asked. */
export function approvedWith(escalated: Asking, steps: readonly PolicyStep[]): Approved {
  return new Set([escalated, ...asking(steps)].map(keyOf));
}

/** Whether a judgement asks for nothing but what was approved. */
export function isApproved(approved: Approved, escalated: Asking | null, steps: readonly PolicyStep[]): boolean {
  const asked = escalated === null ? [] : [escalated, ...asking(steps)];
  return asked.every((one) => approved.has(keyOf(one)));
}
