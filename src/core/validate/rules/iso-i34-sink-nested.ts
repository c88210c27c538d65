import { acrossOrgs, inGroups } from '../buckets.ts';
import type { FleetFact, FleetRule } from '../rule.ts';
import { channelsOf } from './channels.ts';

export const i34SinkNested: FleetRule = {
  code: 'ISO_I34_SINK_NESTED',
  needs: 'fleet',
  factsOf: (org) =>
    channelsOf(org).flatMap(({ use, spot, host, port, path }) =>
      use === 'evidence' ? [org.factAt(spot, `${host}:${port}`, path)] : [],
    ),
  collisions: nested,
  say: ({ object, value }, others) => ({
    message: `${object} sends evidence into the place of ${others}, or around it`,
    expected: 'a path that no other org has, nor one above or below it',
    found: `the same path of ${value.replace(/:$/, '')}, or a nested one`,
  }),
};

/** Paths meet under the topmost path above them. */
function nested(bucket: readonly FleetFact[]): readonly (readonly FleetFact[])[] {
  const paths = new Set(bucket.map(({ detail }) => detail ?? ''));
  return inGroups(bucket, ({ detail = '' }) => prefixesOf(detail).find((path) => paths.has(path)) ?? detail).flatMap(
    acrossOrgs,
  );
}

/** "", "/a", "/a/b" for "/a/b". */
function prefixesOf(path: string): readonly string[] {
  const steps = path.split('/').slice(1);
  return ['', ...steps.map((_, index) => `/${steps.slice(0, index + 1).join('/')}`)];
}
