import { checkedInstantMs } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const credentialsExpired: DesiredRule = {
  code: 'CREDENTIALS_EXPIRED',
  needs: 'desired',
  decide: (org) =>
    org.all('Credentials').flatMap((credentials) =>
      credentials.document.spec.tokens.flatMap(({ token, id, notAfter }, index) => {
        if (checkedInstantMs(notAfter) > org.nowMs) return [];
        return [
          org.report(
            'CREDENTIALS_EXPIRED',
            { object: credentials, pointer: `/spec/tokens/${index}/notAfter` },
            {
              message: `credential ${id} of token ${token} has expired`,
              expected: 'a time in the future',
              found: notAfter,
            },
          ),
        ];
      }),
    ),
};
