import { parseNetwork } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const tokenAddressInvalid: DesiredRule = {
  code: 'TOKEN_ADDRESS_INVALID',
  needs: 'desired',
  decide: (org) =>
    org.all('Token').flatMap((token) =>
      (token.document.spec.addresses ?? []).flatMap((address, index) => {
        if (parseNetwork(address) !== undefined) return [];
        return [
          org.report(
            'TOKEN_ADDRESS_INVALID',
            { object: token, pointer: `/spec/addresses/${index}` },
            {
              message: `token ${token.id.name} may be used from an address that there is not`,
              expected: 'a network such as 192.0.2.0/24 with nothing set beside its prefix, or one address',
              found: address,
            },
          ),
        ];
      }),
    ),
};
