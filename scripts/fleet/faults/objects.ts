// References, tokens, money and people.

import type { Draft } from '../faulty.ts';
import {
  chainEntry,
  extraGateway,
  type Fault,
  gateway,
  gatewaySpec,
  group,
  input,
  LEAK,
  members,
  organization,
  policy,
  token,
  tokenSpec,
  wallet,
} from './fault.ts';

/** References, tokens, money and people. */
export const objects: readonly Fault[] = [
  {
    code: 'ISO_I01_REF_CROSSES_ORG',
    plant: gateway(({ other }) => ({
      spec: { teams: [`${other.org.slug}-support`] },
      holds: `${other.org.slug}-support`,
    })),
  },
  {
    code: 'ISO_I02_REF_NOT_IN_ORG',
    plant: gateway(() => ({ spec: { teams: ['nobody-there'] }, holds: 'nobody-there' })),
  },
  {
    code: 'ISO_I03_TOKEN_CROSSES_ORG',
    plant: input((inputs, { other, pick }) => {
      const name = `${other.org.slug}-production`;
      pick<Draft>(inputs.tokens).gateways = [name];
      return name;
    }),
  },
  {
    code: 'ISO_I03_OWNER_OF_ANOTHER_ORG',
    also: LEAK,
    plant: input((inputs, { other, pick }) => {
      const owner = `eve@${other.org.domain}`;
      pick<Draft>(inputs.tokens).owner = owner;
      return owner;
    }),
  },
  {
    code: 'ISO_I04_WALLET_CROSSES_ORG',
    plant: ({ own, other }) => ({
      file: wallet(own, 'extra', { parent: `${other.org.slug}-org` }),
      holds: `${other.org.slug}-org`,
    }),
  },
  {
    code: 'ISO_I05_TARGETING_NOT_OF_ORG',
    plant: policy(() => ({
      parts: chainEntry({ targeting: { scope: 'team', teams: ['elsewhere'] } }),
      holds: 'elsewhere',
    })),
  },
  {
    code: 'ISO_I06_REVIEWER_CROSSES_ORG',
    plant: input((inputs, { other }) => {
      inputs.review.teams.push(`${other.org.slug}-support`);
      return `${other.org.slug}-support`;
    }),
  },
  {
    code: 'ISO_I06_PERSON_OF_ANOTHER_ORG',
    also: LEAK,
    plant: input((inputs, { other, pick }) => members(inputs, pick, `eve@${other.org.domain}`)),
  },
  {
    code: 'ISO_I19_PERSON_IN_TWO_ORGS',
    plant: (planting) => {
      planting.other.edit('org.yaml', ({ spec }: Draft) => members(spec.inputs, planting.pick, group));
      return input((inputs, { pick }) => members(inputs, pick, group))(planting);
    },
  },
  {
    code: 'ISO_I29_NO_CEILING',
    plant: (planting) => {
      planting.own.edit('org.yaml', ({ spec }: Draft) => {
        spec.isolation = 'shared';
      });
      return {
        file: extraGateway(planting.own, { limits: { requestsPerMinute: 60, bodyBytes: 4096 } }),
        holds: 'bodyBytes:',
      };
    },
  },
  {
    code: 'ISO_I30_REGION_OUTSIDE',
    plant: input((inputs, { pick }) => {
      pick<Draft>(inputs.environments).upstreams[0].region = 'us-west';
      return 'us-west';
    }),
  },
  {
    code: 'ISO_I36_WILDCARD_TOOL',
    plant: input((inputs) => {
      inputs.roles = { agent: { allowed_tools: ['*'] } };
      return '"*"';
    }),
  },
  {
    code: 'ISO_I38_TOKEN_LOOSER_THAN_TEAM',
    plant: input((inputs) => {
      inputs.tokens[0].wallet = 'org';
      return 'wallet: org';
    }),
  },
  {
    code: 'ISO_I38_TOKEN_WITHOUT_WALLET',
    plant: ({ own }) => {
      const { wallet: _, ...spec } = gatewaySpec(own.org, {});
      own.manifest('custom', 'Gateway', { name: 'extra', environment: 'production', spec });
      const owner = `platform-lead@${own.org.domain}`;
      return {
        file: own.manifest('custom', 'Token', {
          name: 'free',
          spec: {
            owner,
            team: 'platform',
            gateways: ['extra'],
            scopes: ['chat'],
            expires: '2027-01-01T00:00:00Z',
            rotationOverlapHours: 1,
          },
        }),
        holds: 'expires:',
      };
    },
  },
  {
    code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT',
    plant: input((inputs, { pick }) => {
      pick<Draft>(inputs.wallets.teams).limit = '99999.01';
      return '99999.01';
    }),
  },
  {
    code: 'ISO_I46_NAME_COLLISION',
    plant: organization((spec, { other }) => {
      spec.displayName = other.org.displayName.toUpperCase().replace('O', '0');
      return spec.displayName;
    }),
  },
  {
    code: 'WALLET_CYCLE',
    plant: ({ own }) => {
      wallet(own, 'one', { parent: 'two' });
      return { file: wallet(own, 'two', { parent: 'one' }), holds: 'parent: one' };
    },
  },
  {
    code: 'WALLET_CURRENCY_MISMATCH',
    plant: ({ own }) => ({ file: wallet(own, 'extra', { parent: 'org', currency: 'EUR' }), holds: 'EUR' }),
  },
  {
    code: 'WALLET_SCOPE_INVERTED',
    plant: ({ own }) => ({ file: wallet(own, 'extra', { parent: 'support' }), holds: 'parent: support' }),
  },
  {
    code: 'WALLET_PERIOD',
    plant: ({ own }) => ({
      file: wallet(own, 'extra', { period: { kind: 'week', timeZone: 'UTC', anchorDay: 9 } }),
      holds: 'anchorDay: 9',
    }),
  },
  {
    code: 'WALLET_ZONE',
    plant: ({ own }) => ({
      file: wallet(own, 'extra', { period: { kind: 'day', timeZone: 'Europe/Atlantis', anchorDay: 1 } }),
      holds: 'Europe/Atlantis',
    }),
  },
  { code: 'WALLET_LIMIT_ZERO', plant: ({ own }) => ({ file: wallet(own, 'extra', { limit: '0' }), holds: 'limit:' }) },
  {
    code: 'WALLET_THRESHOLDS',
    plant: ({ own }) => ({ file: wallet(own, 'extra', { thresholds: [] }), holds: 'thresholds:' }),
  },
  {
    code: 'TOKEN_EXPIRES_FAR',
    plant: input((inputs, { pick }) => {
      pick<Draft>(inputs.tokens).expires = '2031-01-01T00:00:00Z';
      return '2031-01-01';
    }),
  },
  {
    code: 'TOKEN_EXPIRED',
    plant: input((inputs, { pick }) => {
      pick<Draft>(inputs.tokens).expires = '2026-01-01T00:00:00Z';
      return '2026-01-01';
    }),
  },
  { code: 'TOKEN_ADDRESS_INVALID', plant: token({ addresses: ['192.0.2.7/24'] }, '192.0.2.7/24') },
  {
    code: 'TOKEN_CONSOLE_ADDRESSES',
    plant: token({ scopes: ['console'], addresses: ['192.0.2.0/24'] }, '192.0.2.0/24'),
  },
  { code: 'TOKEN_PATH_UNREACHABLE', plant: token({ paths: ['/v1/embeddings'] }, '/v1/embeddings') },
  {
    code: 'GATEWAY_LIMIT_MODEL_UNKNOWN',
    plant: gateway(() => ({
      spec: {
        limits: {
          requestsPerMinute: 60,
          concurrentRequests: 4,
          bodyBytes: 4096,
          models: [{ model: 'none-such', limits: { requestsPerMinute: 1 } }],
        },
      },
      holds: 'none-such',
    })),
  },
  {
    code: 'MODEL_UNPRICED',
    plant: (planting) => {
      const { own } = planting;
      const spec = gatewaySpec(own.org, { policy: 'extra' });
      own.manifest('custom', 'Gateway', { name: 'asking', environment: 'production', spec });
      own.manifest('custom', 'Token', { name: 'paying', spec: tokenSpec(own.org, { gateways: ['asking'] }) });
      const targets = [{ id: 'main', provider: 'openai', model: 'none-such' }];
      return policy(() => ({ parts: { providers: { targets } }, holds: 'none-such' }))(planting);
    },
  },
  { code: 'GATEWAY_RING_UNKNOWN', plant: gateway(() => ({ spec: { ring: 'nightly' }, holds: 'nightly' })) },
];
