import type { BundleToken, BundleWallet, RenderedOrg } from '../model/index.ts';
import { parseMoney } from '../wallet/index.ts';
import { named, onlyOf, type Typed, valueError } from './select.ts';

/** The wallets that the tokens, or the gateway itself, reach: each with its parents, up to the top. */
export function walletsOf(
  desired: RenderedOrg,
  gateway: Typed<'Gateway'>,
  tokens: readonly BundleToken[],
): readonly BundleWallet[] {
  const reached = new Map<string, BundleWallet>();
  const starts = [gateway.spec.wallet, ...tokens.map((token) => token.wallet)];
  for (const start of starts) {
    let name = start ?? null;
    let from = gateway.object;
    while (name !== null && !reached.has(name)) {
      const wallet = onlyOf(desired, 'Wallet', { name }, from);
      reached.set(name, walletOf(wallet));
      from = wallet.object;
      name = wallet.spec.parent ?? null;
    }
  }
  return [...reached.values()].sort(named);
}

/** Without team and user: a gateway needs amounts, not whose they are. */
function walletOf({ object, spec }: Typed<'Wallet'>): BundleWallet {
  const limitMicros = parseMoney(spec.limit);
  if (limitMicros === undefined) throw valueError(object, { expected: 'an amount such as 500.00', found: spec.limit });
  return {
    name: object.id.name,
    scope: spec.scope,
    parent: spec.parent ?? null,
    currency: spec.currency,
    limitMicros,
    period: { kind: spec.period.kind, timeZone: spec.period.timeZone, anchorDay: spec.period.anchorDay },
    thresholds: [...spec.thresholds].sort((a, b) => a - b),
    whenExhausted: spec.whenExhausted,
    paymentRule: spec.paymentRule ?? 'first-that-can-pay',
  };
}
