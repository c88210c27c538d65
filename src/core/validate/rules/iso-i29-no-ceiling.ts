import type { DesiredRule } from '../rule.ts';

export const i29NoCeiling: DesiredRule = {
  code: 'ISO_I29_NO_CEILING',
  needs: 'desired',
  decide: (org) => {
    if (org.all('Organization')[0]?.document.spec.isolation !== 'shared') return [];
    return org.all('Gateway').flatMap((object) => {
      const { requestsPerMinute, concurrentRequests } = object.document.spec.limits;
      const missing = [
        ...(requestsPerMinute === undefined ? ['requestsPerMinute'] : []),
        ...(concurrentRequests === undefined ? ['concurrentRequests'] : []),
      ];
      if (missing.length === 0) return [];
      return [
        org.report(
          'ISO_I29_NO_CEILING',
          { object, pointer: '/spec/limits' },
          {
            message: `nothing bounds what gateway ${object.id.name} takes from those that it shares with`,
            expected: 'requestsPerMinute and concurrentRequests',
            found: `no ${missing.join(' and no ')}`,
          },
        ),
      ];
    });
  },
};
