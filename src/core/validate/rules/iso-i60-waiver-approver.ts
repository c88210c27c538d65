import { codeEntry } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';
import { approversNeeded } from '../waivers.ts';

export const i60WaiverApprover: DesiredRule = {
  code: 'ISO_I60_WAIVER_APPROVER',
  needs: 'desired',
  decide: (org) => {
    const { platform } = org.fleet ?? NO_SETTINGS;
    return org.all('Waiver').flatMap((waiver) => {
      const { code, approvers = [] } = waiver.document.spec;
      const others = approvers.filter((approver) => !platform.has(approver.toLowerCase()));
      if (others.length === 0 || codeEntry(code) === undefined || (approversNeeded(code) ?? 0) === 0) return [];
      return [
        org.report(
          'ISO_I60_WAIVER_APPROVER',
          { object: waiver, pointer: '/spec/approvers' },
          {
            message: `${others.join(', ')} cannot approve an exception`,
            expected: 'owners.platform of fleet.yaml, or owners of its signingKeys',
            found: others.join(', '),
          },
        ),
      ];
    });
  },
};
