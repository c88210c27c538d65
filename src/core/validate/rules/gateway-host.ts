import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';

export const gatewayHost: DesiredRule = {
  code: 'GATEWAY_HOST',
  needs: 'desired',
  decide: (org) => {
    const { hosts } = org.fleet ?? NO_SETTINGS;
    if (hosts.size === 0) return [];
    return org.all('Gateway').flatMap((object) => {
      const { host } = object.document.spec;
      if (hosts.has(host)) return [];
      return [
        org.report(
          'GATEWAY_HOST',
          { object, pointer: '/spec/host' },
          {
            message: `gateway ${object.id.name} runs on a machine that fleet.yaml does not list`,
            expected: 'a machine of hosts in fleet.yaml',
            found: host,
          },
        ),
      ];
    });
  },
};
