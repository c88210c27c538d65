import { checkedInstantMs } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const tokenExpired: DesiredRule = {
  code: 'TOKEN_EXPIRED',
  needs: 'desired',
  decide: (org) =>
    org.all('Token').flatMap((object) => {
      const { expires } = object.document.spec;
      if (checkedInstantMs(expires) > org.nowMs) return [];
      return [
        org.report(
          'TOKEN_EXPIRED',
          { object, pointer: '/spec/expires' },
          { message: `token ${object.id.name} has expired`, expected: 'a time in the future', found: expires },
        ),
      ];
    }),
};
