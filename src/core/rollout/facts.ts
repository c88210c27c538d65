import type { Rollout, Traffic } from '../model/index.ts';

/** A gateway that could be asked, and what it said last. */
export interface GatewayFacts {
  readonly isEnrolled: boolean;
  /** True when it has ever acknowledged anything: one that never spoke is no sign of anything. */
  readonly hasSpoken: boolean;
}

/** A member of a rollout as it was seen. */
export interface MemberSeen extends GatewayFacts {
  /** True when its newest acknowledgement carries the digest that is published for it now. */
  readonly isRunning: boolean;
  /** When that was signed, or later: secrets change, and tokens are denied, while a ring is open. */
  readonly askedAt: number;
  /** The code of its newest refusal, and when that came in; null where it refuses nothing. */
  readonly refusal: { readonly code: string; readonly at: number } | null;
  /** Its decisions under the content that is published for it now, and under what it had before. */
  readonly now: Traffic;
  readonly former: Traffic;
}

/** What was seen of a rollout's members, by gateway. */
export type Seen = ReadonlyMap<string, MemberSeen>;

export const NO_TRAFFIC: Traffic = { requests: 0, blocked: 0, errors: 0 };

/** True while a rollout may still move, or hold gateways back. */
export function isOpen(rollout: Rollout | null): rollout is Rollout {
  return rollout !== null && ['running', 'paused', 'halted'].includes(rollout.state);
}

export function sumOf(traffic: readonly Traffic[]): Traffic {
  return traffic.reduce(
    (sum, item) => ({
      requests: sum.requests + item.requests,
      blocked: sum.blocked + item.blocked,
      errors: sum.errors + item.errors,
    }),
    NO_TRAFFIC,
  );
}

/** What came on top of `before`; never below nothing. */
export function beyond(before: Traffic, now: Traffic): Traffic {
  return {
    requests: Math.max(0, now.requests - before.requests),
    blocked: Math.max(0, now.blocked - before.blocked),
    errors: Math.max(0, now.errors - before.errors),
  };
}
