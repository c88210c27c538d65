import { inGroups, whole } from '../buckets.ts';
import { canonicalAddress, WILDCARD } from '../hosts/address.ts';
import type { FleetFact, FleetRule } from '../rule.ts';

export const i20ListenCollision: FleetRule = {
  code: 'ISO_I20_LISTEN_COLLISION',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Gateway').map((object) => {
      const { host, listen } = object.document.spec;
      const colon = listen.lastIndexOf(':');
      const value = `${host} ${Number(listen.slice(colon + 1))}`;
      return org.factAt({ object, pointer: '/spec/listen' }, value, canonicalAddress(listen.slice(0, colon)));
    }),
  collisions: overlapping,
  say: ({ object, value, detail }, others) => ({
    message: `${object} listens where ${others} listens`,
    expected: 'an address and port of its own on the host',
    found: `host ${value.split(' ')[0]}, ${detail} port ${value.split(' ')[1]}`,
  }),
};

/** Facts of one host and port: a wildcard overlaps with all of them, other addresses only with themselves. */
function overlapping(bucket: readonly FleetFact[]): readonly (readonly FleetFact[])[] {
  if (bucket.some(({ detail }) => detail === WILDCARD)) return whole(bucket);
  return inGroups(bucket, ({ detail }) => detail ?? '').flatMap(whole);
}
