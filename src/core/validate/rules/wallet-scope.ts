import type { DesiredRule } from '../rule.ts';
import { withParents } from './wallet-chain.ts';

/** Whose spending a scope bounds, narrowest first. */
const SCOPES = ['user', 'team', 'org'] as const;

export const walletScope: DesiredRule = {
  code: 'WALLET_SCOPE_INVERTED',
  needs: 'desired',
  decide: (org) =>
    withParents(org).flatMap(({ wallet, parent }) => {
      const [own, above] = [wallet.document.spec.scope, parent.document.spec.scope];
      if (SCOPES.indexOf(own) <= SCOPES.indexOf(above)) return [];
      return [
        org.report(
          'WALLET_SCOPE_INVERTED',
          { object: wallet, pointer: '/spec/parent' },
          {
            message: `wallet ${wallet.id.name} of a whole ${own} is below ${parent.id.name}, which bounds one ${above}`,
            expected: `a parent of scope ${SCOPES.slice(SCOPES.indexOf(own)).join(' or ')}`,
            found: `scope ${above}`,
            related: [org.placeOf({ object: parent, pointer: '/spec/scope' })],
          },
        ),
      ];
    }),
};
