import type { SecretReference } from '../../model/index.ts';
import { acrossOrgs } from '../buckets.ts';
import type { FleetRule, RuleFact } from '../rule.ts';
import type { OrgView } from '../view.ts';
import { gatewaySecrets, policyEndpoints, policyOf } from './policy-targets.ts';

export const i08SharedSecretRef: FleetRule = {
  code: 'ISO_I08_SHARED_SECRET_REF',
  needs: 'fleet',
  factsOf: (org) => [...declared(org), ...used(org), ...signing(org)],
  collisions: acrossOrgs,
  say: ({ object, value }, others) => ({
    message: `${object} uses the secret of ${others}`,
    expected: 'a secret that no other org uses',
    found: value.startsWith('env ')
      ? 'the same environment variable of the same host'
      : 'the same path of the secret store',
  }),
};

/** Secrets that gateways declare for their upstreams and sinks. */
function declared(org: OrgView): readonly RuleFact[] {
  return org.all('Gateway').flatMap((object) => {
    const { host } = object.document.spec;
    return gatewaySecrets(object.document.spec).map(({ secret, pointer }) =>
      org.factAt({ object, pointer }, bucketOf(host, secret)),
    );
  });
}

/** Secrets that the policies of gateways name: what the runtime reads on the gateway's host. */
function used(org: OrgView): readonly RuleFact[] {
  return org.all('Gateway').flatMap((gateway) => {
    const { host } = gateway.document.spec;
    const object = policyOf(org, gateway);
    if (object === undefined) return [];
    return policyEndpoints(org, object).flatMap(({ secret, pointer }): RuleFact[] =>
      secret === null ? [] : [org.factAt({ object, pointer }, bucketOf(host, secret))],
    );
  });
}

/** Secrets that webhooks of review queues are signed with: variables of the control plane, which all orgs share. */
function signing(org: OrgView): readonly RuleFact[] {
  return org.all('Review').flatMap((object) =>
    object.document.spec.notifications.flatMap(({ secretEnv }, index): RuleFact[] => {
      if (secretEnv === undefined) return [];
      const pointer = `/spec/notifications/${index}/secretEnv`;
      return [org.factAt({ object, pointer }, bucketOf('the control plane', { env: secretEnv }))];
    }),
  );
}

/** Where a reference resolves: a variable on its host, a path of the store anywhere (architecture section 8). */
function bucketOf(host: string, secret: SecretReference): string {
  return secret.env === undefined ? `store ${storePath(secret.store ?? '')}` : `env ${host} ${secret.env}`;
}

/** One text for each path: without empty and `.` steps. */
function storePath(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}
