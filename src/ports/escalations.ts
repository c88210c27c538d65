import type {
  EscalationEnd,
  EscalationEvent,
  EscalationReason,
  EscalationState,
  OrgSlug,
  Review,
} from '../core/model/index.ts';

/** An escalation as a gateway told it. */
export interface NewEscalation extends Omit<EscalationEvent, 'type' | 'at' | 'timeoutMs'> {
  readonly gateway: string;
  /** By the gateway's clock, and no later than it was received. */
  readonly createdAt: number;
  /** When the control plane heard of it: nobody could see it before. */
  readonly receivedAt: number;
  /** The review queue of the org as it is then; without one the escalation is denied at once. */
  readonly review: EscalationQueue | null;
}

export interface EscalationQueue {
  readonly name: string;
  readonly dueAt: number;
  readonly onTimeout: 'approve' | 'deny';
  /** Who is told that it came, and that it is resolved. */
  readonly channels: readonly NotificationChannel[];
}

/** As a Review names it. */
export type NotificationChannel = Review['spec']['notifications'][number];

export interface EscalationRow extends Omit<NewEscalation, 'review'> {
  readonly org: OrgSlug;
  /** Null without a review queue. */
  readonly queue: string | null;
  readonly dueAt: number;
  readonly onTimeout: 'approve' | 'deny';
  readonly state: EscalationState;
  /** Null until it is resolved. */
  readonly outcome: 'approved' | 'denied' | null;
  readonly reason: EscalationReason | null;
  /** The token that has it claimed, or resolved it. */
  readonly claimedBy: string | null;
  readonly claimedAt: number | null;
  readonly resolvedAt: number | null;
  /** Of the reviewer who resolved it. */
  readonly note: string | null;
  /** What the gateway did in the end, once it said so. */
  readonly ended: EscalationEnd | null;
}

/** Of which escalations are asked for: those in one state, or all that are not resolved, at one moment. */
export type AskedState = EscalationState | 'open';

/** One transition of an escalation. Append-only. */
export interface EscalationStep {
  /** Counts from 1. */
  readonly number: number;
  readonly at: number;
  /** `token <name>`, `gateway <name>`, or `control plane`. */
  readonly actor: string;
  readonly what: 'queued' | 'claimed' | 'unclaimed' | 'resolved' | 'ended';
  /** Of `resolved` and `ended`. Resolved by time: `expired`, or `approved` where the queue approves what nobody answers. */
  readonly outcome: EscalationEnd | null;
  readonly note: string | null;
}

/** A transition with the escalation that it is of, which may have left the queue. */
export interface LoggedStep extends EscalationStep {
  readonly id: string;
}

/** What a reviewer does with an escalation. */
export type EscalationMove = {
  readonly id: string;
  /** The name of the token. */
  readonly by: string;
  /** The same key with the same content again does nothing; null where the caller has none. */
  readonly key: string | null;
  readonly note: string | null;
  readonly nowMs: number;
} & ({ readonly verb: 'claim' | 'unclaim' } | { readonly verb: 'resolve'; readonly outcome: 'approved' | 'denied' });

export type EscalationMoved =
  | { readonly ok: true; readonly row: EscalationRow; readonly repeated: boolean }
  | {
      readonly ok: false;
      /**
       * No such escalation · it is over · another has it claimed · it must be claimed first · the key was used for
       * something else.
       */
      readonly reason: 'unknown' | 'resolved' | 'claimed' | 'unclaimed' | 'key-used';
      readonly row: EscalationRow | null;
    };

/** A message that is to be delivered, of any org; it is due when `nextAt` has come. */
export interface NotificationRow {
  readonly org: OrgSlug;
  /** Counts the messages of the org. */
  readonly position: number;
  readonly event: 'escalation.created' | 'escalation.resolved';
  readonly channel: NotificationChannel;
  readonly escalation: EscalationRow;
  /** Tries that failed so far. */
  readonly attempts: number;
  readonly nextAt: number;
}

/** How a message stands after a try: delivered, given up, or to be tried again. */
export type NotificationEnd =
  | { readonly state: 'sent' }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'waiting'; readonly error: string; readonly nextAt: number };

/** What became of the messages of one escalation. */
export interface NotificationState {
  readonly event: NotificationRow['event'];
  readonly kind: NotificationChannel['kind'];
  readonly to: string;
  readonly state: NotificationEnd['state'];
  readonly attempts: number;
  readonly error: string | null;
}
