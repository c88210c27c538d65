import type { DesiredRule } from '../rule.ts';
import { chainOf, walletsByName } from './wallet-chain.ts';

export const i38TokenLooserThanTeam: DesiredRule = {
  code: 'ISO_I38_TOKEN_LOOSER_THAN_TEAM',
  needs: 'desired',
  decide: (org) => {
    const wallets = walletsByName(org);
    const teams = new Map(org.all('Team').map((team) => [team.id.name, team]));
    return org.all('Token').flatMap((token) => {
      const { wallet, team: name } = token.document.spec;
      const team = teams.get(name);
      const bound = team?.document.spec.wallet;
      if (wallet === undefined || team === undefined || bound === undefined || wallet === bound) return [];
      if (!wallets.has(wallet) || chainOf(wallets, wallet).some(({ id }) => id.name === bound)) return [];
      return [
        org.report(
          'ISO_I38_TOKEN_LOOSER_THAN_TEAM',
          { object: token, pointer: '/spec/wallet' },
          {
            message: `token ${token.id.name} is paid by wallet ${wallet}, past the budget of its team ${name}`,
            expected: `wallet ${bound}, or one below it`,
            found: wallet,
            related: [org.placeOf({ object: team, pointer: '/spec/wallet' })],
          },
        ),
      ];
    });
  },
};
