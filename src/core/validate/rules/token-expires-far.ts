import { checkedInstantMs } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 400;

export const tokenExpiresFar: DesiredRule = {
  code: 'TOKEN_EXPIRES_FAR',
  needs: 'desired',
  decide: (org) =>
    org.all('Token').flatMap((token) => {
      const { expires } = token.document.spec;
      const days = Math.floor((checkedInstantMs(expires) - org.nowMs) / DAY_MS);
      if (days <= LONGEST_DAYS) return [];
      return [
        org.report(
          'TOKEN_EXPIRES_FAR',
          { object: token, pointer: '/spec/expires' },
          {
            message: `token ${token.id.name} expires in ${days} days`,
            expected: `at most ${LONGEST_DAYS} days from now`,
            found: expires,
          },
        ),
      ];
    }),
};
