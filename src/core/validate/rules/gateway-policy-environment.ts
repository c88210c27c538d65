import type { DesiredRule } from '../rule.ts';
import { faultyReferences, targetText } from './reference-verdict.ts';

export const gatewayPolicyEnvironment: DesiredRule = {
  code: 'GATEWAY_POLICY_ENVIRONMENT',
  needs: 'desired',
  decide: (org) =>
    faultyReferences(org, 'other-environment').map((reference) => {
      const environments = org.named(reference.kind, reference.name).map(({ id }) => id.environment);
      return org.report(
        'GATEWAY_POLICY_ENVIRONMENT',
        { object: reference.from, pointer: reference.pointer },
        {
          message: `${targetText(reference)} does not exist; it is one of ${environments.join(', ')}`,
          expected: `an object of environment ${reference.environment}`,
          found: `${JSON.stringify(reference.name)} of ${environments.join(', ')}`,
        },
      );
    }),
};
