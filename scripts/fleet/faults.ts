// One fault for each rule that looks at a whole org or a whole fleet: how it comes into a fleet, and where it must be found.

import type { FindingCode, Json, JsonObject } from '../../src/core/model/index.ts';
import type { Draft, OrgDraft } from './faulty.ts';
import type { OrgIdentity } from './identity.ts';
import { RETIRED_UID } from './shared.ts';

/** What a fault is planted with: two orgs that the seed chose, and a number of it. */
export interface Planting {
  readonly own: OrgDraft;
  readonly other: OrgDraft;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** Where a finding must stand: the line of the file that holds this text. */
export interface Planted {
  readonly file: string;
  readonly holds: string;
}

export interface Fault {
  readonly code: FindingCode;
  /** Edits the orgs and says where the finding must stand. */
  readonly plant: (planting: Planting) => Planted;
  /** A shared file that is edited, or made, instead of an org. */
  readonly shared?: { readonly file: string; readonly edit: (own: OrgIdentity, text: string) => string };
  /** Critical findings that the same fault cannot but cause too. */
  readonly also?: readonly FindingCode[];
}

/** The catch-all finds every value of the other org, whatever rule finds it first. */
const LEAK: readonly FindingCode[] = ['ISO_I43_IDENTITY_OF_ANOTHER_ORG'];

const yaml = (draft: OrgDraft): string => `orgs/${draft.org.slug}/org.yaml`;

/** Edits the inputs of org.yaml; the fault is where `holds` stands. */
const input =
  (change: (inputs: Draft, planting: Planting) => string): Fault['plant'] =>
  (planting) => {
    let holds = '';
    planting.own.edit('org.yaml', ({ spec }: Draft) => {
      holds = change(spec.inputs, planting);
    });
    return { file: yaml(planting.own), holds };
  };

/** Edits the spec of org.yaml. */
const organization =
  (change: (spec: Draft, planting: Planting) => string): Fault['plant'] =>
  (planting) => {
    let holds = '';
    planting.own.edit('org.yaml', ({ spec }: Draft) => {
      holds = change(spec, planting);
    });
    return { file: yaml(planting.own), holds };
  };

const gatewaySpec = (org: OrgIdentity, more: JsonObject): JsonObject => ({
  workload: 'extra',
  host: `host-${org.code}`,
  listen: '127.0.0.1:42001',
  region: 'eu-central',
  policy: 'standard',
  teams: ['service'],
  wallet: 'support',
  ring: 'general',
  runtime: { name: 'tenantry-gateway', version: '0.1.0' },
  upstreams: [],
  egress: [],
  limits: { requestsPerMinute: 60, concurrentRequests: 4, bodyBytes: 4096 },
  ...more,
});

const extraGateway = (draft: OrgDraft, more: JsonObject): string =>
  draft.manifest('custom', 'Gateway', { name: 'extra', environment: 'production', spec: gatewaySpec(draft.org, more) });

/** A hand-written gateway with something wrong in it. */
const gateway =
  (make: (planting: Planting) => { readonly spec: JsonObject; readonly holds: string }): Fault['plant'] =>
  (planting) => {
    const { spec, holds } = make(planting);
    return { file: extraGateway(planting.own, spec), holds };
  };

const policySpec = ({
  blocks = {},
  ...more
}: {
  readonly blocks?: Json;
  readonly [key: string]: Json;
}): JsonObject => ({
  document: {
    pack: { name: 'extra', version: '1.0.0', enabled: true },
    policies: { chain: ['prompt-injection', 'pii-detector', 'audit-logger'] },
    policy: { 'prompt-injection': {}, 'pii-detector': {}, 'audit-logger': {}, ...(blocks as JsonObject) },
    providers: { targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o-mini' }] },
    ...more,
  },
});

/** A hand-written policy with something wrong in it. */
const policy =
  (make: (planting: Planting) => { readonly parts: JsonObject; readonly holds: string }): Fault['plant'] =>
  (planting) => {
    const { parts, holds } = make(planting);
    const spec = policySpec(parts);
    return {
      file: planting.own.manifest('custom', 'Policy', { name: 'extra', environment: 'production', spec }),
      holds,
    };
  };

const wallet = (draft: OrgDraft, name: string, more: JsonObject): string =>
  draft.manifest('custom', 'Wallet', {
    name,
    spec: {
      scope: 'org',
      currency: 'USD',
      limit: '5.00',
      period: { kind: 'day', timeZone: 'UTC', anchorDay: 1 },
      thresholds: [100],
      whenExhausted: 'block',
      ...more,
    },
  });

/** A patch of a generated gateway. */
const patched = (draft: OrgDraft, patch: JsonObject): string =>
  draft.manifest('overlays', 'Overlay', {
    name: 'planted',
    spec: {
      target: { kind: 'Gateway', name: 'finance-production', environment: 'production' },
      reason: 'planted',
      patches: [patch],
    },
  });

const egress = (value: string): JsonObject => ({ op: 'add', path: `/spec/egress/${value}`, value: true });
const waiver =
  (more: JsonObject): Fault['plant'] =>
  ({ own }) => ({
    file: own.manifest('waivers', 'Waiver', {
      name: 'planted',
      spec: {
        code: 'TOKEN_EXPIRES_FAR',
        object: 'Token/helpdesk',
        owner: '@msp/platform',
        approvers: ['@msp/ana'],
        reason: 'planted',
        expires: '2026-12-31T00:00:00Z',
        ...more,
      },
    }),
    holds: String(Object.values(more).flat()[0]),
  });
const members = (inputs: Draft, pick: Planting['pick'], address: string): string => {
  pick<Draft>(inputs.teams).members.push(address);
  return address;
};
const chainEntry = (options: JsonObject): JsonObject => ({
  policies: { chain: ['prompt-injection', 'pii-detector', { 'dlp-filter': options }, 'audit-logger'] },
  blocks: { 'dlp-filter': { blocked_terms: ['Larkspur'] } },
});
const group = 'group:two-desks';
const sinks = (url: string): JsonObject => ({ sinks: [{ name: 'audit', url }] });

/** References, tokens, money and people. */
const objects: readonly Fault[] = [
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
  { code: 'GATEWAY_RING_UNKNOWN', plant: gateway(() => ({ spec: { ring: 'nightly' }, holds: 'nightly' })) },
];

/** Secrets, accounts, hosts, places outside. */
const network: readonly Fault[] = [
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

const PRICES = 'prices/list.yaml';

const nowhere: Fault['plant'] = () => ({ file: '', holds: '' });

/** Texts, files and exceptions. */
const texts: readonly Fault[] = [
  {
    code: 'ISO_I12_LITERAL_SECRET',
    plant: ({ own, pick }) => {
      const key = `AKI${'A'}Q7ZP2LXV9MKT4RW8`;
      const file = pick(['org.yaml', 'credentials.yaml']);
      own.append(file, `# was ${key}\n`);
      return { file: `orgs/${own.org.slug}/${file}`, holds: key };
    },
  },
  {
    code: 'ISO_I42_SHARED_HOLDS_IDENTITY',
    plant: nowhere,
    shared: { file: PRICES, edit: ({ uid }, text) => text.replace('Made up', `Made for ${uid}`) },
  },
  {
    code: 'ISO_I42_SHARED_HOLDS_NAME',
    plant: nowhere,
    shared: { file: PRICES, edit: ({ displayName }, text) => text.replace('Made up', `Made for ${displayName}`) },
  },
  {
    code: 'ISO_I54_UNSAFE_WORKFLOW',
    plant: nowhere,
    shared: {
      file: '.github/workflows/welcome.yml',
      edit: ({ slug }) =>
        `on: [pull_request_target]\njobs:\n  hello:\n    env:\n      KEY: \${{ secrets.KEY_OF_${slug.toUpperCase()} }}\n`,
    },
  },
  {
    code: 'ISO_I43_IDENTITY_OF_ANOTHER_ORG',
    plant: input((inputs, { other, pick }) => {
      const value = pick([other.org.uid, other.org.domain, `acct-${other.org.code}-staging`]);
      const text = pick([value, Buffer.from(value).toString('base64'), value.toUpperCase()]);
      inputs.confidential.terms.push(text);
      return text;
    }),
  },
  {
    code: 'ISO_I43_NAME_OF_ANOTHER_ORG',
    plant: input((inputs, { other }) => {
      inputs.confidential.terms.push(`as ${other.org.displayName}`);
      return other.org.displayName;
    }),
  },
  {
    code: 'ISO_I47_ODD_MODE',
    plant: ({ own }) => {
      own.write('custom/link.yaml', { text: '../../other', mode: '120000' });
      return { file: `orgs/${own.org.slug}/custom/link.yaml`, holds: '../../other' };
    },
  },
  {
    code: 'ISO_I47_ODD_PATH',
    plant: ({ own }) => {
      own.write('custom/aux.txt', { text: 'x' });
      return { file: `orgs/${own.org.slug}/custom/aux.txt`, holds: 'x' };
    },
  },
  {
    code: 'ISO_I47_CASE_COLLISION',
    plant: ({ own }) => {
      own.write('Overlays/a.txt', { text: 'x' });
      own.write('overlays/a.txt', { text: 'x' });
      return { file: `orgs/${own.org.slug}/Overlays/a.txt`, holds: 'x' };
    },
  },
  {
    code: 'ISO_I48_UNKNOWN_FILE',
    plant: ({ own }) => {
      own.write('notes.txt', { text: 'x' });
      return { file: `orgs/${own.org.slug}/notes.txt`, holds: 'x' };
    },
  },
  {
    code: 'ISO_I55_RETIRED_ORG_REUSED',
    also: ['ISO_I42_SHARED_HOLDS_IDENTITY'],
    plant: (planting) => {
      organization((spec) => {
        spec.uid = RETIRED_UID;
        return RETIRED_UID;
      })(planting);
      return { file: 'fleet.yaml', holds: RETIRED_UID };
    },
  },
  { code: 'ISO_I60_WAIVER_EXPIRED', plant: waiver({ expires: '2026-11-30T00:00:00Z' }) },
  { code: 'ISO_I60_WAIVER_TOO_WIDE', plant: waiver({ code: 'ISO_I08_SHARED_SECRET_REF' }) },
  {
    code: 'ISO_I60_WAIVER_SELF_APPROVED',
    plant: (planting) => ({ ...waiver({ approvers: ['@msp/operators'] })(planting), holds: '@msp/operators' }),
  },
  { code: 'WAIVER_ENDS_SOON', plant: waiver({ expires: '2026-12-10T00:00:00Z' }) },
  {
    code: 'REVIEW_UNSTAFFED',
    plant: ({ own }) => {
      const nobody = { displayName: 'Empty', leads: [], members: [] };
      own.manifest('custom', 'Team', { name: 'empty', spec: nobody });
      return {
        file: own.manifest('custom', 'Review', {
          name: 'extra',
          spec: {
            queue: 'extra',
            reviewers: { teams: ['empty'] },
            slaMinutes: 60,
            notifications: [],
            onTimeout: 'deny',
          },
        }),
        holds: '- empty',
      };
    },
  },
];

export const faults: readonly Fault[] = [...objects, ...network, ...texts];
