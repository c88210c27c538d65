// What a planted fault is, and the edits that plant most of them.

import type { FindingCode, Json, JsonObject } from '../../../src/core/model/index.ts';
import type { Draft, OrgDraft } from '../faulty.ts';
import type { OrgIdentity } from '../identity.ts';

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
  /** A shared file that is edited, or made, too; where nothing else is planted, the finding stands there. */
  readonly shared?: { readonly file: string; readonly edit: (own: OrgIdentity, text: string) => string };
  /** Critical findings that the same fault cannot but cause too. */
  readonly also?: readonly FindingCode[];
}

/** The catch-all finds every value of the other org, whatever rule finds it first. */
export const LEAK: readonly FindingCode[] = ['ISO_I43_IDENTITY_OF_ANOTHER_ORG'];

export const yaml = (draft: OrgDraft): string => `orgs/${draft.org.slug}/org.yaml`;

/** Edits the inputs of org.yaml; the fault is where `holds` stands. */
export const input =
  (change: (inputs: Draft, planting: Planting) => string): Fault['plant'] =>
  (planting) => {
    let holds = '';
    planting.own.edit('org.yaml', ({ spec }: Draft) => {
      holds = change(spec.inputs, planting);
    });
    return { file: yaml(planting.own), holds };
  };

/** Edits the spec of org.yaml. */
export const organization =
  (change: (spec: Draft, planting: Planting) => string): Fault['plant'] =>
  (planting) => {
    let holds = '';
    planting.own.edit('org.yaml', ({ spec }: Draft) => {
      holds = change(spec, planting);
    });
    return { file: yaml(planting.own), holds };
  };

export const gatewaySpec = (org: OrgIdentity, more: JsonObject): JsonObject => ({
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
  egress: ['api.openai.com'],
  limits: { requestsPerMinute: 60, concurrentRequests: 4, bodyBytes: 4096 },
  ...more,
});

export const extraGateway = (draft: OrgDraft, more: JsonObject): string =>
  draft.manifest('custom', 'Gateway', { name: 'extra', environment: 'production', spec: gatewaySpec(draft.org, more) });

/** A hand-written gateway with something wrong in it. */
export const gateway =
  (make: (planting: Planting) => { readonly spec: JsonObject; readonly holds: string }): Fault['plant'] =>
  (planting) => {
    const { spec, holds } = make(planting);
    return { file: extraGateway(planting.own, spec), holds };
  };

export const tokenSpec = (org: OrgIdentity, more: JsonObject): JsonObject => ({
  owner: `platform-lead@${org.domain}`,
  team: 'platform',
  gateways: ['extra'],
  wallet: 'support',
  scopes: ['chat'],
  expires: '2027-01-01T00:00:00Z',
  rotationOverlapHours: 1,
  ...more,
});

/** A hand-written token with something wrong in it, and a gateway that it is for. */
export const token =
  (spec: JsonObject, holds: string): Fault['plant'] =>
  ({ own }) => {
    extraGateway(own, {});
    const file = own.manifest('custom', 'Token', { name: 'extra', spec: tokenSpec(own.org, spec) });
    return { file, holds };
  };

export const policySpec = ({
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
export const policy =
  (make: (planting: Planting) => { readonly parts: JsonObject; readonly holds: string }): Fault['plant'] =>
  (planting) => {
    const { parts, holds } = make(planting);
    const spec = policySpec(parts);
    return {
      file: planting.own.manifest('custom', 'Policy', { name: 'extra', environment: 'production', spec }),
      holds,
    };
  };

export const wallet = (draft: OrgDraft, name: string, more: JsonObject): string =>
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
export const patched = (draft: OrgDraft, patch: JsonObject): string =>
  draft.manifest('overlays', 'Overlay', {
    name: 'planted',
    spec: {
      target: { kind: 'Gateway', name: 'finance-production', environment: 'production' },
      reason: 'planted',
      patches: [patch],
    },
  });

export const egress = (value: string): JsonObject => ({ op: 'add', path: `/spec/egress/${value}`, value: true });
/** Writes a waiver that would do, but for `more`; gives its path. */
export const writeWaiver = (own: OrgDraft, more: JsonObject = {}): string =>
  own.manifest('waivers', 'Waiver', {
    name: 'planted',
    spec: {
      code: 'TOKEN_EXPIRES_FAR',
      object: 'Token/helpdesk',
      found: ['2029-01-01T00:00:00Z'],
      owner: '@msp/ana',
      approvers: ['@msp/platform'],
      reason: 'planted',
      expires: '2026-12-31T00:00:00Z',
      ...more,
    },
  });
export const waiver =
  (more: JsonObject): Fault['plant'] =>
  ({ own }) => ({ file: writeWaiver(own, more), holds: String(Object.values(more).flat()[0]) });
export const members = (inputs: Draft, pick: Planting['pick'], address: string): string => {
  pick<Draft>(inputs.teams).members.push(address);
  return address;
};
export const chainEntry = (options: JsonObject): JsonObject => ({
  policies: { chain: ['prompt-injection', 'pii-detector', { 'dlp-filter': options }, 'audit-logger'] },
  blocks: { 'dlp-filter': { blocked_terms: ['Larkspur'] } },
});
export const group = 'group:two-desks';
export const sinks = (url: string): JsonObject => ({ sinks: [{ name: 'audit', url }] });

export const PRICES = 'prices/list.yaml';
export const fleetYaml = 'fleet.yaml';

export const nowhere: Fault['plant'] = () => ({ file: '', holds: '' });
