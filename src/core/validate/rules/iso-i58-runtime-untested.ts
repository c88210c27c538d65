import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';

export const i58RuntimeUntested: DesiredRule = {
  code: 'ISO_I58_RUNTIME_UNTESTED',
  needs: 'desired',
  decide: (org) => {
    const { tested, refused } = (org.fleet ?? NO_SETTINGS).runtimes;
    if (tested === null) return [];
    return org.all('Gateway').flatMap((object) => {
      const { name, version } = object.document.spec.runtime;
      if (tested.has(version) || refused.has(version)) return [];
      return [
        org.report(
          'ISO_I58_RUNTIME_UNTESTED',
          { object, pointer: '/spec/runtime/version' },
          {
            message: `gateway ${object.id.name} is meant to run ${name} ${version}, which fleet.yaml does not list as tested`,
            expected: 'a tested version',
            found: version,
          },
        ),
      ];
    });
  },
};
