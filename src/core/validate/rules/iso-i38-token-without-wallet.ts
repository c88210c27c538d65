import type { DesiredRule } from '../rule.ts';

export const i38TokenWithoutWallet: DesiredRule = {
  code: 'ISO_I38_TOKEN_WITHOUT_WALLET',
  needs: 'desired',
  decide: (org) => {
    const teamWallet = new Map(org.all('Team').map(({ id, document }) => [id.name, document.spec.wallet]));
    const gatewayWallet = new Map(org.all('Gateway').map(({ id, document }) => [id.name, document.spec.wallet]));
    return org.all('Token').flatMap((token) => {
      const { wallet, team, gateways } = token.document.spec;
      if (wallet !== undefined || teamWallet.get(team) !== undefined) return [];
      const free = gateways.filter((name) => gatewayWallet.has(name) && gatewayWallet.get(name) === undefined);
      if (free.length === 0) return [];
      return [
        org.report(
          'ISO_I38_TOKEN_WITHOUT_WALLET',
          { object: token, pointer: '/spec' },
          {
            message: `token ${token.id.name} may spend without limit at gateway ${free.join(', ')}`,
            expected: 'a wallet in the token, its team or the gateway',
            found: 'no wallet',
          },
        ),
      ];
    });
  },
};
