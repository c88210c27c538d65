import { acrossOrgs } from '../buckets.ts';
import type { FleetRule } from '../rule.ts';

export const secretRefShared: FleetRule = {
  code: 'SECRET_REF_SHARED',
  needs: 'fleet',
  factsOf: (org) =>
    org.all('Gateway').flatMap((object) => {
      const { host, upstreams } = object.document.spec;
      return upstreams.map(({ secret }, index) => ({
        value: secret.env === undefined ? `store ${storePath(secret.store ?? '')}` : `env ${host} ${secret.env}`,
        ...org.spotOf({ object, pointer: `/spec/upstreams/${index}/secret` }),
      }));
    }),
  collisions: acrossOrgs,
  say: ({ object, value }, others) => ({
    message: `${object} uses the upstream secret of ${others}`,
    expected: 'a secret that no other org uses',
    found: value.startsWith('env ')
      ? 'the same environment variable of the same host'
      : 'the same path of the secret store',
  }),
};

/** One text for each path: without empty and `.` steps. */
function storePath(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}
