/** How long a gateway bears with a source that is slow, and how late it asks one that fails again. */
export interface Pace {
  /** The longest that a source may take to begin an answer, beyond what it was asked to wait. */
  readonly answerMs: number;
  /** In each span of this length a body brings at least `leastBytes`; else the source is given up (TRUST_SLOW). */
  readonly windowMs: number;
  readonly leastBytes: number;
  /** The longest that all files of one poll may take together, beyond the wait (TRUST_DEADLINE). */
  readonly pollMs: number;
  readonly maxBackoffMs: number;
}

/** A kibibyte a second is less than any link that carries AI traffic; five minutes are a bundle of 4 MiB at 14 KiB/s. */
export const DEFAULT_PACE: Pace = {
  answerMs: 30_000,
  windowMs: 10_000,
  leastBytes: 10_240,
  pollMs: 300_000,
  maxBackoffMs: 60_000,
};
