import { acrossOrgs } from '../buckets.ts';
import type { FleetFact, FleetRule } from '../rule.ts';

export const i28DedicatedHostShared: FleetRule = {
  code: 'ISO_I28_DEDICATED_HOST_SHARED',
  needs: 'fleet',
  factsOf: (org) => {
    const isolation = org.all('Organization')[0]?.document.spec.isolation ?? 'shared';
    return org.all('Gateway').map((object) => ({
      value: object.document.spec.host,
      detail: isolation,
      ...org.spotOf({ object, pointer: '/spec/host' }),
    }));
  },
  decisive: isDedicated,
  collisions: (bucket) => (bucket.some(isDedicated) ? acrossOrgs(bucket) : []),
  say: ({ object, value, detail }, others) => ({
    message: `${object} runs on ${value} beside ${others}, and ${detail === 'dedicated' ? 'its org is' : 'one of the orgs is'} dedicated`,
    expected: 'a machine for the gateways of a dedicated org alone',
    found: value,
  }),
};

function isDedicated({ detail }: FleetFact): boolean {
  return detail === 'dedicated';
}
