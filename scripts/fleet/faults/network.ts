// Secrets, accounts, hosts, places outside.

import type { Draft } from '../faulty.ts';
import {
  chainEntry,
  egress,
  extraGateway,
  type Fault,
  gateway,
  input,
  LEAK,
  organization,
  patched,
  policy,
  sinks,
} from './fault.ts';

/** Secrets, accounts, hosts, places outside. */
export const network: readonly Fault[] = [
  {
    code: 'ISO_I07_TARGET_OF_ANOTHER_ORG',
    also: LEAK,
    plant: policy(({ other }) => ({
      parts: {
        providers: {
          targets: [
            { id: 'main', provider: 'openai', model: 'gpt-4o-mini', base_url: `https://ai.${other.org.domain}/v1` },
          ],
        },
      },
      holds: 'base_url',
    })),
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    also: ['ISO_I28_DEDICATED_HOST_SHARED'],
    plant: (planting) => {
      const { org } = planting.other;
      const secret = { env: `${org.code}_PRODUCTION_KEY`.toUpperCase() };
      return gateway(() => ({
        spec: {
          host: `host-${org.code}`,
          upstreams: [{ id: 'other', account: 'own-account-9', region: 'eu-central', secret }],
        },
        holds: secret.env,
      }))(planting);
    },
  },
  {
    code: 'ISO_I10_SECRET_OUTSIDE_ORG',
    plant: gateway(() => ({
      spec: {
        upstreams: [
          { id: 'other', account: 'own-account-9', region: 'eu-central', secret: { store: 'platform/openai' } },
        ],
      },
      holds: 'platform/openai',
    })),
  },
  {
    code: 'ISO_I11_SHARED_TOKEN_DIGEST',
    plant: ({ own, other }) => {
      let digest = '';
      other.edit('credentials.yaml', ({ spec }: Draft) => {
        digest = spec.tokens[0].digest;
      });
      own.edit('credentials.yaml', ({ spec }: Draft) => {
        spec.tokens[1].digest = digest;
      });
      return { file: `orgs/${own.org.slug}/credentials.yaml`, holds: digest };
    },
  },
  {
    code: 'ISO_I13_UPSTREAM_ACCOUNT_SHARED',
    plant: input((inputs, { other }) => {
      const account = `acct-${other.org.code}-production`;
      inputs.environments[0].upstreams[0].account = account;
      return account;
    }),
  },
  {
    code: 'ISO_I15_SHARED_UID',
    plant: organization((spec, { other }) => {
      spec.uid = other.org.uid;
      return other.org.uid;
    }),
  },
  {
    code: 'ISO_I17_DOMAIN_SHARED',
    plant: organization((spec, { other }) => {
      spec.domains.push(`eu.${other.org.domain}`);
      return `eu.${other.org.domain}`;
    }),
  },
  {
    code: 'ISO_I17_PUBLIC_DOMAIN',
    plant: organization((spec) => {
      spec.domains.push('gmail.com');
      return 'gmail.com';
    }),
  },
  {
    code: 'ISO_I20_LISTEN_COLLISION',
    also: ['ISO_I28_DEDICATED_HOST_SHARED'],
    plant: gateway(({ other }) => ({
      spec: { host: `host-${other.org.code}`, listen: '0.0.0.0:41001' },
      holds: '0.0.0.0:41001',
    })),
  },
  {
    code: 'ISO_I21_HOSTNAME_SHARED',
    also: LEAK,
    plant: gateway(({ other }) => ({
      spec: { hostname: `extra.${other.org.domain}` },
      holds: `extra.${other.org.domain}`,
    })),
  },
  {
    code: 'ISO_I22_EGRESS_OF_ANOTHER_ORG',
    also: LEAK,
    plant: ({ own, other }) => ({
      file: patched(own, egress(`files.${other.org.domain}`)),
      holds: '- op: add',
    }),
  },
  {
    code: 'ISO_I22_EGRESS_TOO_WIDE',
    plant: ({ own }) => ({ file: patched(own, egress('*.com')), holds: '- op: add' }),
  },
  {
    code: 'ISO_I23_EGRESS_PRIVATE',
    plant: ({ own, pick }) => {
      const host = pick(['169.254.169.254', 'db.internal', '10.1.2.3']);
      return { file: patched(own, egress(host)), holds: '- op: add' };
    },
  },
  {
    code: 'ISO_I28_DEDICATED_HOST_SHARED',
    plant: gateway(({ other }) => ({ spec: { host: `host-${other.org.code}` }, holds: `host-${other.org.code}` })),
  },
  {
    code: 'ISO_I31_CHANNEL_SHARED',
    plant: (planting) => {
      const to = 'watch@desk.example';
      planting.other.edit('org.yaml', ({ spec }: Draft) => {
        spec.inputs.review.notify = to;
      });
      return input((inputs) => {
        inputs.review.notify = to;
        return to;
      })(planting);
    },
  },
  {
    code: 'ISO_I32_SINK_OF_ANOTHER_ORG',
    also: LEAK,
    plant: gateway(({ other }) => ({
      spec: sinks(`https://logs.${other.org.domain}/in`),
      holds: `logs.${other.org.domain}`,
    })),
  },
  {
    code: 'ISO_I34_SINK_NESTED',
    plant: (planting) => {
      extraGateway(planting.other, sinks('https://logs.desk.example/in'));
      return gateway(() => ({ spec: sinks('https://logs.desk.example/in/below'), holds: 'logs.desk.example' }))(
        planting,
      );
    },
  },
  {
    code: 'ISO_I58_RUNTIME_REFUSED',
    plant: gateway(() => ({ spec: { runtime: { name: 'tenantry-gateway', version: '0.0.9' } }, holds: '0.0.9' })),
  },
  {
    code: 'ISO_I58_RUNTIME_UNTESTED',
    plant: gateway(() => ({ spec: { runtime: { name: 'tenantry-gateway', version: '0.7.0' } }, holds: '0.7.0' })),
  },
  {
    code: 'ISO_I62_POLICY_CHOSEN_BY_CLIENT',
    plant: policy(() => ({
      parts: chainEntry({ when: { header: { 'x-workflow': 'letters' } } }),
      holds: 'x-workflow',
    })),
  },
];
