import type {
  DecisionEvent,
  EscalationEndEvent,
  EscalationEvent,
  GatewayEvent,
  Hash,
  IntentEvent,
  Network,
} from '../../src/core/model/index.ts';
import type { Counters, Snapshot } from '../core/index.ts';
import type { Accepted } from './accepted.ts';
import type { Log } from './log.ts';
import type { ToolDesk } from './mcp-desk.ts';
import type { Measures } from './measures.ts';
import type { Metrics } from './metrics.ts';
import type { Reviews } from './reviews.ts';
import type { Secrets } from './secrets.ts';
import type { Trouble } from './shipping.ts';
import type { SinkSet } from './sinks.ts';
import type { Strangers } from './strangers.ts';
import type { Tracer } from './tracing.ts';
import type { Upstreams } from './upstream.ts';
import type { WalletDesk } from './wallets.ts';

/** Where decisions go. `decision` resolves when it is durable and then runs `onDurable` once, also after a late success. */
export interface Evidence {
  intent(event: IntentEvent): Promise<void>;
  decision(event: DecisionEvent, onDurable: () => void): Promise<void>;
  /** What is asked of people, and how it ended. */
  escalation(event: EscalationEvent | EscalationEndEvent): Promise<void>;
}

export type Freshness = 'fresh' | 'late' | 'stale' | 'expired';

/** What a request needs of the gateway. `snapshot` is swapped by one assignment; a request reads it once. */
export interface Service {
  snapshot: Snapshot | null;
  readonly mode: 'managed' | 'standalone';
  readonly freshness: () => Freshness;
  readonly evidence: Evidence;
  /** Evidence cannot be written at present. */
  readonly isFailing: () => boolean;
  /** Evidence that is written does not reach the control plane, or a receiver, until a person has looked. */
  readonly trouble: () => Trouble | null;
  /** Null without enrolment: nothing is charged. */
  readonly desk: WalletDesk | null;
  /** Null where nobody can be asked: without enrolment. */
  readonly reviews: Reviews | null;
  readonly upstreams: Upstreams;
  readonly secrets: Secrets;
  readonly measures: Measures;
  readonly counters: Counters;
  /** Credentials that were accepted. */
  readonly accepted: Accepted;
  readonly strangers: Strangers;
  /** Who may say for whom a request comes. */
  readonly trustedProxies: readonly Network[];
  readonly environment: (name: string) => string | undefined;
  /** Answers for targets whose key is not there; announced at the start and in every such answer. */
  readonly simulator: string | null;
  readonly nowMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly trace: Tracer;
  /** Requests being answered now. */
  active: number;
  draining: boolean;
  /** Numbers for the metrics page that other parts count. */
  readonly gauges: () => { readonly [name: string]: number };
  readonly tools: ToolDesk;
  readonly hash: Hash;
  /** Receivers of evidence. */
  readonly sinks: SinkSet;
}

/** Evidence of a stand-alone gateway: none is kept, and it says so at the start. */
export const NO_EVIDENCE: Evidence = {
  intent: () => Promise.resolve(),
  escalation: () => Promise.resolve(),
  decision(_event, onDurable) {
    onDurable();
    return Promise.resolve();
  },
};

/** Evidence in a journal. A decision that could not be written is tried again, so that its hold stays until it is. */
export function createEvidence(journal: { append(event: GatewayEvent): Promise<unknown> }, retryMs = 1000): Evidence {
  const again = (event: DecisionEvent, onDurable: () => void): void => {
    setTimeout(() => {
      journal.append(event).then(onDurable, () => again(event, onDurable));
    }, retryMs).unref();
  };
  return {
    async intent(event) {
      await journal.append(event);
    },
    async escalation(event) {
      await journal.append(event);
    },
    async decision(event, onDurable) {
      try {
        await journal.append(event);
      } catch (error) {
        again(event, onDurable);
        throw error;
      }
      onDurable();
    },
  };
}

/** For how long a journal that failed counts as failing: without requests nothing tells that it does not any more. */
const FAILING_MS = 5000;

/** Tells whether a journal fails: since it was asked last, a write failed and none went well. Costs a request nothing. */
export function createJournalWatch(
  counters: { readonly lines: number; readonly failures: number },
  nowMs: () => number,
): () => boolean {
  let before = { ...counters };
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const { lines, failures } = counters;
    if (lines > before.lines) failedAtMs = Number.NEGATIVE_INFINITY;
    else if (failures > before.failures) failedAtMs = nowMs();
    before = { lines, failures };
    return nowMs() - failedAtMs < FAILING_MS;
  };
}
