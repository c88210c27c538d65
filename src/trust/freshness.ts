/** What a verified timestamp says of its time, in Unix milliseconds. */
export interface SignedTimes {
  /** When it was signed, from its signed field (rulings 1). */
  readonly signedAtMs: number;
  readonly expiresAtMs: number;
}

/** Ages, in milliseconds, from which a configuration is called late, stale, expired (bundles.md). */
export interface FreshnessLadder {
  readonly lateMs: number;
  readonly staleMs: number;
  readonly expiredMs: number;
}

const HOUR_MS = 3_600_000;

export const DEFAULT_LADDER: FreshnessLadder = { lateMs: 2 * HOUR_MS, staleMs: 24 * HOUR_MS, expiredMs: 72 * HOUR_MS };

export type Freshness = 'fresh' | 'late' | 'stale' | 'expired';

/** The step of the ladder; expired as soon as either the signed expiry or the ladder's age is reached. */
export function freshness(times: SignedTimes, nowMs: number, ladder: FreshnessLadder = DEFAULT_LADDER): Freshness {
  const age = nowMs - times.signedAtMs;
  if (nowMs >= times.expiresAtMs || age >= ladder.expiredMs) return 'expired';
  if (age >= ladder.staleMs) return 'stale';
  return age >= ladder.lateMs ? 'late' : 'fresh';
}
