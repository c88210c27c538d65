import type { BundlePrice } from '../model/index.ts';

/** Tokens as a provider reports them. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What must be held before sending: an upper bound in micro-units, rounded up. */
export function holdMicros(price: BundlePrice, inputTokensUpperBound: number, outputTokensMax: number): number {
  return priced(price, inputTokensUpperBound, outputTokensMax);
}

/** What the usage costs in micro-units, rounded up like the hold, so that usage within the bound never exceeds the hold. */
export function costMicros(price: BundlePrice, usage: Usage): number {
  return priced(price, usage.inputTokens, usage.outputTokens);
}

/** A provider that reports more than this many times what a request could cost at most is not believed. */
const ABSURD_TIMES = 100;

/**
 * What is settled of a hold for a reported usage: its cost, also where that is above the hold; the whole hold where the usage
 * is absurd, so that a miscount of a provider does not empty a wallet (ai-gateways 7, rule 4).
 */
export function settledMicros(
  hold: { readonly price: BundlePrice; readonly micros: number },
  usage: Usage,
): { readonly micros: number; readonly isAbsurd: boolean } {
  const cost = costMicros(hold.price, usage);
  const isAbsurd = cost > hold.micros * ABSURD_TIMES;
  return { micros: isAbsurd ? hold.micros : cost, isAbsurd };
}

/** ceil((in x price + out x price) / million); negative or odd token counts count as 0, the result stays a safe integer. */
function priced(price: BundlePrice, inputTokens: number, outputTokens: number): number {
  const input = tokens(inputTokens);
  const output = tokens(outputTokens);
  const scaled = input * price.inputMicrosPerMillion + output * price.outputMicrosPerMillion;
  if (Number.isSafeInteger(scaled)) return Math.ceil(scaled / 1_000_000);
  const exact =
    BigInt(input) * BigInt(price.inputMicrosPerMillion) + BigInt(output) * BigInt(price.outputMicrosPerMillion);
  const micros = (exact + 999_999n) / 1_000_000n;
  return micros > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(micros);
}

function tokens(count: number): number {
  if (!(count > 0)) return 0;
  return Math.min(Math.ceil(count), Number.MAX_SAFE_INTEGER);
}
