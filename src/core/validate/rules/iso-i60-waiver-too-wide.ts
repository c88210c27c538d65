import { checkedInstantMs, codeEntry, type Finding } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import { approversNeeded } from '../waivers.ts';

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 400;

export const i60WaiverTooWide: DesiredRule = {
  code: 'ISO_I60_WAIVER_TOO_WIDE',
  needs: 'desired',
  decide: (org) =>
    org.all('Waiver').flatMap((waiver): readonly Finding[] => {
      const { code, object, approvers = [], expires, found } = waiver.document.spec;
      const severity = codeEntry(code)?.severity;
      if (severity === undefined) return [];
      const said = (field: string, message: string, sides: { readonly expected: string; readonly found: string }) => [
        org.report('ISO_I60_WAIVER_TOO_WIDE', { object: waiver, pointer: `/spec/${field}` }, { message, ...sides }),
      ];
      const needed = approversNeeded(code);
      if (needed === null) {
        const expected = 'the code of a finding below critical that is not about waivers';
        return said('code', `${code} is never waived`, { expected, found: `${code}, ${severity}` });
      }
      const days = Math.floor((checkedInstantMs(expires) - org.nowMs) / DAY_MS);
      if (days > LONGEST_DAYS) {
        const expected = `at most ${LONGEST_DAYS} days from now`;
        return said('expires', `the waiver of ${code} holds for ${days} days`, { expected, found: expires });
      }
      const given = new Set(approvers.map((approver) => approver.toLowerCase())).size;
      if (given < needed) {
        const message = `a waiver of ${code} (${severity}) needs ${needed} ${needed === 1 ? 'approver' : 'approvers'}`;
        return said('approvers', message, { expected: `${needed} platform owners`, found: `${given}` });
      }
      if (found !== undefined) return [];
      const message = `the waiver would accept whatever ${code} says of ${object}`;
      const expected = 'found: what check says of it, which `tenantry waiver add` takes from the work tree';
      return said('object', message, { expected, found: 'no spec.found' });
    }),
};
