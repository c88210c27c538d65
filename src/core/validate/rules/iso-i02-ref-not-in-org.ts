import { nearest } from '../../kinds/index.ts';
import type { DesiredRule } from '../rule.ts';
import { faultyReferences, targetText } from './reference-verdict.ts';

export const i02RefNotInOrg: DesiredRule = {
  code: 'ISO_I02_REF_NOT_IN_ORG',
  needs: 'desired',
  decide: (org) =>
    faultyReferences(org, 'unresolved')
      .filter((reference) => reference.from.id.kind !== 'Credentials')
      .map((reference) => {
        const names = org.names(reference.kind);
        const meant = nearest(reference.name, names);
        return org.report(
          'ISO_I02_REF_NOT_IN_ORG',
          { object: reference.from, pointer: reference.pointer },
          {
            message: `${targetText(reference)} does not exist in org ${org.org}`,
            expected:
              names.length === 0 ? `a ${reference.kind} of org ${org.org}; it has none` : `one of ${list(names)}`,
            found: JSON.stringify(reference.name),
            ...(meant === undefined
              ? {}
              : { fix: `Did you mean ${JSON.stringify(meant)}? Otherwise add the object to org ${org.org}.` }),
          },
        );
      }),
};

function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
