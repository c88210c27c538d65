import { codeEntry } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import { approversNeeded } from '../waivers.ts';

export const waiverTooWide: DesiredRule = {
  code: 'WAIVER_TOO_WIDE',
  needs: 'desired',
  decide: (org) =>
    org.all('Waiver').flatMap((waiver) => {
      const { code, approvers = [] } = waiver.document.spec;
      const entry = codeEntry(code);
      if (entry === undefined) return [];
      const needed = approversNeeded(code);
      if (needed === null) {
        return [
          org.report(
            'WAIVER_TOO_WIDE',
            { object: waiver, pointer: '/spec/code' },
            {
              message: `${code} is never waived`,
              expected: 'the code of a finding below critical that is not about waivers',
              found: `${code}, ${entry.severity}`,
            },
          ),
        ];
      }
      const given = new Set(approvers).size;
      if (given >= needed) return [];
      return [
        org.report(
          'WAIVER_TOO_WIDE',
          { object: waiver, pointer: '/spec/approvers' },
          {
            message: `a waiver of ${code} (${entry.severity}) needs ${needed} ${needed === 1 ? 'approver' : 'approvers'}`,
            expected: `${needed} platform owners`,
            found: `${given}`,
          },
        ),
      ];
    }),
};
