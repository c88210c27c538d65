import type { DesiredRule } from '../rule.ts';

export const tokenConsoleAddresses: DesiredRule = {
  code: 'TOKEN_CONSOLE_ADDRESSES',
  needs: 'desired',
  decide: (org) =>
    org.all('Token').flatMap((token) => {
      const { scopes, addresses } = token.document.spec;
      if (addresses === undefined || !scopes.includes('console')) return [];
      return [
        org.report(
          'TOKEN_CONSOLE_ADDRESSES',
          { object: token, pointer: '/spec/addresses' },
          {
            message: `token ${token.id.name} opens the console from everywhere, whatever its addresses say`,
            expected: 'no addresses beside the scope console',
            found: addresses.join(', '),
          },
        ),
      ];
    }),
};
