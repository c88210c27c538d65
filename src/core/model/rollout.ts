import type { FindingCode } from './codes/index.ts';
import type { OrgSlug, Sha256Hex } from './ids.ts';

/** How a ring is judged; taken from fleet.yaml when a rollout begins and kept with it. */
export interface RingTerms {
  readonly name: string;
  /** False: nobody waits for this ring. */
  readonly isJudged: boolean;
  readonly soakMs: number;
  /** How long a gateway that has spoken before may take to acknowledge new content. */
  readonly answerMs: number;
  /** Gateways that may fail. */
  readonly failures: number;
  readonly onFailure: 'rollback' | 'halt';
  readonly health: RingHealth;
}

/** What of the traffic, and of the content itself, fails a ring. Points are of a hundred. */
export interface RingHealth {
  /** Fewer requests under the new content say nothing. */
  readonly requests: number;
  readonly errorPoints: number;
  readonly blockPoints: number;
  /** Content that is more than this many times as large as before is not put out by itself. */
  readonly growth: number;
}

/** Decisions of a gateway under one content. */
export interface Traffic {
  readonly requests: number;
  readonly blocked: number;
  /** Answered with a status of 500 or more. */
  readonly errors: number;
}

/**
 * What a gateway is made to run: the digest of its bundle as it was built, without the secrets of its tokens (those are always
 * the applied ones), before denials were taken out of it.
 */
export interface Content {
  readonly digest: Sha256Hex;
  readonly bytes: number;
}

export interface RolloutMember {
  readonly gateway: string;
  /** The content that is known to be good, to which a rollback leads. */
  readonly from: Content;
  readonly to: Content;
  /** The digest that was published for it before, as its decisions name it. */
  readonly before: Sha256Hex;
  /** When the new content was put out for it; null while its ring is closed. */
  readonly since: number | null;
}

export interface RolloutRing {
  readonly terms: RingTerms;
  /** `empty`: none of its gateways is enrolled, so there is nobody to wait for. */
  readonly state: 'waiting' | 'open' | 'done' | 'skipped' | 'empty';
  /** Since when every gateway that counts has acknowledged this content; the soak begins here. */
  readonly steadyAt: number | null;
  /** Somebody looked at a halt of this ring and resumed: its size counts no more, and its traffic from then on. */
  readonly isExcused: boolean;
  /** Traffic that was seen when it was excused. */
  readonly excused: Traffic;
  readonly members: readonly RolloutMember[];
}

export type RolloutState = 'running' | 'paused' | 'halted' | 'done' | 'aborted' | 'rolled-back' | 'superseded';

/** Why a rollout is not running. */
export interface RolloutReason {
  readonly code: RolloutCode;
  readonly ring: string | null;
  readonly words: string;
  /** Who: an operator, or `controller`. */
  readonly by: string;
  readonly at: number;
}

export type RolloutCode = Extract<FindingCode, `ROLLOUT_${string}`>;

/** One change of one org on its way through the rings. */
export interface Rollout {
  /** The generation that it brings; its name. */
  readonly generation: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: RolloutState;
  readonly reason: RolloutReason | null;
  readonly rings: readonly RolloutRing[];
}

/** What every override says: taken by a controller, ended by itself, brought back into Git (rulings 8). */
interface OverrideFacts {
  readonly id: string;
  /** The generation under which it was published. */
  readonly generation: number;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** True once a file of the repository says the same: that file ends it. */
  readonly isInGit: boolean;
  readonly endedAt: number | null;
  readonly endedWhy: string | null;
}

/** A token, or a gateway, that is cut off. */
export type Denial = OverrideFacts & { readonly kind: 'deny'; readonly of: 'token' | 'gateway'; readonly name: string };

/** Gateways that stay on older content. */
export type Hold = OverrideFacts & {
  readonly kind: 'rollback';
  /** The generation whose content holds; for an automatic rollback, the last one before what it took back. */
  readonly to: number;
  readonly contents: { readonly [gateway: string]: Sha256Hex };
  /** Of an automatic one: what it keeps away. Other content ends it. null: it holds whatever comes. */
  readonly against: { readonly [gateway: string]: Sha256Hex } | null;
};

export type Override = Denial | Hold;

/** What Git wanted a gateway to run from a generation on. */
export interface Release {
  readonly gateway: string;
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
  readonly bytes: number;
}

/** Decisions of one gateway under one published content. */
export interface GatewayTraffic extends Traffic {
  readonly org: OrgSlug;
  readonly gateway: string;
  readonly contentDigest: Sha256Hex;
}
