import type { DesiredRule } from '../rule.ts';

export const credentialsIdDuplicate: DesiredRule = {
  code: 'CREDENTIALS_ID_DUPLICATE',
  needs: 'desired',
  decide: (org) =>
    org.all('Credentials').flatMap((credentials) => {
      const first = new Map<string, number>();
      return credentials.document.spec.tokens.flatMap(({ id, token }, index) => {
        const known = first.get(id);
        if (known === undefined) {
          first.set(id, index);
          return [];
        }
        return [
          org.report(
            'CREDENTIALS_ID_DUPLICATE',
            { object: credentials, pointer: `/spec/tokens/${index}/id` },
            {
              message: `credential id ${id} of token ${token} is listed before`,
              expected: 'an id that no other credential of the org has',
              found: id,
              related: [org.placeOf({ object: credentials, pointer: `/spec/tokens/${known}/id` })],
            },
          ),
        ];
      });
    }),
};
