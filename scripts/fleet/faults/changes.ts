// What only a change can do, against the clean fleet as its base.

import type { FindingCode } from '../../../src/core/model/index.ts';
import type { Draft, FleetMaker } from '../faulty.ts';
import type { OrgIdentity } from '../identity.ts';
import type { MemoryFleet } from '../memory.ts';
import { gatewaySpec, type Planted, policySpec, writeWaiver } from './fault.ts';

export interface ChangePlanting {
  readonly maker: FleetMaker;
  readonly own: OrgIdentity;
  readonly other: OrgIdentity;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** A fault of a change: the fleet after it, and where it must be found. */
export interface ChangeFault {
  readonly code: FindingCode;
  readonly make: (planting: ChangePlanting) => { readonly fleet: MemoryFleet; readonly planted: Planted };
}

const TEMPLATE = 'templates/msp-standard/1.0.0';
const yaml = ({ slug }: OrgIdentity): string => `orgs/${slug}/org.yaml`;
const START = 'apiVersion:';
const moveZone = ({ spec }: Draft): void => {
  spec.inputs.timeZone = 'Europe/Paris';
};

export const changes: readonly ChangeFault[] = [
  {
    code: 'ISO_I24_LIMIT_BY_CLIENT_HEADER',
    // The floor of the template forbids the gateway that this takes, so the floor goes first.
    make: ({ maker, own }) => {
      const free = maker.withoutFloor('/spec/limits/requestsPerMinute');
      let file = '';
      const fleet = free.withDrafts([own], (draft) => {
        if (draft === undefined) return;
        const limit = { requests_per_minute: 10, header_names: ['x-user'] };
        file = draft.manifest('custom', 'Policy', {
          name: 'by-header',
          environment: 'production',
          spec: policySpec({ user_rate_limit: limit }),
        });
        const limits = { concurrentRequests: 4, bodyBytes: 4096 };
        const spec = gatewaySpec(own, { policy: 'by-header', limits });
        draft.manifest('custom', 'Gateway', { name: 'extra', environment: 'production', spec });
      });
      return { fleet, planted: { file, holds: 'header_names:' } };
    },
  },
  {
    code: 'ISO_I50_CHANGE_SPANS_ORGS',
    make: ({ maker, own, other }) => ({
      fleet: maker.withDrafts([own, other], (...drafts) => {
        for (const draft of drafts) draft.edit('org.yaml', moveZone);
      }),
      planted: { file: yaml(own), holds: START },
    }),
  },
  {
    code: 'ISO_I52_OTHER_ORG_CHANGED',
    make: ({ maker, own }) => ({
      fleet: maker.withShared(maker.clean, `${TEMPLATE}/gateways.yaml`, (text) =>
        text.replace(/requestsPerMinute: \d+/, 'requestsPerMinute: 599'),
      ),
      planted: { file: yaml(own), holds: own.uid },
    }),
  },
  {
    code: 'ISO_I53_CHECKS_CHANGED_WITH_ORG',
    make: ({ maker, own }) => ({
      fleet: maker.withDrafts([own], (draft) => {
        if (draft === undefined) return;
        draft.edit('org.yaml', moveZone);
        writeWaiver(draft);
      }),
      planted: { file: `orgs/${own.slug}/waivers/planted.yaml`, holds: START },
    }),
  },
  {
    code: 'ISO_I55_ORG_WITHOUT_TOMBSTONE',
    make: ({ maker, own }) => ({
      fleet: maker.without(own),
      planted: { file: yaml(own), holds: '' },
    }),
  },
  {
    code: 'ORG_UID_CHANGED',
    make: ({ maker, own }) => {
      const uid = [...own.uid].reverse().join('');
      const fleet = maker.withDrafts([own], (draft) => {
        draft?.edit('org.yaml', ({ spec }: Draft) => {
          spec.uid = uid;
        });
      });
      return { fleet, planted: { file: yaml(own), holds: uid } };
    },
  },
  {
    code: 'TEMPLATE_VERSION_CHANGED',
    make: ({ maker, pick }) => {
      const file = `${TEMPLATE}/${pick(['gateways', 'policies', 'teams', 'tokens', 'wallets'])}.yaml`;
      const fleet = maker.withShared(maker.clean, file, (text) => `${text}# one word more\n`);
      return { fleet, planted: { file, holds: '' } };
    },
  },
];
