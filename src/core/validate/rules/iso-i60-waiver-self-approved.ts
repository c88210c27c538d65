import { codeEntry } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import { approversNeeded, interestedIn } from '../waivers.ts';

export const i60WaiverSelfApproved: DesiredRule = {
  code: 'ISO_I60_WAIVER_SELF_APPROVED',
  needs: 'desired',
  decide: (org) => {
    const waivers = org.all('Waiver');
    if (waivers.length === 0) return [];
    return waivers.flatMap((waiver) => {
      const { code, owner, approvers = [] } = waiver.document.spec;
      const interested = interestedIn(owner, org.objects);
      const self = approvers.filter((approver) => interested.has(approver.toLowerCase()));
      if (self.length === 0 || codeEntry(code) === undefined || (approversNeeded(code) ?? 0) === 0) return [];
      return [
        org.report(
          'ISO_I60_WAIVER_SELF_APPROVED',
          { object: waiver, pointer: '/spec/approvers' },
          {
            message: `${self.join(', ')} approved an exception that ${self.length === 1 ? 'is' : 'are'} their own`,
            expected: "platform owners other than the waiver's owner and the owners of the org",
            found: self.join(', '),
          },
        ),
      ];
    });
  },
};
