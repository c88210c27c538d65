import { acrossOrgs } from '../buckets.ts';
import { folded } from '../leaks/readings.ts';
import type { FleetRule } from '../rule.ts';
import { policyOf, policyTargets } from './policy-targets.ts';

/** Where a target without a base URL sends to. */
const USUAL_HOST = 'api.openai.com';

export const i13UpstreamAccountShared: FleetRule = {
  code: 'ISO_I13_UPSTREAM_ACCOUNT_SHARED',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Gateway').flatMap((object) => {
      const { upstreams } = object.document.spec;
      const found = policyOf(org, object);
      const targets = found === undefined ? [] : policyTargets(org, found);
      return upstreams.map(({ id, account }, index) => {
        const host = targets.find((target) => target.id === id)?.host ?? USUAL_HOST;
        const pointer = `/spec/upstreams/${index}/account`;
        return org.factAt({ object, pointer }, `${host} ${folded(account)}`, account);
      });
    }),
  collisions: acrossOrgs,
  say: ({ object, value }, others) => ({
    message: `${object} uses the provider account of ${others}`,
    expected: 'an account, project or subscription of this customer alone',
    found: `the same account at ${value.split(' ')[0]}`,
  }),
};
