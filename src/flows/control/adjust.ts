import {
  ADJUSTMENT_KINDS,
  type AdjustmentKind,
  isName,
  type OrgSlug,
  ofKind,
  orgSlug,
} from '../../core/model/index.ts';
import { formatMoney, parseMoney, periodOf } from '../../core/wallet/index.ts';
import { isReason } from '../reason.ts';
import { type Answer, answer, refusal } from './context.ts';
import { type MoneyPlane, tellCrossings } from './wallets.ts';

/** What a person books on a wallet; the same `id` again books nothing. */
export interface AdjustAsk {
  readonly org: OrgSlug;
  readonly wallet: string;
  readonly kind: AdjustmentKind;
  readonly amountMicros: number;
  /** Stands in the ledger for good. */
  readonly reason: string;
  readonly id: string;
  /** A period that something was booked in; the running one where absent. */
  readonly period?: string;
}

/**
 * Books an adjustment in the name of `by`: one double entry with its author and reason. Refuses ORG_UNKNOWN,
 * WALLET_UNKNOWN, WALLET_PERIOD_UNKNOWN, WALLET_ADJUST_TOO_MUCH, WALLET_ADJUST_CONFLICT.
 */
export async function adjustWallet(
  plane: Pick<MoneyPlane, 'orgs' | 'runtime' | 'clock' | 'zoneOffset' | 'log'>,
  ask: AdjustAsk,
  by: string,
): Promise<Answer<object>> {
  const { org, kind, amountMicros, id } = ask;
  const objects = (await plane.orgs.observe(org))?.objects;
  if (objects === undefined) return refusal(422, 'ORG_UNKNOWN', `expected an applied org, found ${org}`);
  const wallets = ofKind(objects, 'Wallet');
  const wallet = wallets.find((item) => item.id.name === ask.wallet);
  if (wallet === undefined) {
    const known = wallets.map((item) => item.id.name).join(', ') || 'none';
    return refusal(422, 'WALLET_UNKNOWN', `expected a wallet of ${org} (${known}), found ${ask.wallet}`);
  }
  const { currency, period: kindOfPeriod } = wallet.document.spec;
  const running = periodOf(kindOfPeriod, plane.clock.nowMs(), plane.zoneOffset).id;
  const period = ask.period ?? running;
  // What was booked in another currency is another account, which this amount would say nothing of.
  const booked = (await plane.runtime.balances(org))
    .filter((item) => item.wallet === ask.wallet && item.currency === currency)
    .map((item) => item.period);
  if (period !== running && !booked.includes(period)) {
    const known = [...new Set([...booked, running])].join(', ');
    const expected = `expected a period of ${ask.wallet} in ${currency} (${known})`;
    return refusal(422, 'WALLET_PERIOD_UNKNOWN', `${expected}, found ${period}`);
  }
  const entry = { id, wallet: ask.wallet, period, currency, kind, amountMicros, author: by, note: ask.reason };
  const outcome = await plane.runtime.adjust(org, { ...entry, at: plane.clock.nowMs() });
  if (outcome.ok) {
    tellCrossings(plane, org, outcome.crossed);
    const { spentMicros, leasedMicros, addedMicros } = outcome.balance;
    const balance = { spentMicros, leasedMicros, addedMicros };
    return answer({ org, ...entry, repeated: outcome.repeated, balance });
  }
  if (outcome.reason === 'conflict')
    return refusal(409, 'WALLET_ADJUST_CONFLICT', `expected a new --id, found ${id} booked with other content`);
  const most = `${formatMoney(outcome.mostMicros)} ${currency}`;
  const found = `${formatMoney(amountMicros)} ${currency}`;
  return refusal(422, 'WALLET_ADJUST_TOO_MUCH', `expected a ${kind} of at most ${most}, found ${found}`);
}

/** What a body asks; undefined for anything that is not exactly such an ask. `amount` is a decimal text above 0. */
export function adjustAsk(body: unknown): AdjustAsk | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { org: slug, wallet, kind, amount, reason, id, period, ...rest } = body as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !isReason(reason)) return undefined;
  const org = typeof slug === 'string' ? orgSlug(slug) : undefined;
  const known = ADJUSTMENT_KINDS.find((item) => item === kind);
  const amountMicros = typeof amount === 'string' ? parseMoney(amount) : undefined;
  if (org === undefined || known === undefined || amountMicros === undefined || amountMicros === 0) return undefined;
  if (typeof wallet !== 'string' || !isName(wallet) || typeof id !== 'string' || !ADJUSTMENT_ID.test(id))
    return undefined;
  const common = { org, wallet, kind: known, amountMicros, reason, id };
  if (period === undefined) return common;
  const named = typeof period === 'string' ? period : '';
  return PERIOD.test(named) ? { ...common, period: named } : undefined;
}

/** Which part of an adjustment that `adjustAsk` does not take is wrong: what was expected there, and what was found. */
export function wrongAdjustment(body: Readonly<Record<string, unknown>>): string {
  const { wallet, amount, reason, id, period } = body;
  const found = (value: unknown): string => (value === undefined || value === '' ? 'none' : JSON.stringify(value));
  const micros = typeof amount === 'string' ? parseMoney(amount) : undefined;
  if (micros === undefined || micros === 0)
    return `expected an amount above 0 with at most six decimals, found ${found(amount)}`;
  if (!isReason(reason)) return `expected a --reason of 3 to 1000 characters, found ${found(reason)}`;
  if (typeof id !== 'string' || !ADJUSTMENT_ID.test(id))
    return `expected an --id of at most 100 letters, digits and ._:-, found ${found(id)}`;
  if (period !== undefined && !(typeof period === 'string' && PERIOD.test(period)))
    return `expected a --period as \`tenantry wallet show\` names it, such as month-2027-01-01, found ${found(period)}`;
  return `expected <org>/<wallet>, found ${found(wallet)}`;
}

const ADJUSTMENT_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
const PERIOD = /^[a-z]{1,8}(-[0-9]{4}-[0-9]{2}-[0-9]{2})?$/;
