import type { DesiredRule } from '../rule.ts';

export const credentialsUnknownToken: DesiredRule = {
  code: 'CREDENTIALS_UNKNOWN_TOKEN',
  needs: 'desired',
  decide: (org) =>
    org.all('Credentials').flatMap((credentials) =>
      credentials.document.spec.tokens.flatMap(({ token, id }, index) => {
        if (org.named('Token', token).length > 0) return [];
        return [
          org.report(
            'CREDENTIALS_UNKNOWN_TOKEN',
            { object: credentials, pointer: `/spec/tokens/${index}/token` },
            {
              message: `credential ${id} belongs to token ${token}, which does not exist`,
              expected: 'a token of the org',
              found: JSON.stringify(token),
            },
          ),
        ];
      }),
    ),
};
