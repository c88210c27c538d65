import { acrossOrgs, inGroups } from '../buckets.ts';
import { bucketOfHost, canonicalHost, namesAbove } from '../hosts/host.ts';
import type { FleetFact, FleetRule } from '../rule.ts';

export const i17DomainShared: FleetRule = {
  code: 'ISO_I17_DOMAIN_SHARED',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Organization').flatMap((object) =>
      object.document.spec.domains.map((domain, index) => {
        const host = canonicalHost(domain);
        return org.factAt({ object, pointer: `/spec/domains/${index}` }, bucketOfHost(host), host);
      }),
    ),
  collisions: overlapping,
  say: ({ org, detail }, others) => ({
    message: `org ${org} claims ${detail}, which overlaps with what ${others} claims`,
    expected: 'a domain that no other org has, nor one above or below it',
    found: detail ?? '',
  }),
};

/** Domains meet under the topmost claimed name above them. */
function overlapping(bucket: readonly FleetFact[]): readonly (readonly FleetFact[])[] {
  const claimed = new Set(bucket.map(({ detail }) => detail ?? ''));
  const top = ({ detail = '' }: FleetFact) => namesAbove(detail).findLast((name) => claimed.has(name)) ?? detail;
  return inGroups(bucket, top).flatMap(acrossOrgs);
}
