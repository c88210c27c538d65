import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';

export const gatewayRing: DesiredRule = {
  code: 'GATEWAY_RING_UNKNOWN',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((object) => {
      const { ring } = object.document.spec;
      if ((org.fleet ?? NO_SETTINGS).rings.has(ring)) return [];
      return [
        org.report(
          'GATEWAY_RING_UNKNOWN',
          { object, pointer: '/spec/ring' },
          {
            message: `gateway ${object.id.name} is in ring ${ring}, which fleet.yaml does not have`,
            expected: 'a ring of fleet.yaml',
            found: ring,
          },
        ),
      ];
    }),
};
