import { type Finding, finding, startOf } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

/** What judges a change: the program and its build, the pipeline, who owns what, and accepted exceptions. */
const CHECKS =
  /^(?:(?:src|gateway|scripts|\.github|\.ci)\/|CODEOWNERS$|docs\/CODEOWNERS$|package(?:-lock)?\.json$|(?:biome|knip|tsconfig[a-z.]*)\.json$|vitest\.config\.ts$|orgs\/[^/]+\/(?:waivers|pins)\/)/;

export const i53ChecksChangedWithOrg: ChangeRule = {
  code: 'ISO_I53_CHECKS_CHANGED_WITH_ORG',
  needs: 'change',
  decide: ({ files, orgs }) => {
    // An org that goes takes its own exceptions with it: nothing is left that they could excuse.
    const going = orgs
      .filter(({ uidBefore, uidAfter }) => uidBefore !== null && uidAfter === null)
      .map(({ org }) => `orgs/${org}/`);
    const isLeaving = (path: string): boolean => going.some((folder) => path.startsWith(folder));
    const checks = files.filter(({ path }) => CHECKS.test(path) && !isLeaving(path));
    const [check] = checks;
    if (check === undefined) return [];
    return orgs.flatMap(({ org, written }): readonly Finding[] => {
      const config = written.filter((path) => !CHECKS.test(path));
      const [first] = config;
      if (first === undefined) return [];
      return [
        finding('ISO_I53_CHECKS_CHANGED_WITH_ORG', {
          org,
          object: `Organization/${org}`,
          place: startOf(check.path),
          message: `the change of org ${org} brings a change of what judges it: ${check.path}`,
          expected: 'checks, workflows, owners and waivers in a change of their own, before this one',
          found: `${checks.length} of them beside ${config.length} files of the org`,
          related: [startOf(first)],
        }),
      ];
    });
  },
};
