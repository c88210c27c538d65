import {
  FLEET_ORG,
  type JsonObject,
  type LeaseAnswer,
  type LeaseRequest,
  type OrgSlug,
  ofKind,
  parseJson,
  type Settlement,
  type SettleRequest,
} from '../../core/model/index.ts';
import {
  boundedSettlement,
  formatMoney,
  LEASE_MS,
  MOST_SETTLED_MICROS,
  type Period,
  parseMoney,
  periodOf,
} from '../../core/wallet/index.ts';
import type { Crossing, ExpiryReport, LeaseTerms, RuntimeTransaction } from '../../ports/index.ts';
import type { AuthenticatedGateway } from './authenticate.ts';
import type { Answer, ControlPlane } from './context.ts';
import { malformed, once } from './once.ts';
import * as shapes from './shapes.ts';

/** What money needs of the control plane. */
export type MoneyPlane = Pick<ControlPlane, 'orgs' | 'runtime' | 'clock' | 'zoneOffset' | 'random' | 'hash' | 'log'>;

/** A slice is this share of the wallet's limit, so that a gateway asks about once per percent of spending. */
const SLICE_SHARE = 100;
/** How far a gateway's clock may be off around the turn of a period. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** POST …/wallets/lease: money to spend locally, decided against the applied limit and the ledger. */
export async function leaseWallet(
  plane: MoneyPlane,
  caller: AuthenticatedGateway,
  body: Uint8Array,
): Promise<Answer<JsonObject>> {
  const ask: LeaseRequest | undefined = shapes.lease(body);
  if (ask === undefined) return malformed('{wallet, needMicros, period?}');
  const terms = await leaseTerms(plane, caller, ask);
  return once(plane, caller, { body }, async (tx) => {
    if (typeof terms === 'string') return asJson(unanswerable(terms));
    const { answer, crossed } = await tx.lease(terms);
    tellCrossings(plane, caller.head.org, crossed);
    return asJson(answer);
  });
}

type Unanswerable = 'unknown-wallet' | 'unknown-gateway' | 'other-period';

function unanswerable(reason: Unanswerable): LeaseAnswer {
  return { granted: false, reason, leftMicros: 0, periodEnd: null };
}

async function leaseTerms(
  plane: MoneyPlane,
  caller: AuthenticatedGateway,
  ask: LeaseRequest,
): Promise<LeaseTerms | Unanswerable> {
  const objects = (await plane.orgs.observe(caller.head.org))?.objects ?? [];
  // Its identity lasts until it is revoked: so that what it did can still be delivered, and not to spend more.
  if (!ofKind(objects, 'Gateway').some(({ id }) => id.name === caller.row.gateway)) return 'unknown-gateway';
  const wallet = ofKind(objects, 'Wallet').find((item) => item.id.name === ask.wallet)?.document.spec;
  if (wallet === undefined) return 'unknown-wallet';
  // A limit that is none grants nothing; `check` lets no such wallet through.
  const limitMicros = parseMoney(wallet.limit) ?? 0;
  const nowMs = plane.clock.nowMs();
  const period = askedPeriod(ask, (at) => periodOf(wallet.period, at, plane.zoneOffset), nowMs);
  if (period === undefined) return 'other-period';
  return {
    gateway: caller.row.gateway,
    wallet: ask.wallet,
    period: period.id,
    periodEnd: period.endMs,
    currency: wallet.currency,
    limitMicros,
    thresholds: wallet.thresholds,
    needMicros: ask.needMicros,
    sliceMicros: Math.max(1, Math.floor(limitMicros / SLICE_SHARE)),
    sliceId: `slc-${toHex(plane.random.bytes(12))}`,
    nowMs,
    expiresAt: nowMs + LEASE_MS,
  };
}

/**
 * The period that the gateway pays in by its own clock, where that is at most five minutes off; undefined for any other:
 * a slice of a period that the gateway is not in would lie there unused while it asks for the next.
 */
function askedPeriod(ask: LeaseRequest, at: (epochMs: number) => Period, nowMs: number): Period | undefined {
  if (ask.period === undefined) return at(nowMs);
  return [nowMs, nowMs - CLOCK_SKEW_MS, nowMs + CLOCK_SKEW_MS].map(at).find(({ id }) => id === ask.period);
}

/**
 * POST …/wallets/settle: what was really spent of slices, idempotent by settlement id, and slices that are given back. What
 * decisions in the evidence settled is booked with them; said here too, it is a repetition.
 */
export async function settleWallets(
  plane: MoneyPlane,
  caller: AuthenticatedGateway,
  body: Uint8Array,
): Promise<Answer<JsonObject>> {
  const ask: SettleRequest | undefined = shapes.settlement(body);
  if (ask === undefined) return malformed('{settlements, closed, keeps?}');
  return once(plane, caller, { body }, async (tx) => {
    const { settlements } = ask;
    const closed = [...ask.closed, ...(await forgottenSlices(tx, caller, ask.keeps))];
    await bookSettlements(plane, caller, { tx, settlements, closed });
    return {};
  });
}

/**
 * Slices that ran out and that their gateway does not have, because a crash or a lost answer forgot them: it says so after all
 * it ever spent was delivered, so nothing of them was. Not those of an earlier enrolment, whose journal may be lost.
 */
async function forgottenSlices(
  tx: RuntimeTransaction,
  { row }: AuthenticatedGateway,
  keeps: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (keeps === undefined) return [];
  const kept = new Set(keeps);
  const expired = await tx.expiredSlices(row.gateway);
  return expired
    .filter(({ id, expiresAt }) => !kept.has(id) && expiresAt - LEASE_MS >= row.enrolledAt)
    .map(({ id }) => id);
}

/** Books a batch inside its transaction; says which thresholds it reached and what could not be booked. */
export async function bookSettlements(
  plane: Pick<MoneyPlane, 'clock' | 'log'>,
  { row, head }: AuthenticatedGateway,
  batch: {
    readonly tx: RuntimeTransaction;
    readonly settlements: readonly Settlement[];
    readonly closed: readonly string[];
  },
): Promise<void> {
  const settlements = batch.settlements.map(boundedSettlement);
  for (const [index, { id }] of settlements.entries())
    if (settlements[index] !== batch.settlements[index])
      plane.log.warn(
        `${head.org}: settlement ${id} of gateway ${row.gateway} is absurd: ${formatMoney(MOST_SETTLED_MICROS)} of it are booked`,
      );
  const report = await batch.tx.settle(row.gateway, settlements, batch.closed, plane.clock.nowMs());
  for (const { id, reason } of report.refused)
    plane.log.warn(`${head.org}: settlement ${id} of gateway ${row.gateway} is not booked: ${reason}`);
  tellCrossings(plane, head.org, report.crossed);
}

/** Warns of thresholds that a booking reached, whatever booked it. */
export function tellCrossings(plane: Pick<MoneyPlane, 'log'>, org: OrgSlug, crossed: readonly Crossing[]): void {
  for (const crossing of crossed) plane.log.warn(crossingText(org, crossing));
}

function crossingText(org: OrgSlug, { wallet, percent, period, spentMicros, limitMicros, currency }: Crossing): string {
  const amounts = `${formatMoney(spentMicros)} of ${formatMoney(limitMicros)} ${currency}`;
  return `${org}: wallet ${wallet} has reached ${percent} % in ${period}: ${amounts}`;
}

/**
 * Ends every slice whose gateway did not give it back in time: its rest counts as spent until the gateway says otherwise
 * (ai-gateways section 7, rule 9). Gives a line about each and about the thresholds that they reached; one look per org
 * where none has run out. One org's trouble is a line too, and stops no other org.
 */
export async function expireLeases(plane: Pick<MoneyPlane, 'orgs' | 'runtime' | 'clock'>): Promise<readonly string[]> {
  const nowMs = plane.clock.nowMs();
  const words: string[] = [];
  for (const { org } of await plane.orgs.heads()) {
    if (org === FLEET_ORG) continue;
    try {
      words.push(...expiryWords(org, await plane.runtime.expireSlices(org, nowMs)));
    } catch (cause) {
      const trouble = cause instanceof Error ? cause.message : String(cause);
      words.push(`${org}: slices that ran out are not booked as spent: ${trouble}`);
    }
  }
  return words;
}

function expiryWords(org: OrgSlug, { expired, crossed }: ExpiryReport): readonly string[] {
  const slices = expired.map(
    ({ gateway, wallet, period, presumedMicros }) =>
      `${org}/${gateway} did not give a slice of wallet ${wallet} back in time: ${formatMoney(presumedMicros)} of ${period} count as spent until it does`,
  );
  return [...slices, ...crossed.map((crossing) => crossingText(org, crossing))];
}

function asJson(value: object): JsonObject {
  return parseJson(JSON.stringify(value)) as JsonObject;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
