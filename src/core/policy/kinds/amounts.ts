import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';
import { parseArguments } from '../text/calls.ts';

/** The money that a tool call moves: null when no argument names an amount, `unreadable` when one cannot be read. */
export type Amount = number | null | 'unreadable';

/** What the note of a policy says about it. */
export const AMOUNT_NOTE =
  'The amount of a call is that of the arguments, at any depth, whose name ends with the word amount, total, sum, price or cost (`amount`, `order_total`, `unitPrice`, `amount_usd`; `amount_cents` counts as hundredths): a number, a text like `1,500.00` or `$20`, or an object that holds some, at any depth and under any name (of a text without a digit in it nothing is taken: `currency: USD`). Of several the largest counts, of a list the sum of its items; a sign is left out, a currency is not converted, a price is not multiplied by a quantity. What has such a name and cannot be read (`1.500`, `1e6`, `12 EUR`), and arguments that are no JSON or have a key twice, are refused: `agent_firewall.amount_unreadable`.';

class Unreadable extends Error {}

/** The amount in the arguments of a call. */
export function amountOf(given: string): Amount {
  const value = parseArguments(given);
  if (value === undefined) return 'unreadable';
  try {
    return amountIn(value, null);
  } catch (error) {
    if (error instanceof Unreadable) return 'unreadable';
    throw error;
  }
}

/** `unit`: what one of the number is worth, where it stands under the name of an amount. */
function amountIn(value: Json, unit: number | null): number | null {
  if (Array.isArray(value)) {
    return sumOf((value as readonly Json[]).flatMap((item) => amountIn(item, unit) ?? []));
  }
  if (!isJsonObject(value)) return unit === null || value === null ? null : scalarOf(value) * unit;
  const amount = largestIn(value, unit);
  if (amount === null && unit !== null) throw new Unreadable();
  return amount;
}

const sumOf = (amounts: readonly number[]): number | null =>
  amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + amount, 0);

function largestIn(value: JsonObject, unit: number | null): number | null {
  const amounts = Object.entries(value).flatMap(([key, item]) => {
    const own = unitOf(key);
    const amount = own === null && unit !== null ? amountBelow(item as Json, unit) : amountIn(item as Json, own);
    return amount ?? [];
  });
  return amounts.length === 0 ? null : Math.max(...amounts);
}

/** Below an amount, numbers of any name are one: {amount: {value: 12, currency: "USD"}}. */
function amountBelow(value: Json, unit: number): number | null {
  if (isJsonObject(value)) return largestIn(value, unit);
  if (Array.isArray(value)) {
    return sumOf((value as readonly Json[]).flatMap((item) => amountBelow(item, unit) ?? []));
  }
  const isAmount = typeof value === 'number' || (typeof value === 'string' && DIGIT.test(value));
  return isAmount ? scalarOf(value) * unit : null;
}

const DIGIT = /\p{Nd}/u;

const AMOUNTS = new Set(['amount', 'total', 'sum', 'price', 'cost']);

/** What one of an argument of this name is worth; null when the name is not that of an amount. */
function unitOf(key: string): number | null {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'usd');
  const isHundredth = words.at(-1) === 'cents';
  const name = words.at(isHundredth ? -2 : -1) ?? '';
  return AMOUNTS.has(name) || AMOUNTS.has(name.replace(/s$/, '')) ? (isHundredth ? 0.01 : 1) : null;
}

function scalarOf(value: Json): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' ? numberOf(value) : null;
  if (number === null) throw new Unreadable();
  return Math.abs(number);
}

const NUMBER = /^[-+]?[ ]?\$?[ ]?(\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(\.\d{1,18})?(?: ?usd)?$/i;

/** The number that a text writes, or null. What could be thousands or a fraction (1.500) is none. */
function numberOf(text: string): number | null {
  const found = NUMBER.exec(text.trim());
  if (found === null) return null;
  const [, whole = '', fraction = ''] = found;
  if (fraction.length === 4 && whole.length <= 3) return null;
  return Number(whole.replaceAll(',', '') + fraction);
}
