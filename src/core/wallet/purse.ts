import type { PaymentRule, WalletSlice, WhenExhausted } from '../model/index.ts';

// Slices of money that a gateway has leased, and the holds it has taken from them. All amounts are integer
// micro-units. For every slice, always: held + settled <= granted. A hold is never shrunk and ends exactly once.

/** What a document says of a wallet that decides whether a slice of it is still in force. */
export interface WalletTerms {
  readonly wallet: string;
  readonly currency: string;
  readonly limitMicros: number;
}

/** One wallet of the chain a request may be paid from, in the period of now. */
export interface WalletUse extends WalletTerms {
  readonly period: string;
  readonly whenExhausted: WhenExhausted;
  /** The control plane cannot be asked: who allows does not wait for it (ai-gateways section 7, rule 13). */
  readonly isAway: boolean;
}

/** A question to the purse: may `micros` be held for `id`, and who pays? */
export interface HoldAsk {
  readonly id: string;
  /** From the token's wallet up its parents. */
  readonly chain: readonly WalletUse[];
  /** The rule of the first wallet of the chain (rulings 26). */
  readonly rule: PaymentRule;
  readonly micros: number;
  readonly nowMs: number;
}

/**
 * What one slice gave to a hold. An `allow` wallet that is exhausted, or cannot lease, pays by overdraft: 0 of its newest slice,
 * null if it never had one.
 */
export interface HoldPart {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly sliceId: string | null;
  readonly micros: number;
}

export interface Hold {
  readonly id: string;
  readonly parts: readonly HoldPart[];
}

export type HoldAnswer =
  | { readonly kind: 'held'; readonly hold: Hold }
  /** Ask the control plane for a slice of at least `needMicros`, then ask again. */
  | { readonly kind: 'lease'; readonly wallet: string; readonly period: string; readonly needMicros: number }
  | { readonly kind: 'exhausted'; readonly wallet: string; readonly leftMicros: number };

/** A part that ended: `excessMicros` is what usage cost beyond the hold, booked and never hidden. */
export interface SettledPart extends HoldPart {
  readonly settledMicros: number;
  readonly excessMicros: number;
}

/** A slice with what was taken from it; also the form a checkpoint keeps. */
export interface SliceState {
  readonly slice: WalletSlice;
  /** The limit that it was leased under, or a higher one that held later; null: not known, so that nothing is held of it. */
  readonly limitMicros: number | null;
  readonly heldMicros: number;
  readonly settledMicros: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Leased money of one gateway. Changed in place by the functions of this file and by nothing else. */
export interface Purse {
  readonly slices: ReadonlyMap<string, SliceState>;
  readonly holds: ReadonlyMap<string, Hold>;
}

/** What the control plane has left of a wallet, said at `atMs` and believed until `untilMs`. */
export interface LeaseRefusal {
  readonly leftMicros: number;
  readonly atMs: number;
  readonly untilMs: number;
}

interface OpenPurse {
  readonly slices: Map<string, Mutable<SliceState>>;
  readonly holds: Map<string, Hold>;
  /** wallet, period and currency -> its newest slice, given back or not. */
  readonly newest: Map<string, string>;
  /** wallet, period and currency -> the control plane's last refusal. */
  readonly refusals: Map<string, LeaseRefusal>;
}

export function createPurse(): Purse {
  const purse: OpenPurse = { slices: new Map(), holds: new Map(), newest: new Map(), refusals: new Map() };
  return purse;
}

/** Puts a granted slice in, with what a checkpoint says was taken before; one that is there already stays as it is. */
export function addSlice(purse: Purse, slice: WalletSlice, limitMicros: number | null, settledMicros = 0): void {
  const { slices, newest, refusals } = opened(purse);
  if (slices.has(slice.id)) return;
  const settled = Math.min(settledMicros, slice.grantedMicros);
  slices.set(slice.id, { slice, limitMicros, heldMicros: 0, settledMicros: settled });
  newest.set(walletKey(slice), slice.id);
  refusals.delete(walletKey(slice));
}

/** Remembers that the control plane refused: meanwhile nothing above `leftMicros` is asked for again. */
export function noteRefusal(purse: Purse, use: Account, refusal: LeaseRefusal): void {
  opened(purse).refusals.set(walletKey(use), refusal);
}

/** Believes no refusal any more: money may have come, so the control plane is asked anew. */
export function forgetRefusals(purse: Purse): void {
  opened(purse).refusals.clear();
}

/** Holds the amount, or says which lease is needed, or that no wallet can pay. All parts are taken or none. */
export function hold(purse: Purse, ask: HoldAsk): HoldAnswer {
  if (ask.micros <= 0) return keep(purse, ask.id, []);
  return ask.rule === 'all-must-pass' ? holdFromAll(purse, ask) : holdFromFirst(purse, ask);
}

function holdFromFirst(purse: Purse, ask: HoldAsk): HoldAnswer {
  let refused: HoldAnswer = { kind: 'exhausted', wallet: ask.chain[0]?.wallet ?? '', leftMicros: 0 };
  for (const [index, use] of ask.chain.entries()) {
    const answer = partsOf(purse, use, ask);
    if (answer.kind === 'parts') return keep(purse, ask.id, answer.parts);
    if (answer.kind === 'lease') return answer;
    if (index === 0) refused = answer;
  }
  return refused;
}

function holdFromAll(purse: Purse, ask: HoldAsk): HoldAnswer {
  const parts: HoldPart[] = [];
  let lease: HoldAnswer | undefined;
  for (const use of ask.chain) {
    const answer = partsOf(purse, use, ask);
    if (answer.kind === 'exhausted') return answer;
    if (answer.kind === 'lease') lease ??= answer;
    else parts.push(...answer.parts);
  }
  return lease ?? keep(purse, ask.id, parts);
}

/** What one wallet would give: from as few slices as it takes, those that expire first before others. */
function partsOf(
  purse: Purse,
  use: WalletUse,
  ask: HoldAsk,
): { readonly kind: 'parts'; readonly parts: readonly HoldPart[] } | Exclude<HoldAnswer, { kind: 'held' }> {
  const facts = { wallet: use.wallet, period: use.period, currency: use.currency };
  const parts: HoldPart[] = [];
  let missing = ask.micros;
  for (const { slice, heldMicros, settledMicros } of usable(purse, use, ask.nowMs)) {
    const micros = Math.min(missing, slice.grantedMicros - heldMicros - settledMicros);
    if (micros > 0) parts.push({ ...facts, sliceId: slice.id, micros });
    missing -= micros;
    if (missing === 0) return { kind: 'parts', parts };
  }
  const refusal = opened(purse).refusals.get(walletKey(use));
  // A clock that was set back is before the refusal, and would believe it for as long as it was ahead.
  const isBelieved = refusal !== undefined && refusal.atMs <= ask.nowMs && ask.nowMs < refusal.untilMs;
  const mayLease = !isBelieved || missing <= refusal.leftMicros;
  if (use.whenExhausted === 'allow' && (use.isAway || !mayLease)) {
    const sliceId = opened(purse).newest.get(walletKey(use)) ?? null;
    return { kind: 'parts', parts: [...parts, { ...facts, sliceId, micros: 0 }] };
  }
  if (mayLease) return { kind: 'lease', wallet: use.wallet, period: use.period, needMicros: missing };
  return { kind: 'exhausted', wallet: use.wallet, leftMicros: refusal.leftMicros + ask.micros - missing };
}

function usable(purse: Purse, use: WalletUse, nowMs: number): readonly SliceState[] {
  const found: SliceState[] = [];
  for (const state of purse.slices.values()) {
    const { slice } = state;
    const isIts = slice.wallet === use.wallet && slice.period === use.period;
    if (isIts && slice.expiresAt > nowMs && isInForce(state, use)) found.push(state);
  }
  return found.length < 2 ? found : found.sort((a, b) => a.slice.expiresAt - b.slice.expiresAt);
}

/** Money of another currency is other money, and what a higher limit granted a lower one may not. */
function isInForce({ slice, limitMicros }: SliceState, terms: WalletTerms): boolean {
  return slice.currency === terms.currency && limitMicros !== null && limitMicros <= terms.limitMicros;
}

function keep(purse: Purse, id: string, parts: readonly HoldPart[]): HoldAnswer {
  const { slices, holds } = opened(purse);
  if (holds.has(id)) throw new RangeError(`expected a new hold id, found ${id} in use`);
  for (const part of parts) {
    const state = part.sliceId === null ? undefined : slices.get(part.sliceId);
    if (state !== undefined) state.heldMicros += part.micros;
  }
  const taken: Hold = { id, parts };
  holds.set(id, taken);
  return { kind: 'held', hold: taken };
}

/** Takes again a hold that a journal tells of, whatever the refusals say; a part whose slice is gone is only remembered. */
export function restoreHold(purse: Purse, held: Hold): void {
  const { slices, holds } = opened(purse);
  if (holds.has(held.id)) return;
  const parts = held.parts.map((part) => {
    const state = part.sliceId === null ? undefined : slices.get(part.sliceId);
    const room = state === undefined ? 0 : state.slice.grantedMicros - state.heldMicros - state.settledMicros;
    if (state !== undefined) state.heldMicros += Math.min(part.micros, room);
    return state === undefined ? part : { ...part, micros: Math.min(part.micros, room) };
  });
  holds.set(held.id, { id: held.id, parts });
}

/**
 * Ends a hold at its real cost, per wallet: up to what was held is settled, what is above is excess on the wallet's last
 * part. The second end of a hold, and an unknown one, give undefined and change nothing.
 */
export function settle(purse: Purse, id: string, costMicros: number): readonly SettledPart[] | undefined {
  const { slices, holds } = opened(purse);
  const ended = holds.get(id);
  if (ended === undefined) return undefined;
  holds.delete(id);
  const settled = settlementOf(ended.parts, costMicros);
  for (const part of settled) {
    const state = part.sliceId === null ? undefined : slices.get(part.sliceId);
    if (state === undefined) continue;
    state.heldMicros -= part.micros;
    state.settledMicros += part.settledMicros;
  }
  return settled;
}

/** Ends a hold that nothing was spent of; the same rules as `settle` at cost 0. */
export function release(purse: Purse, id: string): readonly SettledPart[] | undefined {
  return settle(purse, id, 0);
}

/** What `settle` would book at this cost, so that it can be recorded durably first. */
export function settlementOf(parts: readonly HoldPart[], costMicros: number): readonly SettledPart[] {
  const cost = Math.max(0, costMicros);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) {
    const settledMicros = Math.min(cost, only.micros);
    return [{ ...only, settledMicros, excessMicros: cost - settledMicros }];
  }
  const left = new Map<string, number>();
  const settled = parts.map((part) => {
    const open = left.get(part.wallet) ?? cost;
    const settledMicros = Math.min(open, part.micros);
    left.set(part.wallet, open - settledMicros);
    return { ...part, settledMicros, excessMicros: 0 };
  });
  for (const [wallet, excessMicros] of left) {
    const last = settled.findLastIndex((part) => part.wallet === wallet);
    const part = settled[last];
    if (part !== undefined) settled[last] = { ...part, excessMicros };
  }
  return settled;
}

/** What is left to hold of a wallet and period, in all its slices. */
export function availableMicros(purse: Purse, use: WalletUse, nowMs: number): number {
  let sum = 0;
  for (const { slice, heldMicros, settledMicros } of usable(purse, use, nowMs)) {
    sum += slice.grantedMicros - heldMicros - settledMicros;
  }
  return sum;
}

/** Slices with no open hold that nobody will use again: expired, used up, or of a period that is over. */
export function closable(purse: Purse, nowMs: number, isOver: (slice: WalletSlice) => boolean): readonly string[] {
  const ids: string[] = [];
  for (const { slice, heldMicros, settledMicros } of purse.slices.values()) {
    const done = slice.expiresAt <= nowMs || settledMicros >= slice.grantedMicros || isOver(slice);
    if (heldMicros === 0 && done) ids.push(slice.id);
  }
  return ids;
}

/**
 * These terms of a wallet hold from now on. Of slices that are not in force under them nothing more is held: they are given back
 * once their holds have ended; true where there are any. The others are bound to this limit, which may be lowered again.
 */
export function adoptTerms(purse: Purse, terms: WalletTerms, nowMs: number): boolean {
  let isAnyRetired = false;
  for (const state of opened(purse).slices.values()) {
    if (state.slice.wallet !== terms.wallet) continue;
    if (isInForce(state, terms)) state.limitMicros = terms.limitMicros;
    else {
      retire(state, nowMs);
      isAnyRetired = true;
    }
  }
  return isAnyRetired;
}

/** Nobody pays here from other wallets than these: their slices are given back once their holds have ended; true where there are any. */
export function retireOthers(purse: Purse, wallets: ReadonlySet<string>, nowMs: number): boolean {
  let isAnyRetired = false;
  for (const state of opened(purse).slices.values()) {
    if (wallets.has(state.slice.wallet)) continue;
    retire(state, nowMs);
    isAnyRetired = true;
  }
  return isAnyRetired;
}

function retire(state: Mutable<SliceState>, nowMs: number): void {
  state.limitMicros = null;
  state.slice = { ...state.slice, expiresAt: Math.min(state.slice.expiresAt, nowMs) };
}

/** Takes slices out that were given back. */
export function dropSlices(purse: Purse, ids: readonly string[]): void {
  for (const id of ids) opened(purse).slices.delete(id);
}

/** What an amount belongs to. */
type Account = Pick<WalletSlice, 'wallet' | 'period' | 'currency'>;

function walletKey({ wallet, period, currency }: Account): string {
  return `${wallet}\n${period}\n${currency}`;
}

function opened(purse: Purse): OpenPurse {
  return purse as OpenPurse;
}
