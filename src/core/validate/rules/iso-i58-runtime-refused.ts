import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';

export const i58RuntimeRefused: DesiredRule = {
  code: 'ISO_I58_RUNTIME_REFUSED',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((object) => {
      const { name, version } = object.document.spec.runtime;
      if (!(org.fleet ?? NO_SETTINGS).runtimes.refused.has(version)) return [];
      return [
        org.report(
          'ISO_I58_RUNTIME_REFUSED',
          { object, pointer: '/spec/runtime/version' },
          {
            message: `gateway ${object.id.name} is meant to run ${name} ${version}, which fleet.yaml refuses`,
            expected: 'a version that is not refused',
            found: version,
          },
        ),
      ];
    }),
};
