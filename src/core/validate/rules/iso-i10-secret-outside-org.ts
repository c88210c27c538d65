import type { Finding } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import type { OrgView, Spot } from '../view.ts';
import { gatewaySecrets, policyEndpoints } from './policy-targets.ts';

export const i10SecretOutsideOrg: DesiredRule = {
  code: 'ISO_I10_SECRET_OUTSIDE_ORG',
  needs: 'desired',
  decide: (org) => [
    ...org
      .all('Gateway')
      .flatMap((object) =>
        gatewaySecrets(object.document.spec).flatMap(({ secret, pointer }) =>
          judged(org, { object, pointer: `${pointer}/store` }, secret.store),
        ),
      ),
    ...org
      .all('Policy')
      .flatMap((object) =>
        policyEndpoints(org, object).flatMap(({ secret, pointer }) =>
          judged(org, { object, pointer: `${pointer}/store` }, secret?.store),
        ),
      ),
  ],
};

function judged(org: OrgView, spot: Spot, store: string | undefined): readonly Finding[] {
  if (store === undefined || isInside(store, [org.org, org.uid])) return [];
  return [
    org.report('ISO_I10_SECRET_OUTSIDE_ORG', spot, {
      message: `${spot.object.id.kind} ${spot.object.id.name} names a secret that is not below the org's own part of the store`,
      expected: `a path that begins with the step ${org.org}, or with org and ${org.org}`,
      // Secret paths are compared, never said.
      found: 'another path',
    }),
  ];
}

/** Steps end at a slash or a dot, so that `acme-eu` is not inside `acme`; nothing may lead back out. */
function isInside(path: string, names: readonly string[]): boolean {
  const steps = path.split('/').flatMap((step) => (step === '..' ? ['..'] : step.split('.')));
  if (steps.some((step) => step === '..' || step === '' || /[*?{}[\]$%]/.test(step))) return false;
  const [first = '', second = ''] = steps;
  return names.includes(first) || (/^orgs?$/.test(first) && names.includes(second));
}
