import type { CommitId, Sha256Hex } from './ids.ts';

export type Verdict = 'allow' | 'block' | 'redact' | 'escalate';

/** What one policy of the chain did with one request. */
export interface PolicyStep {
  readonly policy: string;
  readonly phase: 'input' | 'output';
  readonly verdict: Verdict | 'warn';
  /** Absent where the policy had nothing to say. */
  readonly reasonCode?: string;
  /** Absent when nothing was redacted. */
  readonly redactions?: number;
  readonly durationMicros: number;
}

/** What a wallet did for one request, in micro-units; one entry per slice that it was held from. */
export interface WalletEntry {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly heldMicros: number;
  readonly settledMicros: number;
  /** The leased slice that the hold was taken from; absent when an `allow` wallet paid by overdraft without one. */
  readonly sliceId?: string;
  /** What usage cost beyond the hold; absent when nothing. */
  readonly excessMicros?: number;
}

/** One attempt at a target, as a span of the request's trace. Times are Unix milliseconds. */
export interface AttemptSpan {
  /** 16 hex. */
  readonly spanId: string;
  readonly target: string;
  /** The family of the target. */
  readonly provider: string;
  readonly model: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Why it gave no answer; null: it did. */
  readonly error: string | null;
}

/** Where a request stands in a trace (W3C Trace Context). */
export interface TraceNote {
  /** 32 hex. */
  readonly traceId: string;
  /** Of the request here; 16 hex. */
  readonly spanId: string;
  /** Of the caller; null where the trace began here. */
  readonly parentSpanId: string | null;
  readonly sampled: boolean;
  /** Empty where the trace is not sampled. */
  readonly attempts: readonly AttemptSpan[];
}

/** What was asked of a tool server. */
export interface ToolNote {
  readonly server: string;
  /** Of MCP, or null for a stream that was opened or a session that was ended. */
  readonly method: string | null;
  /** The tool that was called, where it is one that the document allows. */
  readonly tool: string | null;
  /** Allowed tools that were not shown because they are not what was pinned. */
  readonly withheld?: readonly string[];
}

/** The evidence of one governed request; content is never in it. Times are Unix milliseconds. */
export interface DecisionEvent {
  readonly type: 'decision';
  readonly id: string;
  readonly at: number;
  readonly requestId: string;
  readonly token: string | null;
  /** Id of the token's secret that was shown; absent where none was, and in lines of gateways that did not say it yet. */
  readonly credential?: string;
  readonly team: string | null;
  readonly route: string;
  readonly model: string | null;
  readonly target: string | null;
  /** The family of the target that was asked last (`openai`); null where none was, and for tool servers. */
  readonly provider: string | null;
  /** How many intents of it were durable: how often it went out to a provider or tool server, or was about to. */
  readonly attempts: number;
  readonly status: number;
  readonly verdict: Verdict;
  readonly reasonCode: string | null;
  readonly stream: boolean;
  readonly simulated: boolean;
  readonly configVersion: string;
  readonly contentDigest: Sha256Hex;
  readonly generation: number;
  /** The commit that the content comes from, as it was signed; null for a stand-alone file and an override. */
  readonly commit: CommitId | null;
  readonly steps: readonly PolicyStep[];
  readonly wallets: readonly WalletEntry[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Why the whole hold was settled, so that the tokens are not known; absent where they are what the provider reported. */
  readonly usageFlag?: UsageFlag;
  /** Absent where the caller sent none and none is exported. */
  readonly trace?: TraceNote;
  /** Absent where no tool server was asked. */
  readonly tool?: ToolNote;
  readonly durationMs: number;
}

/** The provider reported no usage, or one that is far above what the request could cost. */
export type UsageFlag = 'unknown' | 'absurd';

/** Written durably before the first upstream byte, so that a crash cannot hide that a request went out. */
export interface IntentEvent {
  readonly type: 'intent';
  readonly id: string;
  readonly at: number;
  readonly requestId: string;
  readonly target: string;
  /** The policy whose service is asked about the content; absent where the request itself goes out. */
  readonly policy?: string;
  /** What this attempt holds. */
  readonly wallets: readonly WalletEntry[];
  /** How the holds of earlier attempts of the request ended; absent for the first. */
  readonly ended?: readonly WalletEntry[];
}

/** Where a request stood when it was handed to people: before it went out, as its answer, for want of money, or at a tool call. */
export const ESCALATION_PHASES = ['input', 'output', 'wallet', 'tool'] as const;
export type EscalationPhase = (typeof ESCALATION_PHASES)[number];

/** A request or an answer that waits for people; content is never in it. The same id again is the same escalation. */
export interface EscalationEvent {
  readonly type: 'escalation';
  /** `esc_…`, which the gateway derives from the request id. */
  readonly id: string;
  readonly at: number;
  readonly requestId: string;
  readonly phase: EscalationPhase;
  /** The kind of the policy that asks, or the wallet. */
  readonly policy: string;
  readonly reasonCode: string;
  readonly token: string | null;
  readonly team: string | null;
  readonly model: string | null;
  /** How long the policy has the request wait; null leaves it to the review queue. */
  readonly timeoutMs: number | null;
  /** Absent where no tool of a server is called. */
  readonly tool?: EscalatedTool;
}

/** Which call of a tool people decide about; its arguments are not in it. */
export interface EscalatedTool {
  readonly server: string;
  readonly tool: string;
  /** SHA-256 of the arguments as they would be sent, in the form of RFC 8785: who has them can show that they are these. */
  readonly argumentsDigest: Sha256Hex;
}

/**
 * How an escalation ended at the gateway: `lost` where nothing was there any more to be let go on; `overtaken` where it was
 * approved, and what was in force by then did not let it go on.
 */
export const ESCALATION_ENDS = ['approved', 'denied', 'expired', 'lost', 'overtaken'] as const;
export type EscalationEnd = (typeof ESCALATION_ENDS)[number];

/** Written when the gateway has acted on the outcome. */
export interface EscalationEndEvent {
  readonly type: 'escalation-end';
  readonly id: string;
  readonly at: number;
  readonly requestId: string;
  readonly outcome: EscalationEnd;
  /** Why it did not go on; of `overtaken` alone. */
  readonly reasonCode?: string;
}

export type EscalationState = 'queued' | 'claimed' | 'resolved';

/**
 * Why an escalation is resolved: a reviewer decided · nobody did in time, so the queue's `onTimeout` holds · the org has no
 * review queue · the gateway said that nothing waits any more.
 */
export type EscalationReason = 'reviewer' | 'timeout' | 'no-review' | 'lost';

/** control plane -> gateway: GET /api/v1/gateway/escalations/<id>. `outcome` and `reason` are null until it is resolved. */
export interface EscalationAnswer {
  readonly id: string;
  readonly state: EscalationState;
  readonly outcome: 'approved' | 'denied' | null;
  readonly reason: EscalationReason | null;
  /** By the clock of the control plane, Unix milliseconds. */
  readonly dueAt: number;
}

export type GatewayEvent = DecisionEvent | IntentEvent | EscalationEvent | EscalationEndEvent;

/** Every type of event that a journal has. */
export const EVENT_TYPES: readonly GatewayEvent['type'][] = ['decision', 'intent', 'escalation', 'escalation-end'];

/** One line of a gateway's journal: numbered and chained, so that a missing or changed line shows. */
export interface JournalLine {
  readonly sequence: number;
  /** SHA-256 of the line before; 64 zeros for the first. */
  readonly previous: Sha256Hex;
  readonly event: GatewayEvent;
}

/** A gateway says its newest acknowledgement again at least this often, as a sign of life. */
export const HEARTBEAT_MS = 5 * 60_000;
/** One that was not heard for so long is silent. */
export const SILENT_AFTER_MS = 3 * HEARTBEAT_MS;

/**
 * gateway -> control plane, signed with the gateway's key (bundles.md, acknowledgement). `at` is when it became so, on the
 * gateway's clock: one that is said again has the same, and is a sign of life and no news.
 */
export interface Acknowledgement {
  readonly gateway: string;
  readonly generation: number;
  readonly contentDigest: Sha256Hex | null;
  readonly state: 'active' | 'rejected' | 'stale';
  readonly code: string | null;
  readonly at: number;
}

/** gateway -> control plane: money asked for, to be spent locally without a round trip. */
export interface LeaseRequest {
  readonly wallet: string;
  /** The smallest grant that is of use: the hold that waits for it. */
  readonly needMicros: number;
  /** The period that the gateway pays in by its clock; one that the control plane is not near is refused. */
  readonly period?: string;
}

/** A granted slice: an amount of one wallet and period that one gateway may spend until it expires. */
export interface WalletSlice {
  readonly id: string;
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly grantedMicros: number;
  readonly expiresAt: number;
}

export type LeaseAnswer =
  | { readonly granted: true; readonly slice: WalletSlice }
  | {
      readonly granted: false;
      readonly reason: 'exhausted' | 'unknown-wallet' | 'unknown-gateway' | 'other-period';
      readonly leftMicros: number;
      readonly periodEnd: number | null;
    };

/** One hold that ended, booked against the slice it came from. */
export interface Settlement {
  readonly id: string;
  readonly sliceId: string;
  readonly requestId: string;
  readonly settledMicros: number;
  /** What usage exceeded the hold by; booked, never hidden (ai-gateways 7, rule 7). */
  readonly excessMicros: number;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly at: number;
}

/** gateway -> control plane, in batches; `closed` slices give their unspent rest back. */
export interface SettleRequest {
  readonly settlements: readonly Settlement[];
  readonly closed: readonly string[];
  /**
   * Slices that the gateway still has, said when all it ever spent is delivered: of others that ran out meanwhile it never
   * heard, or a crash forgot them, and nothing can come of them.
   */
  readonly keeps?: readonly string[];
}

/** Ways in which a person moves money of one wallet and period. */
export const ADJUSTMENT_KINDS = ['top-up', 'take-back', 'credit', 'charge'] as const;
export type AdjustmentKind = (typeof ADJUSTMENT_KINDS)[number];
