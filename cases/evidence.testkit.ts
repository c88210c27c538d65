import { createHash } from 'node:crypto';
import type {
  DecisionEvent,
  EscalationEnd,
  EscalationEndEvent,
  EscalationEvent,
  GatewayEvent,
  IntentEvent,
  JournalLine,
  OrgSlug,
  Settlement,
  Sha256Hex,
  WalletEntry,
} from '../src/core/model/index.ts';
import { settlementsOf } from '../src/core/wallet/index.ts';
import type { LeaseTerms, RuntimeStore, RuntimeTransaction } from '../src/ports/index.ts';

// What gateways leave in the evidence, written by hand and stored through the real port.

export const DIGEST = 'a'.repeat(64) as Sha256Hex;
const sha256 = (text: string): Sha256Hex => createHash('sha256').update(text).digest('hex') as Sha256Hex;

export const intentOf = (requestId: string, wallets: readonly WalletEntry[] = [], at = 1000): IntentEvent => ({
  ...{ type: 'intent', id: `int-${requestId}`, at, requestId, target: 'main', wallets },
});

export const questionOf = (requestId: string, change: Partial<EscalationEvent> = {}): EscalationEvent => ({
  ...{ type: 'escalation', id: `esc_${requestId}`, at: 1000, requestId, phase: 'input', policy: 'safety-filter' },
  ...{ reasonCode: 'safety.detected', token: 'app', team: 'desk', model: null, timeoutMs: null },
  ...change,
});

export const endOf = (requestId: string, outcome: EscalationEnd): EscalationEndEvent => ({
  ...{ type: 'escalation-end', id: `esc_${requestId}`, at: 1000, requestId, outcome },
  ...(outcome === 'overtaken' ? { reasonCode: 'gateway.token_invalid' } : {}),
});

export const decisionOf = (requestId: string, change: Partial<DecisionEvent> = {}): DecisionEvent => ({
  ...{ type: 'decision', id: `evt-${requestId}`, at: 1000, requestId, token: 'app', team: 'desk' },
  ...{
    route: '/v1/chat/completions',
    model: 'gpt-4o-mini',
    target: 'main',
    provider: 'openai',
    attempts: 1,
    status: 200,
    verdict: 'allow',
  },
  ...{ reasonCode: null, stream: false, simulated: false, configVersion: '1.0.0+abc', contentDigest: DIGEST },
  ...{ generation: 1, commit: null, steps: [], wallets: [], inputTokens: 10, outputTokens: 5, durationMs: 3 },
  ...change,
});

/** Of a request that never went out. */
export const refusedOf = (requestId: string, change: Partial<DecisionEvent> = {}): DecisionEvent =>
  decisionOf(requestId, { attempts: 0, status: 409, verdict: 'block', inputTokens: 0, outputTokens: 0, ...change });

export const entryOf = (settledMicros: number, change: Partial<WalletEntry> = {}): WalletEntry => ({
  ...{ wallet: 'desk', period: 'month-2027-01-01', currency: 'USD', heldMicros: 100, settledMicros, sliceId: 's1' },
  ...change,
});

export interface TestGateway {
  /** Stores the events as the next lines of the journal, and books and queues what they tell, in one request. */
  ship(...events: readonly GatewayEvent[]): Promise<void>;
  /** Stores the event as the next line, and books nothing. */
  keep(event: GatewayEvent): Promise<void>;
  /** Books what no line said. */
  settle(settlement: Settlement): Promise<void>;
  lease(sliceId: string, change?: Partial<LeaseTerms>): Promise<void>;
  /** Begins another journal under a new enrolment. */
  restart(): Promise<void>;
}

/** A reviewer of the org takes the question of a request, and answers it. */
export async function answered(
  runtime: RuntimeStore,
  org: OrgSlug,
  requestId: string,
  outcome: 'approved' | 'denied',
): Promise<void> {
  const by = { id: `esc_${requestId}`, by: 'rev', key: null, note: null, nowMs: 2000 };
  await runtime.moveEscalation(org, { ...by, verb: 'claim' });
  const moved = await runtime.moveEscalation(org, { ...by, verb: 'resolve', outcome });
  if (!moved.ok) throw new Error(`expected ${requestId} to be resolved, found ${moved.reason}`);
}

/** What the control plane keeps of questions and ends that it is told of. Due at 9,000,000: refused, unless `lenient` asked. */
async function escalate(
  tx: RuntimeTransaction,
  gateway: string,
  event: EscalationEvent | EscalationEndEvent,
): Promise<void> {
  if (event.type === 'escalation-end') {
    const { id, outcome, at } = event;
    await tx.endEscalation(gateway, { id, outcome, at, nowMs: 3000 });
    return;
  }
  const { type: _type, at: createdAt, timeoutMs: _timeout, ...facts } = event;
  const onTimeout = facts.policy === 'lenient' ? 'approve' : 'deny';
  const review = { name: 'legal', dueAt: 9_000_000, onTimeout, channels: [] } as const;
  await tx.putEscalation({ ...facts, gateway, createdAt, receivedAt: createdAt, review });
}

/** An enrolled gateway of an org that exists only as the journal it ships. */
export async function gatewayAt(runtime: RuntimeStore, org: OrgSlug, gateway: string): Promise<TestGateway> {
  let [sequence, line, enrolments] = [0, 0, 0];
  let previous = '0'.repeat(64) as Sha256Hex;
  const enrol = async (): Promise<void> => {
    enrolments += 1;
    const codeHash = sha256(`${org} ${gateway} ${enrolments}`);
    await runtime.putEnrolmentCode(org, { gateway, codeHash, expiresAt: 10_000 });
    await runtime.redeemEnrolmentCode(org, { codeHash, gateway, publicKey: sha256(codeHash), nowMs: 1 });
    [sequence, line] = [0, 0];
    previous = '0'.repeat(64) as Sha256Hex;
  };
  const once = async (work: Parameters<RuntimeStore['once']>[2]): Promise<void> => {
    sequence += 1;
    const done = await runtime.once(org, { gateway, sequence, bodyDigest: sha256(`${sequence}`) }, work);
    if (!done.ok) throw new Error(`expected the request to be taken, found ${done.reason}`);
  };
  await enrol();
  const nextLine = (event: GatewayEvent) => {
    line += 1;
    const whole: JournalLine = { sequence: line, previous, event };
    const text = JSON.stringify(whole);
    previous = sha256(text);
    return { line: whole, text, hash: previous };
  };
  return {
    restart: enrol,
    ship: (...events) =>
      once(async (tx) => {
        await tx.appendEvents(gateway, events.map(nextLine));
        await tx.settle(gateway, events.flatMap(settlementsOf), [], 2000);
        for (const event of events)
          if (event.type === 'escalation' || event.type === 'escalation-end') await escalate(tx, gateway, event);
        return {};
      }),
    keep: (event) =>
      once(async (tx) => {
        await tx.appendEvents(gateway, [nextLine(event)]);
        return {};
      }),
    settle: (settlement) =>
      once(async (tx) => {
        await tx.settle(gateway, [settlement], [], 2000);
        return {};
      }),
    lease: (sliceId, change = {}) =>
      once(async (tx) => {
        await tx.lease({
          ...{ gateway, wallet: 'desk', period: 'month-2027-01-01', periodEnd: null, currency: 'USD' },
          ...{ limitMicros: 1_000_000, thresholds: [50, 80, 100], needMicros: 10_000, sliceMicros: 10_000, sliceId },
          ...{ nowMs: 900, expiresAt: 9_000_000, ...change },
        });
        return {};
      }),
  };
}
