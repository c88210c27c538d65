import { acrossOrgs } from '../buckets.ts';
import type { FleetRule } from '../rule.ts';

export const slugCollision: FleetRule = {
  code: 'SLUG_COLLISION',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Organization').map((object) => ({
      value: skeleton(org.org),
      ...org.spotOf({ object, pointer: '/metadata/name' }),
    })),
  collisions: acrossOrgs,
  say: ({ org }, others) => ({
    message: `org ${org} looks like ${others}`,
    expected: 'a name that differs in more than hyphens and look-alike digits',
    found: org,
  }),
};

/** What the eye sees: without hyphens, digits that look like letters as those letters. */
function skeleton(slug: string): string {
  return slug.replaceAll('-', '').replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('5', 's');
}
