import { nearest } from '../../kinds/index.ts';
import type { DesiredRule } from '../rule.ts';
import { targetText, verdictOf } from './reference-verdict.ts';

export const refUnresolved: DesiredRule = {
  code: 'REF_UNRESOLVED',
  needs: 'desired',
  decide: (org) =>
    org.references
      .filter((reference) => reference.from.id.kind !== 'Credentials' && verdictOf(org, reference) === 'unresolved')
      .map((reference) => {
        const names = org.names(reference.kind);
        const meant = nearest(reference.name, names);
        return org.report(
          'REF_UNRESOLVED',
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
