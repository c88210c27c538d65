import { CLAIMS, hostUse, isClaim, usesOfClaimed } from '../hosts/claims.ts';
import type { FleetRule } from '../rule.ts';
import { policyEndpoints } from './policy-targets.ts';

export const i07TargetOfAnotherOrg: FleetRule = {
  code: 'ISO_I07_TARGET_OF_ANOTHER_ORG',
  needs: 'fleet',
  joins: CLAIMS,
  factsOf: (org) =>
    org.all('Policy').flatMap((object) =>
      policyEndpoints(org, object).flatMap(({ use, host, urlPointer }) =>
        // Webhooks are I-32.
        host === null || use === 'webhook' ? [] : hostUse(org, { object, pointer: urlPointer }, host),
      ),
    ),
  decisive: isClaim,
  collisions: usesOfClaimed,
  say: ({ object, detail }, others) => ({
    message: `${object} sends requests to ${detail}, which is claimed by ${others}`,
    expected: 'targets at a model provider or at this customer',
    found: detail ?? '',
  }),
};
