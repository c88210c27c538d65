import { LIVE_KINDS } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const retiredOrgLive: DesiredRule = {
  code: 'RETIRED_ORG_LIVE',
  needs: 'desired',
  decide: (org) => {
    const retired = org.all('Organization')[0]?.document.spec.retired;
    if (retired === undefined) return [];
    // The renderer left out what the template makes of these kinds: what is there was written for this org.
    const left = org.objects.filter(({ id }) => LIVE_KINDS.has(id.kind) || id.kind === 'Credentials');
    return left.map((object) =>
      org.report(
        'RETIRED_ORG_LIVE',
        { object, pointer: '/kind' },
        {
          message: `${org.org} is retired since ${retired} and still has a ${object.id.kind} of its own`,
          expected: 'no token, gateway or credentials of a retired org',
          found: object.path,
        },
      ),
    );
  },
};
