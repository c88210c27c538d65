// Credentials, names and settings.

import type { Draft } from '../faulty.ts';
import { type Fault, fleetYaml, gateway, gatewaySpec, nowhere, policySpec, waiver, yaml } from './fault.ts';

const credentials =
  (change: (tokens: Draft) => string): Fault['plant'] =>
  ({ own }) => {
    let holds = '';
    own.edit('credentials.yaml', ({ spec }: Draft) => {
      holds = change(spec.tokens);
    });
    return { file: `orgs/${own.org.slug}/credentials.yaml`, holds };
  };

/** Credentials, names within an org, settings. */
export const records: readonly Fault[] = [
  {
    code: 'CREDENTIALS_EXPIRED',
    plant: credentials((tokens) => {
      tokens[2].notAfter = '2026-11-20T00:00:00Z';
      return '2026-11-20';
    }),
  },
  {
    code: 'CREDENTIALS_ID_DUPLICATE',
    plant: credentials((tokens) => {
      tokens[2].id = tokens[0].id;
      return tokens[0].id;
    }),
  },
  {
    code: 'CREDENTIALS_UNKNOWN_TOKEN',
    plant: credentials((tokens) => {
      tokens[1].token = 'long-gone';
      return 'long-gone';
    }),
  },
  {
    code: 'GATEWAY_NAME_DUPLICATE',
    plant: ({ own }) => ({
      file: own.manifest('custom', 'Gateway', {
        name: 'support-staging',
        environment: 'production',
        spec: gatewaySpec(own.org, {}),
      }),
      holds: 'name: support-staging',
    }),
  },
  {
    code: 'GATEWAY_POLICY_ENVIRONMENT',
    plant: ({ own }) => {
      own.manifest('custom', 'Policy', { name: 'trial', environment: 'staging', spec: policySpec({}) });
      const spec = gatewaySpec(own.org, { policy: 'trial' });
      return {
        file: own.manifest('custom', 'Gateway', { name: 'extra', environment: 'production', spec }),
        holds: 'policy: trial',
      };
    },
  },
  {
    code: 'GATEWAY_HOST',
    plant: ({ own }) => ({ file: yaml(own), holds: `host-${own.org.code}` }),
    shared: {
      file: fleetYaml,
      edit: (_own, text) => `${text}  hosts:\n    - name: elsewhere\n      region: eu-central\n`,
    },
  },
  {
    code: 'PRICE_BOOK_UNKNOWN',
    plant: nowhere,
    shared: { file: fleetYaml, edit: (_own, text) => text.replace(/^( +prices: )\S+/m, '$1elsewhere') },
  },
  {
    code: 'FREEZE_WINDOW',
    plant: nowhere,
    shared: {
      file: fleetYaml,
      edit: (_own, text) =>
        `${text}  freeze:\n    - { from: '2026-12-20T00:00:00Z', to: '2037-01-05T00:00:00Z', reason: holidays }\n`,
    },
  },
  {
    code: 'ISO_I26_STORE_IS_PUBLISHED',
    plant: nowhere,
    shared: {
      file: fleetYaml,
      edit: (_own, text) => text.replace(/(publisher:\s+driver: files\s+path: )\S+/, '$1.'),
    },
  },
  {
    code: 'POLICY_SHAPE',
    plant: ({ own }) => ({
      file: own.manifest('custom', 'Policy', {
        name: 'wrong',
        environment: 'production',
        spec: policySpec({ providers: { targets: [{ id: 'main', provider: 'openai', model: 7 }] } }),
      }),
      holds: 'model: 7',
    }),
  },
  {
    code: 'UPSTREAM_MISMATCH',
    plant: ({ own }) => {
      const target = { id: 'main', provider: 'openai', model: 'gpt-4o-mini', secret_key_ref: { env: 'ONE_KEY' } };
      own.manifest('custom', 'Policy', {
        name: 'keyed',
        environment: 'production',
        spec: policySpec({ providers: { targets: [target] } }),
      });
      const upstream = { id: 'main', account: 'own-account-9', region: 'eu-central', secret: { env: 'ANOTHER_KEY' } };
      const spec = gatewaySpec(own.org, { policy: 'keyed', upstreams: [upstream] });
      return {
        file: own.manifest('custom', 'Gateway', { name: 'extra', environment: 'production', spec }),
        holds: 'ANOTHER_KEY',
      };
    },
  },
  {
    code: 'GATEWAY_EGRESS',
    plant: gateway(({ pick }) => {
      const host = pick(['eu.api.openai.com', '*.openai.example', 'api.openai.com:8443']);
      return { spec: { egress: [host] }, holds: host };
    }),
  },
  {
    code: 'RETIRED_ORG_LIVE',
    plant: ({ own }) => {
      // Those of tokens and gateways would have nothing to patch.
      own.remove('overlays');
      own.edit('org.yaml', ({ spec }: Draft) => {
        spec.retired = '2026-11-30T00:00:00Z';
      });
      return { file: `orgs/${own.org.slug}/credentials.yaml`, holds: 'kind: Credentials' };
    },
  },
  {
    code: 'RETIRED_LATER',
    plant: ({ own }) => {
      own.remove('overlays');
      own.remove('credentials.yaml');
      own.edit('org.yaml', ({ spec }: Draft) => {
        spec.retired = '2027-11-30T00:00:00Z';
      });
      return { file: `orgs/${own.org.slug}/org.yaml`, holds: '2027-11-30' };
    },
  },
  { code: 'WAIVER_UNKNOWN_CODE', plant: waiver({ code: 'TOKEN_EXPIRES_FARR' }) },
];
