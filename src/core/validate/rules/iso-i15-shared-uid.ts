import { acrossOrgs } from '../buckets.ts';
import type { FleetRule } from '../rule.ts';

export const i15SharedUid: FleetRule = {
  code: 'ISO_I15_SHARED_UID',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Organization').map((object) => org.factAt({ object, pointer: '/spec/uid' }, object.document.spec.uid)),
  collisions: acrossOrgs,
  say: ({ org, value }, others) => ({
    message: `org ${org} has the uid of ${others}`,
    expected: 'a uid that no other org has or ever had',
    found: value,
  }),
};
