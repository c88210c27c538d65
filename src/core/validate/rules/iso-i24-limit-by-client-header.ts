import { isJsonObject, type Json, valueAt } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const i24LimitByClientHeader: DesiredRule = {
  code: 'ISO_I24_LIMIT_BY_CLIENT_HEADER',
  needs: 'desired',
  decide: (org) =>
    org.all('Policy').flatMap((object) => {
      const document = object.document.spec.document as Json;
      if (!isJsonObject(document) || document['user_rate_limit'] === undefined) return [];
      if (document['global_rate_limit'] !== undefined) return [];
      const free = org
        .all('Gateway')
        .filter(
          ({ id, document: { spec } }) => spec.policy === object.id.name && id.environment === object.id.environment,
        )
        .filter(({ document: { spec } }) => spec.limits.requestsPerMinute === undefined);
      if (free.length === 0) return [];
      const headers = valueAt(document, '/user_rate_limit/header_names');
      return [
        org.report(
          'ISO_I24_LIMIT_BY_CLIENT_HEADER',
          { object, pointer: '/spec/document/user_rate_limit' },
          {
            message: `whoever sends another header has another limit at gateway ${free.map(({ id }) => id.name).join(', ')}`,
            expected: 'a limit beside it that no header moves',
            found: `a limit by ${Array.isArray(headers) ? headers.join(', ') : 'headers'} alone`,
          },
        ),
      ];
    }),
};
