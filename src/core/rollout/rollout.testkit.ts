import type { RingTerms, Rollout, RolloutRing, Sha256Hex } from '../model/index.ts';
import { type MemberSeen, NO_TRAFFIC } from './facts.ts';

export const MINUTE_MS = 60_000;

export const digest = (text: string): Sha256Hex => text.padEnd(64, '0') as Sha256Hex;

export const termsOf = (name: string, change: Partial<RingTerms> = {}): RingTerms => ({
  name,
  isJudged: true,
  soakMs: 10 * MINUTE_MS,
  answerMs: 5 * MINUTE_MS,
  failures: 0,
  onFailure: 'rollback',
  health: { requests: 20, errorPoints: 5, blockPoints: 20, growth: 4 },
  ...change,
});

export const ringOf = (
  terms: RingTerms,
  gateways: readonly string[],
  change: Partial<RolloutRing> = {},
): RolloutRing => ({
  terms,
  state: 'waiting',
  steadyAt: null,
  isExcused: false,
  excused: NO_TRAFFIC,
  members: gateways.map((gateway) => ({
    gateway,
    from: { digest: digest(`old ${gateway}`), bytes: 1000 },
    to: { digest: digest(`new ${gateway}`), bytes: 1000 },
    before: digest(`old ${gateway}`),
    since: null,
  })),
  ...change,
});

export const rolloutOf = (...rings: readonly RolloutRing[]): Rollout => ({
  generation: 2,
  startedAt: 0,
  endedAt: null,
  state: 'running',
  reason: null,
  rings,
});

/** A gateway that is enrolled, has spoken, and runs the older content. */
export const seen = (change: Partial<MemberSeen> = {}): MemberSeen => ({
  isEnrolled: true,
  hasSpoken: true,
  isRunning: false,
  askedAt: 0,
  refusal: null,
  now: NO_TRAFFIC,
  former: NO_TRAFFIC,
  ...change,
});

export const traffic = (requests: number, blocked = 0, errors = 0) => ({ requests, blocked, errors });
