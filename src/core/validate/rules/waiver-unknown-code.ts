import { nearest } from '../../kinds/index.ts';
import { codeEntry, codes } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const waiverUnknownCode: DesiredRule = {
  code: 'WAIVER_UNKNOWN_CODE',
  needs: 'desired',
  decide: (org) =>
    org.all('Waiver').flatMap((waiver) => {
      const { code } = waiver.document.spec;
      if (codeEntry(code) !== undefined) return [];
      const meant = nearest(code, Object.keys(codes));
      return [
        org.report(
          'WAIVER_UNKNOWN_CODE',
          { object: waiver, pointer: '/spec/code' },
          {
            message: `no finding has the code ${code}`,
            expected: meant === undefined ? 'the code of a finding' : meant,
            found: code,
          },
        ),
      ];
    }),
};
