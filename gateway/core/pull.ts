import { type Acknowledgement, type FindingCode, HEARTBEAT_MS, type Sha256Hex } from '../../src/core/model/index.ts';

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
  /** The newest acknowledgement; null before the first. */
  readonly said: Said | null;
}

type Saying = Pick<Acknowledgement, 'state' | 'code'>;

/** An acknowledgement and what became of it. */
export interface Said extends Saying {
  /** All that it says. */
  readonly words: string;
  /** When it became so. */
  readonly at: number;
  /** When it was sent last. */
  readonly sentMs: number;
  /** `waiting` for the answer of the control plane; `lost` when it was not there. */
  readonly outcome: 'waiting' | 'heard' | 'lost';
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
  /** What became of the acknowledgement of that moment. */
  | { readonly type: 'told'; readonly at: number; readonly outcome: 'heard' | 'lost' }
);

/** What the edge must do, in order. */
export type PullEffect =
  | { readonly type: 'poll'; readonly waitSeconds: number }
  | { readonly type: 'sleep'; readonly ms: number }
  | ({ readonly type: 'acknowledge'; readonly at: number } & Saying)
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
  said: null,
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
/** The longest an acknowledgement that was lost waits, and the share by which heartbeats are spread. */
const SAY_AGAIN_MS = 60_000;
const SPREAD = 0.2;

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
        event,
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
      return withAck(state, { state: 'stale', code: AGE_CODES[event.level] }, event, []);
    case 'told':
      return { state: told(state, event.at, event.outcome), effects: [] };
  }
}

function booted(state: PullState, active: ActiveContent | null, event: PullEvent): PullStep {
  if (active === null) return { state, effects: [{ type: 'sleep', ms: 0 }] };
  const serving: PullState = { ...state, phase: 'serving', active, activatedMs: event.nowMs };
  return withAck(serving, { state: 'active', code: null }, event, [
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
    ? again(next, event, [sleep])
    : withAck(next, { state: 'active', code: null }, event, [sleep]);
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
    ? again(next, event, [sleep])
    : withAck(next, { state: 'rejected', code: event.code }, event, [sleep]);
}

type Moment = Pick<PullEvent, 'nowMs' | 'random'>;

/** Adds an acknowledgement; one that would say what the last one said is no news, and only said again in its time. */
function withAck(state: PullState, saying: Saying, moment: Moment, rest: readonly PullEffect[]): PullStep {
  const words = `${saying.state} ${saying.code} ${state.active?.generation} ${state.active?.contentDigest}`;
  if (words === state.said?.words) return again(state, moment, rest);
  return say(state, { ...saying, words, at: moment.nowMs }, moment, rest);
}

/** Says the last acknowledgement again when it was lost, or as a sign of life. */
function again(state: PullState, moment: Moment, rest: readonly PullEffect[]): PullStep {
  const { said } = state;
  return said !== null && isDue(said, moment) ? say(state, said, moment, rest) : { state, effects: rest };
}

function isDue({ outcome, sentMs }: Said, { nowMs, random }: Moment): boolean {
  if (outcome === 'waiting') return false;
  return nowMs - sentMs >= (outcome === 'lost' ? SAY_AGAIN_MS : HEARTBEAT_MS) * (1 - SPREAD * random);
}

function say(
  state: PullState,
  what: Omit<Said, 'sentMs' | 'outcome'>,
  { nowMs }: Moment,
  rest: readonly PullEffect[],
): PullStep {
  const { at, code } = what;
  const said: Said = { ...what, sentMs: nowMs, outcome: 'waiting' };
  return { state: { ...state, said }, effects: [{ type: 'acknowledge', state: what.state, code, at }, ...rest] };
}

function told(state: PullState, at: number, outcome: 'heard' | 'lost'): PullState {
  return state.said?.at === at ? { ...state, said: { ...state.said, outcome } } : state;
}
