import type { DesiredRule } from '../rule.ts';
import { otherOrgNamed, targetText, verdictOf } from './reference-verdict.ts';

export const refCrossesOrg: DesiredRule = {
  code: 'REF_CROSSES_ORG',
  needs: 'desired',
  decide: (org) =>
    org.references
      .filter((reference) => verdictOf(org, reference) === 'crosses-org')
      .map((reference) => {
        const other = otherOrgNamed(org, reference.name.split('/')[0] ?? '');
        return org.report(
          'REF_CROSSES_ORG',
          { object: reference.from, pointer: reference.pointer },
          {
            message: `${targetText(reference)} reaches ${other === null ? 'out of the org' : `into org ${other}`}`,
            expected: `the name of an object of org ${org.org}`,
            found: JSON.stringify(reference.name),
          },
        );
      }),
};
