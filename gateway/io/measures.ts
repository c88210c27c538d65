import type { BreakerPolicy, CompiledPolicy, Target } from '../../src/core/policy/index.ts';
import type { Usage } from '../../src/core/wallet/index.ts';
import {
  afterAttempt,
  afterPassing,
  BREAKER_START,
  type BreakerEvent,
  type BreakerState,
  breakerAt,
  type Choice,
  createMeasure,
  createTurns,
  latencyPercentile,
  letsPass,
  type Measure,
  mayHaveReason,
  noteLatency,
  noteSpeed,
  noteUse,
  type TargetView,
  triggerOf,
} from '../core/index.ts';
import { type AnswerFailure, isOfProvider } from './answer.ts';
import type { Family } from './metrics.ts';
import { createTargetCounters } from './target-counters.ts';

// What this process has seen of each target: requests in flight, latencies, tokens, breaker. It lives through a swap of the
// configuration as long as the target stays what it is, and it is bounded whatever configurations come.

/** Notes of one attempt at a target, which begins before it is held for and written, so that others see it under way. */
export interface AttemptNote {
  /** The first byte goes out now. */
  sent(): void;
  /** Headers have come, of whatever. */
  heard(): void;
  /** An answer has begun that is handed on; how it ends, `completed`, `spoiled` or `ended` says. */
  answered(): void;
  /** The answer is complete. */
  completed(): void;
  /** An answer that had begun is none: the provider said so, or left it without its end. */
  spoiled(): void;
  /** It gave no answer that is handed on. */
  failed(failure: AnswerFailure): void;
  /** The connection is done with: at the end, for a failure, or because this side left. */
  ended(how: 'end' | 'left' | AnswerFailure): void;
  /** What the answer took, as far as it is known. */
  used(usage: Usage): void;
}

export interface Measures {
  /** Notes that an attempt begins; `tokens` is the most it can take. */
  begin(policy: CompiledPolicy, target: Target, tokens: number): AttemptNote;
  /** Whether the breaker of a target lets a request pass now; if not, for how many milliseconds more. */
  waitMs(policy: CompiledPolicy, target: Target): number;
  /** What choosing among the targets of a policy needs. */
  choice(policy: CompiledPolicy): Choice;
  /** What `GET /tenantry/providers` shows of each target. */
  describe(policy: CompiledPolicy): readonly TargetReport[];
  /** Counters and gauges of targets. */
  families(policy: CompiledPolicy | null): readonly Family[];
}

export interface TargetReport {
  readonly id: string;
  readonly model: string;
  readonly regions: readonly string[];
  /** The routing setting that rules it out. */
  readonly excludedBy: string | null;
  readonly breaker: BreakerState['kind'] | null;
  readonly inFlight: number;
  /** Milliseconds until the headers that half of the newest answers were within; null: none was measured. */
  readonly latencyMs: number | null;
  readonly attempts: number;
  readonly failures: { readonly [kind: string]: number };
}

interface Standing {
  readonly measure: Measure;
  inFlight: number;
  tokensInFlight: number;
  breaker: BreakerState;
}

/** Targets of a few configurations; who is asked for none of them any more is forgotten first. */
const MOST_STANDINGS = 500;

/** `random` is uniform in [0, 1). */
export function createMeasures(host: { readonly nowMs: () => number; readonly random: () => number }): Measures {
  const { nowMs, random } = host;
  const standings = new Map<string, Standing>();
  const turns = createTurns();
  const counters = createTargetCounters();
  const standingOf = (target: Target): Standing => {
    const key = keyOf(target);
    const known = standings.get(key);
    if (known !== undefined) return known;
    const made = { measure: createMeasure(), inFlight: 0, tokensInFlight: 0, breaker: BREAKER_START };
    if (standings.size >= MOST_STANDINGS) forgetIdle(standings);
    standings.set(key, made);
    return made;
  };
  const stateOf = (policy: CompiledPolicy, standing: Standing): BreakerState | null =>
    policy.breaker === null ? null : breakerAt(standing.breaker, nowMs());
  const viewOf = (policy: CompiledPolicy, target: Target): TargetView => {
    const standing = standingOf(target);
    const state = stateOf(policy, standing);
    return { ...standing, isOpen: state !== null && !letsPass(state) };
  };
  return {
    begin(policy, target, tokens) {
      return createNote({ policy, target, tokens, standing: standingOf(target), nowMs, counters });
    },
    waitMs(policy, target) {
      const state = stateOf(policy, standingOf(target));
      if (state === null || letsPass(state)) return 0;
      return state.kind === 'open' ? Math.max(1, state.untilMs - nowMs()) : 1000;
    },
    choice: (policy) => ({
      routing: policy.routing,
      nowMs: nowMs(),
      view: (target) => viewOf(policy, target),
      random,
      turns,
    }),
    describe: (policy) =>
      policy.targets.map((target) => {
        const standing = standingOf(target);
        const span = { nowMs: nowMs(), windowMs: policy.routing.windowMs, minSamples: 1 };
        return {
          id: target.id,
          model: target.model,
          regions: target.regions,
          excludedBy: target.excludedBy,
          breaker: stateOf(policy, standing)?.kind ?? null,
          inFlight: standing.inFlight,
          latencyMs: latencyPercentile(standing.measure, 50, span),
          ...counters.of(target.id),
        };
      }),
    families: (policy) =>
      counters.families(
        (policy?.targets ?? []).map((target) => {
          const standing = standingOf(target);
          return {
            id: target.id,
            inFlight: standing.inFlight,
            breaker: policy === null ? null : (stateOf(policy, standing)?.kind ?? null),
          };
        }),
      ),
  };
}

function keyOf({ id, baseUrl, model }: Target): string {
  return `${id} ${baseUrl} ${model}`;
}

function forgetIdle(standings: Map<string, Standing>): void {
  for (const [key, { inFlight }] of standings) {
    if (standings.size < MOST_STANDINGS) return;
    if (inFlight === 0) standings.delete(key);
  }
}

interface NoteParts {
  readonly policy: CompiledPolicy;
  readonly target: Target;
  readonly tokens: number;
  readonly standing: Standing;
  readonly nowMs: () => number;
  readonly counters: ReturnType<typeof createTargetCounters>;
}

function createNote({ policy, target, tokens, standing, nowMs, counters }: NoteParts): AttemptNote {
  let startedMs = nowMs();
  const isProbe = policy.breaker !== null && breakerAt(standing.breaker, startedMs).kind === 'half-open';
  let isOver = false;
  let isDecided = false;
  let isAnswered = false;
  let isComplete = false;
  let isSpoiled = false;
  let heardMs: number | null = null;
  let answerMs = 0;
  if (policy.breaker !== null) standing.breaker = afterPassing(breakerAt(standing.breaker, startedMs));
  standing.inFlight += 1;
  standing.tokensInFlight += tokens;
  const tell = (event: BreakerEvent, breaker: BreakerPolicy | null = policy.breaker): void => {
    if (breaker === null || isDecided) return;
    isDecided = true;
    const now = nowMs();
    standing.breaker = afterAttempt(breaker, breakerAt(standing.breaker, now), { event, isProbe, nowMs: now });
  };
  const midway = (kind: string, event: BreakerEvent): void => {
    if (isComplete || isSpoiled) return;
    isSpoiled = true;
    counters.failed(target.id, kind);
    tell(event);
  };
  return {
    sent() {
      startedMs = nowMs();
      counters.attempted(target.id);
    },
    heard() {
      heardMs = nowMs();
    },
    answered() {
      isAnswered = true;
      const now = heardMs ?? nowMs();
      noteLatency(standing.measure, now - startedMs, now);
      counters.answered(target.id, now - startedMs);
      // Who waits for a probe need not wait for the end of its stream; else a stream that breaks off is a failure still.
      if (isProbe) tell('succeeded');
    },
    completed() {
      isComplete = true;
      tell('succeeded');
    },
    spoiled: () => midway('failed-midway', 'failed'),
    failed(failure) {
      counters.failed(target.id, failure.kind === 'status' ? statusKind(failure.status) : failure.kind);
      tell(eventOf(failure));
    },
    ended(how) {
      if (how === 'left') tell('abandoned');
      if (isOver) return;
      isOver = true;
      answerMs = nowMs() - startedMs;
      standing.inFlight -= 1;
      standing.tokensInFlight -= tokens;
      if (how === 'left' || how === 'end') return;
      if (isAnswered) midway(`${how.kind}-midway`, eventOf(how));
      else tell(eventOf(how));
    },
    used({ inputTokens, outputTokens }) {
      const now = nowMs();
      noteUse(standing.measure, inputTokens + outputTokens, { nowMs: now, windowMs: policy.routing.windowMs });
      if (isAnswered && isOver && answerMs > 0 && outputTokens > 0) {
        noteSpeed(standing.measure, (outputTokens * 1000) / answerMs, now);
      }
    },
  };
}

/**
 * Only a target that is down or silent fails in the eyes of a breaker, and one that says what is wrong with a request is well. What
 * limits us, wants another key or money, or is refused on the way, says nothing.
 */
function eventOf(failure: AnswerFailure): BreakerEvent {
  if (!isOfProvider(failure)) return 'abandoned';
  const trigger = triggerOf(failure);
  if (trigger === 'server_error' || trigger === 'timeout') return 'failed';
  return failure.kind === 'status' && mayHaveReason(failure.status) ? 'succeeded' : 'abandoned';
}

/** Statuses in a bounded number of words. */
function statusKind(status: number): string {
  return status === 429 ? 'rate-limited' : `status-${Math.floor(status / 100)}xx`;
}
