import type {
  BundlePrice,
  BundleToken,
  BundleWallet,
  DecisionEvent,
  IntentEvent,
  PolicyStep,
  ToolNote,
  UsageFlag,
  Verdict,
  WalletEntry,
} from '../../src/core/model/index.ts';
import { type Hold, holdMicros, LONGEST_ANSWER_MS, settledMicros, type Usage } from '../../src/core/wallet/index.ts';
import {
  type Approved,
  type CredentialOf,
  NOTHING_APPROVED,
  priceNow,
  type RequestTrace,
  refuse,
  type Snapshot,
  traceNote,
  walletChain,
} from '../core/index.ts';
import { Refused } from './intake.ts';
import type { Pass } from './limits.ts';
import type { AttemptNote } from './measures.ts';
import type { Service } from './service.ts';
import { heldEntries, settledEntries } from './wallets.ts';

// One request's course: what it was decided with, what it held, and the one decision that is written of it.

/** The facts of a request as they become known; written to the journal when it ends. */
export interface Exchange {
  readonly requestId: string;
  readonly route: string;
  readonly startedMs: number;
  /** What it is judged with: what was in force when it came, or when a person had let it go on. */
  snapshot: Snapshot;
  /** The credential that it came with, as that configuration knows it; null: nobody has to show one. */
  credential: CredentialOf | null;
  /** That of the credential. */
  token: BundleToken | null;
  /** What people have let through, of the question that was asked last. */
  approved: Approved;
  /** Of a request that limits bind. */
  pass: Pass | null;
  /** Null: the caller sent none and none is exported. */
  readonly trace: RequestTrace | null;
  model: string | null;
  target: string | null;
  /** The family of the target. */
  provider: string | null;
  verdict: Verdict;
  reasonCode: string | null;
  stream: boolean;
  simulated: boolean;
  steps: readonly PolicyStep[];
  usage: Usage;
  usageFlag: UsageFlag | null;
  /** What the provider reported, before the decision is written. */
  known: Usage | null;
  /** Intents of it that are durable. */
  attempts: number;
  /** Holds of attempts that ended without an answer. */
  ended: WalletEntry[];
  /** Their holds, kept until what became of them is durable: a slice is given back only after what it paid for is told. */
  owed: { readonly id: string; readonly costMicros: number }[];
  /** When the answer has to have ended; null: no money is held for it. */
  answerByMs: number | null;
  /** The hold of the attempt that is answering. */
  held: PricedHold | null;
  /** What is asked of a tool server; null elsewhere. */
  tool: ToolNote | null;
  /** What is noted of the attempt that is answering. */
  attempt: AttemptNote | null;
  /** A person was asked because the money is used up; nobody is asked twice. */
  isMoneyAsked: boolean;
  /** Its decision is written, or on its way to be. */
  isDecided: boolean;
}

/** A hold with the price it was computed from; `micros` is the upper bound that is settled when no usage is known. */
export interface PricedHold {
  readonly hold: Hold;
  readonly price: BundlePrice;
  readonly micros: number;
}

export function createExchange(
  facts: Pick<Exchange, 'requestId' | 'route' | 'startedMs' | 'snapshot' | 'credential' | 'pass' | 'trace'>,
): Exchange {
  return {
    ...facts,
    token: facts.credential?.token ?? null,
    approved: NOTHING_APPROVED,
    model: null,
    target: null,
    provider: null,
    verdict: 'allow',
    reasonCode: null,
    stream: false,
    simulated: false,
    steps: [],
    usage: { inputTokens: 0, outputTokens: 0 },
    usageFlag: null,
    known: null,
    attempts: 0,
    ended: [],
    owed: [],
    answerByMs: null,
    held: null,
    tool: null,
    attempt: null,
    isMoneyAsked: false,
    isDecided: false,
  };
}

/** The wallets that pay for the request; empty: nothing is charged. */
export function payers(exchange: Exchange): readonly BundleWallet[] {
  const { tenant } = exchange.snapshot;
  return tenant === null || exchange.token === null ? [] : walletChain(tenant, exchange.token);
}

/** The price of the model in the currency of every wallet that may pay; refuses price_missing (rule: no price, no hold). */
export function priceFor(
  exchange: Exchange,
  model: string,
  chain: readonly BundleWallet[],
  nowMs: number,
): BundlePrice {
  const { tenant } = exchange.snapshot;
  const price = tenant === null ? undefined : priceNow(tenant, model, nowMs);
  if (price === undefined || chain.some((wallet) => wallet.currency !== price.currency)) {
    throw new Refused(
      refuse('price_missing', {
        message: `The model "${model}" has no price in the currency of the wallet that pays.`,
      }),
    );
  }
  return price;
}

/** What an attempt may cost at most. */
export interface Bound {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Holds the bound in the wallets, for attempt `attempt`; null when nobody pays. Refuses with what the wallets say, and an attempt
 * whose answer could only come too late: what earlier ones may have spent is held until it ends.
 */
export async function holdFor(
  service: Service,
  exchange: Exchange,
  bound: Bound,
  attempt: number,
): Promise<PricedHold | null> {
  const chain = payers(exchange);
  if (chain.length === 0 || service.desk === null) return null;
  const now = service.nowMs();
  if (exchange.answerByMs !== null && now >= exchange.answerByMs) throw new Refused(refuse('answer_too_long'));
  const price = priceFor(exchange, bound.model, chain, now);
  const micros = holdMicros(price, bound.inputTokens, bound.outputTokens);
  const answer = await service.desk.hold(`${exchange.requestId}.${attempt}`, chain, micros);
  if (answer.kind === 'refused') throw new Refused(answer.refusal);
  if (answer.hold.parts.length > 0) exchange.answerByMs ??= service.nowMs() + LONGEST_ANSWER_MS;
  return { hold: answer.hold, price, micros };
}

/** What an intent says of money: what this attempt holds, and how the holds of earlier attempts ended. */
export function intentEntries(exchange: Exchange, held: PricedHold | null): Pick<IntentEvent, 'wallets' | 'ended'> {
  const wallets = held === null ? [] : heldEntries(held.hold);
  return exchange.ended.length === 0 ? { wallets } : { wallets, ended: [...exchange.ended] };
}

/**
 * Gives back what earlier attempts held and did not spend, once an intent that says so is durable: sooner, and a crash would
 * settle it whole while others spend it too.
 */
export function releaseEnded(service: Service, exchange: Exchange): void {
  for (const { id, costMicros } of exchange.owed) if (costMicros === 0) service.desk?.settle(id, 0);
  exchange.owed = exchange.owed.filter(({ costMicros }) => costMicros > 0);
}

/** Ends the hold of an attempt that gave no answer: released when the provider surely did not bill, else settled whole. */
export function endAttempt(exchange: Exchange, held: PricedHold | null, isUnbilled: boolean): void {
  if (held === null) return;
  const cost = isUnbilled ? 0 : held.micros;
  exchange.ended.push(...settledEntries(held.hold, cost));
  exchange.owed.push({ id: held.hold.id, costMicros: cost });
  exchange.held = null;
}

/**
 * Writes the decision durably, with the settled hold; rejects Refused journal_unavailable when that failed. There is one: of an
 * answer that waited it was written before.
 */
export async function decide(
  service: Service,
  exchange: Exchange,
  outcome: { readonly status: number; readonly usage: Usage | 'unknown' },
): Promise<void> {
  const { held } = exchange;
  if (exchange.isDecided) return;
  exchange.isDecided = true;
  const settled = held === null ? NOTHING_HELD : costOf(held, outcome.usage);
  const cost = settled.micros;
  exchange.usageFlag = settled.flag;
  if (outcome.usage !== 'unknown' && settled.flag !== 'absurd') exchange.usage = outcome.usage;
  exchange.attempt?.used(exchange.usage);
  exchange.attempt = null;
  const wallets = [...exchange.ended, ...(held === null ? [] : settledEntries(held.hold, cost))];
  exchange.held = null;
  try {
    await service.evidence.decision(decisionOf(service, exchange, outcome.status, wallets), () => {
      for (const { id, costMicros } of exchange.owed) service.desk?.settle(id, costMicros);
      if (held !== null) service.desk?.settle(held.hold.id, cost);
    });
  } catch {
    throw new Refused(refuse('journal_unavailable'));
  }
  service.metrics.tokens(exchange.usage.inputTokens, exchange.usage.outputTokens);
  if (exchange.verdict === 'block') logBlock(service, exchange);
}

/** By request and reason, never with content. */
function logBlock(service: Service, { requestId, reasonCode, trace }: Exchange): void {
  service.log.warn('blocked', {
    request: requestId,
    reason: reasonCode,
    ...(trace === null ? {} : { trace: trace.traceId }),
  });
}

const NOTHING_HELD = { micros: 0, flag: null } as const;

/** The whole hold where no usage is known, or one that nobody can believe; the evidence says so. */
function costOf(
  held: PricedHold,
  usage: Usage | 'unknown',
): { readonly micros: number; readonly flag: UsageFlag | null } {
  if (usage === 'unknown') return { micros: held.micros, flag: 'unknown' };
  const { micros, isAbsurd } = settledMicros(held, usage);
  return { micros, flag: isAbsurd ? 'absurd' : null };
}

function decisionOf(
  service: Service,
  exchange: Exchange,
  status: number,
  wallets: readonly WalletEntry[],
): DecisionEvent {
  const { snapshot, credential, token } = exchange;
  const at = service.nowMs();
  return {
    type: 'decision',
    id: `evt${exchange.requestId.slice(3)}`,
    at,
    requestId: exchange.requestId,
    token: token?.name ?? null,
    ...(credential === null ? {} : { credential: credential.id }),
    team: token?.team ?? null,
    route: exchange.route,
    model: exchange.model,
    target: exchange.target,
    provider: exchange.provider,
    attempts: exchange.attempts,
    status,
    verdict: exchange.verdict,
    reasonCode: exchange.reasonCode,
    stream: exchange.stream,
    simulated: exchange.simulated,
    configVersion: snapshot.configVersion,
    contentDigest: snapshot.contentDigest,
    generation: snapshot.tenant?.generation ?? 0,
    commit: snapshot.tenant?.commit ?? null,
    steps: exchange.steps,
    wallets,
    inputTokens: exchange.usage.inputTokens,
    outputTokens: exchange.usage.outputTokens,
    ...(exchange.usageFlag === null ? {} : { usageFlag: exchange.usageFlag }),
    ...(exchange.tool === null ? {} : { tool: exchange.tool }),
    ...(exchange.trace === null ? {} : { trace: traceNote(exchange.trace, at) }),
    durationMs: Math.max(0, at - exchange.startedMs),
  };
}
