import { acrossOrgs, inGroups } from '../buckets.ts';
import { CLAIMS, usesOfClaimed } from '../hosts/claims.ts';
import { bucketOfHost, canonicalHost } from '../hosts/host.ts';
import type { FleetRule } from '../rule.ts';

export const i21HostnameShared: FleetRule = {
  code: 'ISO_I21_HOSTNAME_SHARED',
  needs: 'fleet',
  joins: CLAIMS,
  factsOf: (org) =>
    org.all('Gateway').flatMap((object) => {
      const { hostname } = object.document.spec;
      if (hostname === undefined) return [];
      const host = canonicalHost(hostname);
      return [org.factAt({ object, pointer: '/spec/hostname' }, bucketOfHost(host), host)];
    }),
  collisions: (bucket) => {
    const own = bucket.filter(({ code }) => code !== CLAIMS);
    return [...inGroups(own, ({ detail }) => detail ?? '').flatMap(acrossOrgs), ...usesOfClaimed(bucket)];
  },
  say: ({ object, detail }, others) => ({
    message: `${object} answers under ${detail}, which is also of ${others}`,
    expected: 'a host name of this customer alone',
    found: detail ?? '',
  }),
};
