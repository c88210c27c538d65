import type { PolicyStep } from '../../model/index.ts';
import type { StepResult } from '../kinds/kind.ts';
import type { FilterStream, TextFilter } from '../text/filter.ts';
import type { Blocked, Decision, Escalated, SaidText } from '../types.ts';
import { type Chain, type ChainEntry, concluded, escalatedBy, readsAnswers, whatItDid } from './evaluate.ts';
import { asksIn } from './inquiry.ts';

/** What one policy has done to a stream so far. */
export interface Tally {
  readonly entry: ChainEntry;
  /** Null for a policy that judges calls and reads no other text. */
  readonly filter: TextFilter | null;
  matches: number;
  blocked: boolean;
  /** Why, where it is not what the filter is for; or the first warning about a call. */
  said: Pick<StepResult, 'reasonCode' | 'message'> | null;
  /** The first reason why a person has to decide. */
  escalation: StepResult | null;
  /** What a policy that asks another service has read, by channel; null for one that asks nobody. */
  readonly tapped: Map<string, SaidText[]> | null;
  /** Whether it has come to something: one that asks does so with the reply. */
  isJudged: boolean;
  durationMicros: number;
}

/** A tally for each entry that has something to do with a stream. */
export function talliesOf(entries: readonly ChainEntry[]): readonly Tally[] {
  return entries.filter(readsAnswers).map((entry) => {
    const asks = asksIn(entry, 'output');
    const { filter = null, always = null } = entry.step;
    const blocked = always?.verdict === 'block';
    return {
      entry,
      filter,
      matches: 0,
      blocked,
      said: blocked ? always : null,
      escalation: always?.verdict === 'escalate' ? always : null,
      tapped: asks ? new Map() : null,
      isJudged: !asks,
      durationMicros: 0,
    };
  });
}

/** Runs a part of a policy and adds its time. */
export function timed<Value>(chain: Chain, tally: Tally, run: () => Value): Value {
  const started = chain.nowMicros();
  const value = run();
  tally.durationMicros += chain.nowMicros() - started;
  return value;
}

/** Pushes a text, and when it is the last one ends the stream; null when the filter blocks. A filter that fails blocks. */
export function pushed(tally: Tally, stream: FilterStream, text: string, isLast: boolean): string | null {
  const before = stream.matches();
  let emitted: string | null;
  try {
    emitted = stream.push(text);
    if (isLast && emitted !== null) {
      const rest = stream.end();
      emitted = rest === null ? null : emitted + rest;
    }
  } catch {
    emitted = null;
  }
  tally.matches += stream.matches() - before;
  tally.blocked ||= emitted === null;
  return emitted;
}

/** The refusal of the first policy that blocks. */
export function blockedBy(tallies: readonly Tally[]): Blocked {
  const tally = tallies.find((candidate) => candidate.blocked);
  const reason = tally?.said ?? tally?.entry.step.filterReason;
  return {
    policy: tally?.entry.kind ?? '',
    phase: 'output',
    reasonCode: reason?.reasonCode ?? '',
    message: reason?.message ?? '',
  };
}

/** What the policies came to, each a step. */
export function outcomeOf(all: readonly Tally[], blocked: Blocked | null): Decision {
  const tallies = all.filter(({ isJudged }) => isJudged);
  const steps = tallies.map(stepOf);
  const first = steps.find((step) => step.verdict === 'redact');
  let escalated: Escalated | null = null;
  for (const { entry, escalation } of tallies) {
    if (escalation !== null) escalated = escalatedBy(escalated, entry, 'output', escalation);
  }
  return {
    ...concluded(blocked, escalated, first?.reasonCode ?? null),
    steps,
    warnings: tallies.flatMap((tally, index) =>
      steps[index]?.verdict === 'warn' ? ((tally.said ?? tally.entry.step.filterReason)?.message ?? []) : [],
    ),
  };
}

function stepOf(tally: Tally): PolicyStep {
  const { entry, matches, durationMicros } = tally;
  const verdict = verdictOf(tally);
  return {
    policy: entry.kind,
    phase: 'output',
    verdict,
    ...whatItDid(reasonOf(tally, verdict), verdict === 'redact' ? matches : 0),
    durationMicros,
  };
}

function verdictOf({ blocked, said, matches, filter, escalation }: Tally): PolicyStep['verdict'] {
  if (blocked) return 'block';
  if (escalation !== null) return 'escalate';
  if (said !== null) return 'warn';
  if (matches === 0) return 'allow';
  return filter?.action === 'warn' ? 'warn' : 'redact';
}

function reasonOf({ entry, filter, said, escalation }: Tally, verdict: PolicyStep['verdict']): string | null {
  if (verdict === 'allow') return null;
  if (verdict === 'escalate') return escalation?.reasonCode ?? null;
  const own = (said ?? entry.step.filterReason)?.reasonCode ?? null;
  if (verdict !== 'redact' || filter === null || 'detectors' in filter) return own;
  return filter.changeCode ?? own;
}
