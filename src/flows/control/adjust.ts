import {
  ADJUSTMENT_KINDS,
  type AdjustmentKind,
  isName,
  type OrgSlug,
  ofKind,
  orgSlug,
  type Typed,
} from '../../core/model/index.ts';
import { formatMoney, parseMoney, periodOf } from '../../core/wallet/index.ts';
import type { LedgerEntry, WalletBalance } from '../../ports/index.ts';
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
  /** One that the wallet had when something was booked; what it has now where absent. */
  readonly currency?: string;
}

type AdjustPlane = Pick<MoneyPlane, 'orgs' | 'runtime' | 'clock' | 'zoneOffset' | 'log'>;

/**
 * Books an adjustment in the name of `by`: one double entry with its author and reason. What is booked under the id already is
 * said again, also when the period has turned since or the wallet is gone. Refuses ORG_UNKNOWN, WALLET_UNKNOWN,
 * WALLET_PERIOD_UNKNOWN, WALLET_ADJUST_TOO_MUCH, WALLET_ADJUST_CONFLICT.
 */
export async function adjustWallet(plane: AdjustPlane, ask: AdjustAsk, by: string): Promise<Answer<object>> {
  const { org, wallet, kind, amountMicros, id } = ask;
  const objects = (await plane.orgs.observe(org))?.objects;
  if (objects === undefined) return refusal(422, 'ORG_UNKNOWN', `expected an applied org, found ${org}`);
  const booked = await plane.runtime.adjustment(org, id);
  if (booked !== undefined && !isBooked(booked, ask)) return conflict(id);
  const account = booked === undefined ? await accountOf(plane, ask, ofKind(objects, 'Wallet')) : answer(booked);
  if (!account.ok) return account;
  const { period, currency } = account.body;
  const said = { author: booked?.author ?? by, note: booked?.note ?? ask.reason };
  const entry = { id, wallet, period, currency, kind, amountMicros, ...said };
  const outcome = await plane.runtime.adjust(org, { ...entry, at: plane.clock.nowMs() });
  if (outcome.ok) {
    tellCrossings(plane, org, outcome.crossed);
    const { spentMicros, leasedMicros, addedMicros } = outcome.balance;
    const balance = { spentMicros, leasedMicros, addedMicros };
    return answer({ org, ...entry, repeated: outcome.repeated, balance });
  }
  if (outcome.reason === 'conflict') return conflict(id);
  const most = `${formatMoney(outcome.mostMicros)} ${currency}`;
  const found = `${formatMoney(amountMicros)} ${currency}`;
  return refusal(422, 'WALLET_ADJUST_TOO_MUCH', `expected a ${kind} of at most ${most}, found ${found}`);
}

const conflict = (id: string): Answer<never> =>
  refusal(409, 'WALLET_ADJUST_CONFLICT', `expected a new --id, found ${id} booked with other content`);

/** True where the entry is what is asked; it may say of itself what the ask leaves to the day on which it is made. */
function isBooked(entry: LedgerEntry, { wallet, kind, amountMicros, period, currency }: AdjustAsk): boolean {
  return (
    entry.wallet === wallet &&
    entry.reason === kind &&
    entry.amountMicros === amountMicros &&
    (period === undefined || entry.period === period) &&
    (currency === undefined || entry.currency === currency)
  );
}

type Account = Pick<WalletBalance, 'period' | 'currency'>;

const accountText = ({ period, currency }: { readonly [name in keyof Account]: string | undefined }): string =>
  `${period ?? 'no period'} in ${currency ?? 'no currency'}`;

/**
 * The account of the wallet that is asked for: the running one, or one in which something was booked. What the ask does not
 * name is the wallet's as it is applied; of a wallet that is gone it has to name what tells its accounts apart.
 */
async function accountOf(
  plane: AdjustPlane,
  { org, wallet, period, currency }: AdjustAsk,
  applied: readonly Typed<'Wallet'>[],
): Promise<Answer<Account>> {
  const balances = await plane.runtime.balances(org);
  const booked = balances.filter((item) => item.wallet === wallet);
  const spec = applied.find((item) => item.id.name === wallet)?.document.spec;
  if (spec === undefined && booked.length === 0) {
    const names = new Set([...applied.map(({ id }) => id.name), ...balances.map((item) => item.wallet)]);
    const known = [...names].join(', ') || 'none';
    return refusal(422, 'WALLET_UNKNOWN', `expected a wallet of ${org} (${known}), found ${wallet}`);
  }
  const running = spec && {
    period: periodOf(spec.period, plane.clock.nowMs(), plane.zoneOffset).id,
    currency: spec.currency,
  };
  const wanted = { period: period ?? running?.period, currency: currency ?? running?.currency };
  const isWanted = (one: Account): boolean =>
    one.period === (wanted.period ?? one.period) && one.currency === (wanted.currency ?? one.currency);
  if (running !== undefined && isWanted(running)) return answer(running);
  const [account, ...more] = booked.filter(isWanted);
  if (account !== undefined && more.length === 0) return answer(account);
  const known = new Set([...booked, ...(running === undefined ? [] : [running])].map(accountText));
  const expected = `expected one account of ${wallet} by --period and --currency (${[...known].join(', ')})`;
  return refusal(422, 'WALLET_PERIOD_UNKNOWN', `${expected}, found ${accountText(wanted)}`);
}
/** What a body asks; undefined for anything that is not exactly such an ask. `amount` is a decimal text above 0. */
export function adjustAsk(body: unknown): AdjustAsk | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { org: slug, wallet, kind, amount, reason, id, period, currency, ...rest } = body as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !isReason(reason)) return undefined;
  const org = typeof slug === 'string' ? orgSlug(slug) : undefined;
  const known = ADJUSTMENT_KINDS.find((item) => item === kind);
  const amountMicros = typeof amount === 'string' ? parseMoney(amount) : undefined;
  if (org === undefined || known === undefined || amountMicros === undefined || amountMicros === 0) return undefined;
  if (typeof wallet !== 'string' || !isName(wallet) || typeof id !== 'string' || !ADJUSTMENT_ID.test(id))
    return undefined;
  if (!isNamed(period, PERIOD) || !isNamed(currency, CURRENCY)) return undefined;
  const named = { ...(period === undefined ? {} : { period }), ...(currency === undefined ? {} : { currency }) };
  return { org, wallet, kind: known, amountMicros, reason, id, ...named };
}

/** Which part of an adjustment that `adjustAsk` does not take is wrong: what was expected there, and what was found. */
export function wrongAdjustment(body: Readonly<Record<string, unknown>>): string {
  const { wallet, amount, reason, id, period, currency } = body;
  const found = (value: unknown): string => (value === undefined || value === '' ? 'none' : JSON.stringify(value));
  const micros = typeof amount === 'string' ? parseMoney(amount) : undefined;
  if (micros === undefined || micros === 0)
    return `expected an amount above 0 and below 1000000000, with at most six decimals, found ${found(amount)}`;
  if (!isReason(reason)) return `expected a --reason of 3 to 1000 characters, found ${found(reason)}`;
  if (typeof id !== 'string' || !ADJUSTMENT_ID.test(id))
    return `expected an --id of at most 100 letters, digits and ._:-, found ${found(id)}`;
  if (!isNamed(currency, CURRENCY))
    return `expected a --currency of three capital letters, such as EUR, found ${found(currency)}`;
  if (!isNamed(period, PERIOD))
    return `expected a --period as \`tenantry wallet show\` names it, such as month-2027-01-01, found ${found(period)}`;
  return `expected <org>/<wallet>, found ${found(wallet)}`;
}

const ADJUSTMENT_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
const PERIOD = /^[a-z]{1,8}(-[0-9]{4}-[0-9]{2}-[0-9]{2})?$/;
const CURRENCY = /^[A-Z]{3}$/;

function isNamed(given: unknown, form: RegExp): given is string | undefined {
  return given === undefined || (typeof given === 'string' && form.test(given));
}
