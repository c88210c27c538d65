import type { Acknowledgement, FindingCode, Sha256Hex } from '../../src/core/model/index.ts';

/** What is active: the content by its digest, and the generation at which it was published. */
export interface ActiveContent {
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
}

/** Where pulling stands. `degraded` serves the last known good after a failed attempt; `starting` has nothing to serve. */
export interface PullState {
  readonly phase: 'starting' | 'serving' | 'degraded';
  readonly active: ActiveContent | null;
  readonly lastAskedMs: number | null;
  /** The last answer of the source that verified, changed or not. */
  readonly lastAnsweredMs: number | null;
  readonly activatedMs: number | null;
  /** Failed attempts since the last that verified. */
  readonly failures: number;
  /** Answers in a row that came at once although the server was asked to wait. */
  readonly quickAnswers: number;
  readonly lastCode: string | null;
  readonly lastAcknowledged: string | null;
}

export interface PullSettings {
  readonly pollSeconds: number;
  readonly maxBackoffSeconds: number;
}

/** What happened; `random` is uniform in [0, 1). */
export type PullEvent = { readonly nowMs: number; readonly random: number } & (
  | { readonly type: 'booted'; readonly active: ActiveContent | null }
  | { readonly type: 'wake' }
  | { readonly type: 'unchanged' }
  | { readonly type: 'activated'; readonly active: ActiveContent }
  | { readonly type: 'refused'; readonly code: string }
  /** A verified publication no longer names this gateway. */
  | { readonly type: 'delisted'; readonly code: string }
  | { readonly type: 'aged'; readonly level: 'stale' | 'expired' }
);

/** What the edge must do, in order. */
export type PullEffect =
  | { readonly type: 'poll'; readonly waitSeconds: number }
  | { readonly type: 'sleep'; readonly ms: number }
  | { readonly type: 'acknowledge'; readonly state: Acknowledgement['state']; readonly code: string | null }
  | { readonly type: 'stopServing' };

export interface PullStep {
  readonly state: PullState;
  readonly effects: readonly PullEffect[];
}

export const PULL_START: PullState = {
  phase: 'starting',
  active: null,
  lastAskedMs: null,
  lastAnsweredMs: null,
  activatedMs: null,
  failures: 0,
  quickAnswers: 0,
  lastCode: null,
  lastAcknowledged: null,
};

/** An answer that took this long was held back by the server: it offers the long poll. */
const WAITED_MS = 1000;
/** So many quick answers in a row are news (a renewed timestamp); more show a server that does not wait. */
const MAX_QUICK_ANSWERS = 3;
/** The gap before asking again a server that offers the long poll. */
const BREATH_MS = 50;
const FIRST_BACKOFF_MS = 1000;
/** After a restart of a whole region the first questions are spread over this long. */
const START_SPREAD_MS = 2000;

const AGE_CODES = { stale: 'GATEWAY_BUNDLE_STALE', expired: 'GATEWAY_BUNDLE_EXPIRED' } as const satisfies {
  [level: string]: FindingCode;
};

/** One step of pulling: the same state and event give the same state and effects, always. */
export function step(state: PullState, event: PullEvent, settings: PullSettings): PullStep {
  switch (event.type) {
    case 'booted':
      return booted(state, event.active, event);
    case 'wake':
      return {
        state: { ...state, lastAskedMs: event.nowMs },
        effects: [
          { type: 'poll', waitSeconds: state.failures > 0 || state.active === null ? 0 : settings.pollSeconds },
        ],
      };
    case 'unchanged':
      return unchanged(state, event, settings);
    case 'activated':
      return withAck(
        {
          ...verified(state, event.nowMs),
          phase: 'serving',
          active: event.active,
          activatedMs: event.nowMs,
          quickAnswers: 0,
        },
        { state: 'active', code: null },
        [{ type: 'sleep', ms: BREATH_MS }],
      );
    case 'refused':
      return refused(state, event, settings);
    case 'delisted': {
      const gone: PullState = { ...state, phase: 'starting', active: null, activatedMs: null, lastCode: event.code };
      const next = refused(gone, event, settings);
      return { state: next.state, effects: [{ type: 'stopServing' }, ...next.effects] };
    }
    case 'aged':
      return withAck(state, { state: 'stale', code: AGE_CODES[event.level] }, []);
  }
}

function booted(state: PullState, active: ActiveContent | null, event: PullEvent): PullStep {
  if (active === null) return { state, effects: [{ type: 'sleep', ms: 0 }] };
  const serving: PullState = { ...state, phase: 'serving', active, activatedMs: event.nowMs };
  return withAck(serving, { state: 'active', code: null }, [
    { type: 'sleep', ms: Math.round(event.random * START_SPREAD_MS) },
  ]);
}

function verified(state: PullState, nowMs: number): PullState {
  return {
    ...state,
    phase: state.active === null ? 'starting' : 'serving',
    lastAnsweredMs: nowMs,
    failures: 0,
    lastCode: null,
  };
}

/** Asks again at once while the server seems to wait, else after a poll interval with a tenth of jitter. */
function unchanged(state: PullState, event: PullEvent, settings: PullSettings): PullStep {
  const waited = state.lastAskedMs !== null && event.nowMs - state.lastAskedMs >= WAITED_MS;
  const quickAnswers = waited ? 0 : Math.min(state.quickAnswers + 1, MAX_QUICK_ANSWERS + 1);
  const interval = Math.round(settings.pollSeconds * 1000 * (0.9 + event.random * 0.2));
  const sleep: PullEffect = { type: 'sleep', ms: quickAnswers > MAX_QUICK_ANSWERS ? interval : BREATH_MS };
  const next: PullState = { ...verified(state, event.nowMs), quickAnswers };
  // What was refused or stale is in order again: said once, as every acknowledgement is.
  return next.active === null
    ? { state: next, effects: [sleep] }
    : withAck(next, { state: 'active', code: null }, [sleep]);
}

function refused(state: PullState, event: PullEvent & { readonly code: string }, settings: PullSettings): PullStep {
  const failures = state.failures + 1;
  const ceiling = Math.min(settings.maxBackoffSeconds * 1000, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 20));
  const next: PullState = {
    ...state,
    phase: state.active === null ? 'starting' : 'degraded',
    failures,
    lastCode: event.code,
  };
  const sleep: PullEffect = { type: 'sleep', ms: Math.round(ceiling * (0.5 + event.random * 0.5)) };
  return event.code === 'TRUST_UNREACHABLE'
    ? { state: next, effects: [sleep] }
    : withAck(next, { state: 'rejected', code: event.code }, [sleep]);
}

/** Adds an acknowledgement unless it would say what the last one said. */
function withAck(
  state: PullState,
  ack: { readonly state: Acknowledgement['state']; readonly code: string | null },
  rest: readonly PullEffect[],
): PullStep {
  const words = `${ack.state} ${ack.code} ${state.active?.generation} ${state.active?.contentDigest}`;
  if (words === state.lastAcknowledged) return { state, effects: rest };
  return { state: { ...state, lastAcknowledged: words }, effects: [{ type: 'acknowledge', ...ack }, ...rest] };
}
