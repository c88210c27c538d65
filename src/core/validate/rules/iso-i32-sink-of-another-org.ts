import { CLAIMS, hostUse, isClaim, usesOfClaimed } from '../hosts/claims.ts';
import type { FleetRule } from '../rule.ts';
import { channelsOf } from './channels.ts';
import { isStaff } from './people.ts';

export const i32SinkOfAnotherOrg: FleetRule = {
  code: 'ISO_I32_SINK_OF_ANOTHER_ORG',
  needs: 'fleet',
  joins: CLAIMS,
  factsOf: (org) =>
    channelsOf(org).flatMap(({ spot, host, address }) =>
      host === null || isStaff(org, address) ? [] : hostUse(org, spot, host),
    ),
  decisive: isClaim,
  collisions: usesOfClaimed,
  say: ({ object, detail }, others) => ({
    message: `${object} sends to ${detail}, which is claimed by ${others}`,
    expected: 'a place of this customer or of the service provider',
    found: detail ?? '',
  }),
};
