import { JUDGED_ENDPOINTS } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

/** The scope that opens each path (docs/endpoints.md); tool servers have `mcp`. */
const SCOPE_OF: { readonly [path: string]: string } = { ...JUDGED_ENDPOINTS, '/v1/models': 'models' };

export const tokenPathUnreachable: DesiredRule = {
  code: 'TOKEN_PATH_UNREACHABLE',
  needs: 'desired',
  decide: (org) =>
    org.all('Token').flatMap((token) => {
      const { paths = [], scopes } = token.document.spec;
      return paths.flatMap((path, index) => {
        const scope = SCOPE_OF[path] ?? 'mcp';
        if (scopes.some((item) => item === scope)) return [];
        return [
          org.report(
            'TOKEN_PATH_UNREACHABLE',
            { object: token, pointer: `/spec/paths/${index}` },
            {
              message: `token ${token.id.name} names ${path}, which none of its scopes opens`,
              expected: `the scope ${scope} too, or not this path`,
              found: scopes.join(', '),
            },
          ),
        ];
      });
    }),
};
