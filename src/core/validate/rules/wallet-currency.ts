import type { DesiredRule } from '../rule.ts';

export const walletCurrency: DesiredRule = {
  code: 'WALLET_CURRENCY_MISMATCH',
  needs: 'desired',
  decide: (org) => {
    const wallets = org.all('Wallet');
    const byName = new Map(wallets.map((wallet) => [wallet.id.name, wallet]));
    return wallets.flatMap((wallet) => {
      const { currency, parent: parentName } = wallet.document.spec;
      const parent = parentName === undefined ? undefined : byName.get(parentName);
      if (parent === undefined || parent.document.spec.currency === currency) return [];
      const expected = parent.document.spec.currency;
      return [
        org.report(
          'WALLET_CURRENCY_MISMATCH',
          { object: wallet, pointer: '/spec/currency' },
          {
            message: `wallet ${wallet.id.name} is in ${currency} and its parent ${parent.id.name} in ${expected}`,
            expected,
            found: currency,
            related: [org.placeOf({ object: parent, pointer: '/spec/currency' })],
          },
        ),
      ];
    });
  },
};
