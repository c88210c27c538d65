import { acrossOrgs } from '../buckets.ts';
import type { FleetRule } from '../rule.ts';
import { channelsOf } from './channels.ts';
import { isStaff } from './people.ts';

export const i31ChannelShared: FleetRule = {
  code: 'ISO_I31_CHANNEL_SHARED',
  needs: 'fleet',
  factsOf: (org) =>
    channelsOf(org).flatMap(({ use, spot, address, host, port, path }) =>
      use !== 'notification' || isStaff(org, address) ? [] : [org.factAt(spot, `${host}:${port} ${path}`, host ?? '')],
    ),
  collisions: acrossOrgs,
  say: ({ object, detail }, others) => ({
    message: `${object} tells people where ${others} tells people`,
    expected: 'a mail address or webhook of this customer alone',
    found: `the same place at ${detail}`,
  }),
};
