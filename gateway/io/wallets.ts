import {
  type BundleWallet,
  type IntentEvent,
  instantText,
  type JsonObject,
  type LeaseAnswer,
  type LeaseRequest,
  type WalletEntry,
  type WalletSlice,
  type ZoneOffset,
} from '../../src/core/model/index.ts';
import {
  addSlice,
  adoptTerms,
  availableMicros,
  closable,
  createPurse,
  dropSlices,
  forgetRefusals,
  formatMoney,
  type Hold,
  hold,
  LONGEST_ANSWER_MS,
  noteRefusal,
  type Period,
  periodOf,
  restoreHold,
  retireOthers,
  type SettledPart,
  settle,
  settlementOf,
  type WalletUse,
} from '../../src/core/wallet/index.ts';
import { type Refusal, refuse, type WrittenLine } from '../core/index.ts';
import type { ControlPlane } from './control.ts';
import type { Log } from './log.ts';
import type { WalletCheckpoint } from './state.ts';

// Money on this side of the lease: holds are taken from slices in memory, what was leased and settled is on disk, and a
// restart finds it again from the checkpoint and the journal.

export type WalletAnswer =
  | { readonly kind: 'held'; readonly hold: Hold }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface WalletDesk {
  /** Holds the amount in the wallets of the chain, leasing more where it must. Nothing is held after a refusal. */
  hold(id: string, chain: readonly BundleWallet[], micros: number): Promise<WalletAnswer>;
  /** Somebody has put money in: what the control plane said before is not believed any more. */
  askAnew(): void;
  /** These wallets are in force now, and no others; true where slices that are not any more wait to be given back. */
  adopt(wallets: Iterable<BundleWallet>): boolean;
  /** Ends a hold whose decision is durable. */
  settle(id: string, costMicros: number): void;
  /** Slices that will not be used again; given back once every settlement so far is delivered. */
  spentSlices(): readonly string[];
  /** All slices that are here. Of any other nothing is held, and what was spent is in the journal. */
  keptSlices(): readonly string[];
  forget(sliceIds: readonly string[]): void;
  /** Micro-units that can be held now, by wallet; for metrics. */
  readonly leases: { asked: number; refused: number; away: number };
}

export interface WalletDeskOptions {
  readonly control: Pick<ControlPlane, 'post'>;
  readonly book: SliceBook;
  readonly zoneOffset: ZoneOffset;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Writes what is leased durably. A slice that a crash forgets is not spent; its rest expires at the control plane. */
  readonly checkpoint: () => Promise<void>;
}

/** How long a refusal is believed before the control plane is asked again. */
const REFUSAL_MS = 2000;
/** After a failed attempt requests are refused without asking for this long. */
const AWAY_MS = 1000;
/** A request waits this long for leases altogether. */
const PATIENCE_MS = 10_000;
/** Nothing is held of a slice in the last part of its life, so that what it pays for ends, and is delivered, before it expires. */
const LAST_PART_MS = LONGEST_ANSWER_MS + 60_000;

const WHY_NOT = {
  'unknown-wallet': 'the control plane does not know the wallet',
  'unknown-gateway': 'the org has this gateway no more',
  'other-period': "this clock is in another period than the control plane's, or far from it",
  'other-currency': 'the control plane has another currency for the wallet than the document here',
} as const;

export function createWalletDesk(options: WalletDeskOptions): WalletDesk {
  const { book, nowMs } = options;
  const { purse } = book;
  const leases = { asked: 0, refused: 0, away: 0 };
  const periods = new Map<string, { readonly wallet: BundleWallet; readonly period: Period }>();
  const inFlight = new Map<string, Promise<void>>();
  const awaySince = new Map<string, number>();
  const lowWater = new Map<string, number>();

  const keep = (): void => {
    options.checkpoint().catch((error: unknown) => {
      options.log.warn('the leased slices could not be written', {
        why: error instanceof Error ? error.message : String(error),
      });
    });
  };

  /** What was leased under a higher limit or in another currency is not in force any more (rule 12). */
  const retire = (wallet: BundleWallet, now: number): boolean => {
    const { name, currency, limitMicros } = wallet;
    const isAnyRetired = adoptTerms(purse, { wallet: name, currency, limitMicros }, now);
    if (isAnyRetired) lowWater.delete(name);
    return isAnyRetired;
  };

  const useOf = (wallet: BundleWallet, now: number): Omit<WalletUse, 'isAway'> => {
    const known = periods.get(wallet.name);
    const fits =
      known?.wallet === wallet && known.period.startMs <= now && now < (known.period.endMs ?? Number.POSITIVE_INFINITY);
    const period = fits ? known.period : periodOf(wallet.period, now, options.zoneOffset);
    if (!fits) periods.set(wallet.name, { wallet, period });
    if (known?.wallet !== wallet) retire(wallet, now);
    const { name, currency, limitMicros, whenExhausted } = wallet;
    return { wallet: name, period: period.id, currency, limitMicros, whenExhausted };
  };

  const leaseNow = async (use: WalletUse, needMicros: number): Promise<void> => {
    const { wallet, period } = use;
    leases.asked += 1;
    const answered = await options.control.post(
      '/api/v1/gateway/wallets/lease',
      JSON.stringify({ wallet, needMicros, period } satisfies LeaseRequest),
      { urgent: true },
    );
    const now = nowMs();
    const answer = answered.kind === 'ok' ? readLease(answered.body) : undefined;
    const away = (why: string): void => {
      leases.away += 1;
      awaySince.set(wallet, now);
      options.log.warn('no lease', { wallet, why });
    };
    if (answer === undefined) return away(answered.kind === 'away' ? answered.detail : 'refused or not understood');
    if (!answer.granted && answer.reason !== 'exhausted') return away(WHY_NOT[answer.reason]);
    if (!answer.granted) {
      leases.refused += 1;
      awaySince.delete(wallet);
      noteRefusal(purse, use, { leftMicros: answer.leftMicros, atMs: now, untilMs: now + REFUSAL_MS });
      return;
    }
    const slice = { ...answer.slice, expiresAt: answer.slice.expiresAt - LAST_PART_MS };
    addSlice(purse, slice, use.limitMicros);
    // The document may have changed while the control plane was asked.
    const present = periods.get(wallet)?.wallet;
    if (present !== undefined) retire(present, now);
    keep();
    // A slice that cannot be used is given back, and no other asked for at once.
    if (slice.period !== period || slice.expiresAt <= now) return away(WHY_NOT['other-period']);
    if (slice.currency !== use.currency) return away(WHY_NOT['other-currency']);
    awaySince.delete(wallet);
    lowWater.set(wallet, Math.floor(slice.grantedMicros / 2));
  };

  /** A clock that was set back is before the failure, and would wait for as long as it was ahead. */
  const isAway = (wallet: string, now: number): boolean => {
    const since = awaySince.get(wallet);
    return since !== undefined && since <= now && now < since + AWAY_MS;
  };

  /** One question per wallet at a time: who comes meanwhile waits for the same answer. */
  const lease = (use: WalletUse, needMicros: number): Promise<void> => {
    const known = inFlight.get(use.wallet);
    if (known !== undefined) return known;
    const asked = leaseNow(use, needMicros).finally(() => inFlight.delete(use.wallet));
    inFlight.set(use.wallet, asked);
    return asked;
  };

  /**
   * Asks for the next slice before the present ones run out, or after they have while nobody answered, off the path of any
   * request: a slice as large as the control plane makes them, since no request needs more of it yet.
   */
  const prefetch = (use: WalletUse, now: number): void => {
    if (inFlight.has(use.wallet) || isAway(use.wallet, now)) return;
    const available = availableMicros(purse, use, now);
    const low = lowWater.get(use.wallet);
    const isLow = low !== undefined && available < low;
    if (!isLow && (!use.isAway || available > 0)) return;
    if (isLow) lowWater.set(use.wallet, Math.floor(low / 2));
    void lease(use, 1);
  };

  return {
    leases,
    async hold(id, chain, micros) {
      const until = nowMs() + PATIENCE_MS;
      const rule = chain[0]?.paymentRule ?? 'first-that-can-pay';
      for (;;) {
        const now = nowMs();
        const isLate = now > until;
        // Since a failure until there is an answer: by then only who does not allow asks on the path of its requests.
        const uses = chain.map((wallet) => ({ ...useOf(wallet, now), isAway: isLate || awaySince.has(wallet.name) }));
        const answer = hold(purse, { id, chain: uses, rule, micros, nowMs: now });
        if (answer.kind === 'held') {
          for (const use of uses) if (answer.hold.parts.some((part) => part.wallet === use.wallet)) prefetch(use, now);
          return answer;
        }
        if (answer.kind === 'exhausted') return { kind: 'refused', refusal: exhausted(chain, answer, micros) };
        const use = uses.find(({ wallet }) => wallet === answer.wallet);
        if (use === undefined || isLate || isAway(use.wallet, now)) {
          return { kind: 'refused', refusal: refuse('wallet_unavailable') };
        }
        await lease(use, answer.needMicros);
      }
    },
    askAnew: () => forgetRefusals(purse),
    adopt(wallets) {
      const now = nowMs();
      const present = [...wallets];
      const isAnyRetired = present.filter((wallet) => retire(wallet, now)).length > 0;
      const areOthers = retireOthers(purse, new Set(present.map(({ name }) => name)), now);
      keep();
      return isAnyRetired || areOthers;
    },
    settle: (id, costMicros) => void settle(purse, id, costMicros),
    spentSlices: () =>
      closable(purse, nowMs(), (slice) => periods.get(slice.wallet)?.period.id !== slice.period && isOver(slice)),
    keptSlices: () => [...purse.slices.keys()],
    forget: (sliceIds) => {
      dropSlices(purse, sliceIds);
      book.forget(sliceIds);
      keep();
    },
  };

  /** Whose budget is short, by how much, and until when: what a person needs who asks for more (rule 15). */
  function exhausted(
    chain: readonly BundleWallet[],
    { wallet: name, leftMicros }: { readonly wallet: string; readonly leftMicros: number },
    neededMicros: number,
  ): Refusal {
    const wallet = chain.find((item) => item.name === name);
    const period = periods.get(name)?.period;
    const details: JsonObject = {
      ...{ wallet: name, scope: wallet?.scope ?? null, currency: wallet?.currency ?? null },
      ...{ period: period?.id ?? null, period_end: period?.endMs ? instantText(period.endMs) : null },
      ...{ needed: formatMoney(neededMicros), left: formatMoney(leftMicros) },
    };
    return refuse('budget_exceeded', { message: exhaustedText(name), details });
  }

  /** True for a slice of a wallet that has moved on to another period. */
  function isOver(slice: WalletSlice): boolean {
    const known = periods.get(slice.wallet);
    if (known === undefined) return false;
    return useOf(known.wallet, nowMs()).period !== slice.period;
  }
}

function exhaustedText(wallet: string): string {
  return `The wallet "${wallet}" does not hold what this request may cost in its present period.`;
}

const REASONS = ['exhausted', 'unknown-wallet', 'unknown-gateway', 'other-period'] as const;

/** The lease answer, or undefined when it is not one: money is never taken from a text that is not understood. */
function readLease(body: unknown): LeaseAnswer | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const answer = body as {
    readonly granted?: unknown;
    readonly slice?: unknown;
    readonly leftMicros?: unknown;
    readonly reason?: unknown;
  };
  if (answer.granted === false) {
    const known = Number.isSafeInteger(answer.leftMicros) && REASONS.includes(answer.reason as never);
    return known ? (body as LeaseAnswer) : undefined;
  }
  const slice = answer.slice as Partial<WalletSlice> | null | undefined;
  if (answer.granted !== true || typeof slice !== 'object' || slice === null) return undefined;
  const texts = [slice.id, slice.wallet, slice.period, slice.currency].every(
    (text) => typeof text === 'string' && text !== '',
  );
  const counts = [slice.grantedMicros, slice.expiresAt].every(
    (count) => Number.isSafeInteger(count) && Number(count) >= 0,
  );
  return texts && counts ? (body as LeaseAnswer) : undefined;
}

/** What a hold looks like in the evidence before it ends. */
export function heldEntries(held: Hold): readonly WalletEntry[] {
  return held.parts.map((part) => ({
    wallet: part.wallet,
    period: part.period,
    currency: part.currency,
    heldMicros: part.micros,
    settledMicros: 0,
    ...(part.sliceId === null ? {} : { sliceId: part.sliceId }),
  }));
}

/** What a hold will look like in the evidence when it ends at this cost. */
export function settledEntries(held: Hold, costMicros: number): readonly WalletEntry[] {
  return settlementOf(held.parts, costMicros).map(entryOf);
}

function entryOf(part: SettledPart): WalletEntry {
  return {
    wallet: part.wallet,
    period: part.period,
    currency: part.currency,
    heldMicros: part.micros,
    settledMicros: part.settledMicros,
    ...(part.sliceId === null ? {} : { sliceId: part.sliceId }),
    ...(part.excessMicros === 0 ? {} : { excessMicros: part.excessMicros }),
  };
}

/** The purse and what the journal says of it: slices, what durable decisions settled, and intents without a decision. */
export interface SliceBook {
  readonly purse: ReturnType<typeof createPurse>;
  /** Sees every journal line once, in order. */
  observe(line: WrittenLine): void;
  /** After recovery: puts the checkpoint's slices in and gives the requests that were cut off, with all they held. */
  recovered(): readonly {
    readonly requestId: string;
    /** Null: of it nothing but questions of policies went out. */
    readonly target: string | null;
    /** Intents of it in the journal. */
    readonly attempts: number;
    readonly wallets: readonly WalletEntry[];
  }[];
  /** The sequence of the oldest intent that has no decision, or null. */
  oldestOpen(): number | null;
  checkpoint(through: number): WalletCheckpoint;
  forget(sliceIds: readonly string[]): void;
}

interface OpenRequest {
  readonly sequence: number;
  readonly target: string | null;
  readonly attempts: number;
  readonly wallets: readonly WalletEntry[];
  readonly ended: readonly WalletEntry[];
}

/**
 * How earlier attempts ended where the intent does not say. A question about content is asked within an attempt and says again
 * what that holds. A journal of before says nothing of earlier attempts: they count as spent.
 */
function formerEntries({ ended, wallets }: OpenRequest, { policy }: IntentEvent): readonly WalletEntry[] {
  return policy === undefined ? [...ended, ...wallets.map(spentWhole)] : ended;
}

const spentWhole = (entry: WalletEntry): WalletEntry => ({ ...entry, settledMicros: entry.heldMicros });

export function createSliceBook(start: WalletCheckpoint): SliceBook {
  const purse = createPurse();
  const settled = new Map(start.slices.map((item) => [item.slice.id, item.settledMicros]));
  const open = new Map<string, OpenRequest>();
  return {
    purse,
    observe({ sequence, event }) {
      if (event.type === 'intent') {
        const before = open.get(event.requestId);
        const { requestId, policy, wallets, ended } = event;
        // A question goes to the service of a policy, which answers no request.
        const target = policy === undefined ? event.target : (before?.target ?? null);
        const attempts = (before?.attempts ?? 0) + 1;
        const first = before?.sequence ?? sequence;
        const former = before === undefined ? [] : formerEntries(before, event);
        open.set(requestId, { sequence: first, target, attempts, wallets, ended: ended ?? former });
        return;
      }
      if (event.type !== 'decision') return;
      open.delete(event.requestId);
      if (sequence <= start.through) return;
      for (const { sliceId, settledMicros } of event.wallets) {
        if (sliceId !== undefined) settled.set(sliceId, (settled.get(sliceId) ?? 0) + settledMicros);
      }
    },
    recovered() {
      // Also those that ran out meanwhile: they are given back, else their rests would count as spent for good.
      for (const { slice, limitMicros = null } of start.slices) {
        addSlice(purse, slice, limitMicros, settled.get(slice.id));
      }
      return [...open].map(([requestId, { target, attempts, wallets, ended }]) => {
        const settled = [...ended, ...wallets.map(spentWhole)];
        const parts = settled.map(({ wallet, period, currency, sliceId = null, settledMicros: micros }) => ({
          ...{ wallet, period, currency, sliceId, micros },
        }));
        restoreHold(purse, { id: requestId, parts });
        settle(purse, requestId, Number.MAX_SAFE_INTEGER);
        return { requestId, target, attempts, wallets: settled };
      });
    },
    oldestOpen: () => {
      let oldest: number | null = null;
      for (const { sequence } of open.values()) oldest = Math.min(oldest ?? sequence, sequence);
      return oldest;
    },
    checkpoint: (through) => ({
      through,
      slices: [...purse.slices.values()].map(({ slice, limitMicros }) => ({
        slice,
        limitMicros,
        settledMicros: settled.get(slice.id) ?? 0,
      })),
    }),
    forget: (sliceIds) => {
      for (const id of sliceIds) settled.delete(id);
    },
  };
}
