// The files that a person and the token command would have written for one synthetic org.

import { emit } from '../../src/core/kinds/index.ts';
import type { JsonObject, RepoPath } from '../../src/core/model/index.ts';
import { tokenDigest } from '../../src/trust/index.ts';
import { type OrgIdentity, tokenSecret } from './identity.ts';
import type { FleetFile } from './render.ts';

const API_VERSION = 'tenantry/v1';
const FIRST_PORT = 41_000;

/** The template that every synthetic org is pinned to. */
export const TEMPLATE = { name: 'msp-standard', version: '1.0.0' } as const;

/** The customer's teams; the template adds the provider's own. */
const TEAMS = ['platform', 'support', 'finance'] as const;

/** Workloads by environment; a gateway is called `<workload>-<environment>`. */
const ENVIRONMENTS = [
  { name: 'production', workloads: ['support', 'finance'] },
  { name: 'staging', workloads: ['support'] },
] as const;

/** The customer's applications: the gateway that a token opens, and the team that it acts for. */
const TOKENS = [
  { name: 'helpdesk', gateway: 'support-production', team: 'support' },
  { name: 'ledger', gateway: 'finance-production', team: 'finance' },
  { name: 'helpdesk-test', gateway: 'support-staging', team: 'support' },
] as const;

const manifest = (kind: string, org: OrgIdentity, rest: { name: string; spec: JsonObject }): string =>
  emit({ apiVersion: API_VERSION, kind, metadata: { org: org.slug, name: rest.name }, spec: rest.spec });

const leadOf = (org: OrgIdentity, team: string): string => `${team}-lead@${org.domain}`;

const teamsOf = (org: OrgIdentity): JsonObject[] => {
  const people = org.draw('people');
  return TEAMS.map((name, at) => ({
    name,
    leads: [leadOf(org, name)],
    members: Array.from({ length: 1 + ((people[at] ?? 0) % 3) }, (_, index) => `${name}-${index + 1}@${org.domain}`),
    ...(name === 'platform' ? {} : { wallet: name }),
  }));
};

const upstreamOf = (org: OrgIdentity, environment: string): JsonObject => ({
  id: 'main',
  provider: 'openai',
  model: 'gpt-4o-mini',
  host: 'api.openai.com',
  account: `acct-${org.code}-${environment}`,
  region: 'eu-central',
  secretEnv: `${org.code}_${environment}_KEY`.toUpperCase(),
});

const environmentsOf = (org: OrgIdentity): JsonObject[] => {
  let port = FIRST_PORT;
  return ENVIRONMENTS.map(({ name, workloads }) => ({
    name,
    region: 'eu-central',
    upstreams: [upstreamOf(org, name)],
    gateways: workloads.map((workload) => {
      port += 1;
      const hostname = `${workload}-${name}.${org.domain}`;
      return {
        workload,
        host: `host-${org.code}`,
        listen: `127.0.0.1:${port}`,
        hostname,
        teams: [workload],
        wallet: workload,
      };
    }),
  }));
};

const inputsOf = (org: OrgIdentity, expires: string): JsonObject => {
  const limits = org.draw('limits');
  const wallets = ['support', 'finance'].map((team, index) => ({
    name: team,
    team,
    limit: `${1_000 + 10 * (limits[index] ?? 0)}.00`,
  }));
  return {
    contact: { address: leadOf(org, 'platform'), team: 'platform' },
    timeZone: 'Europe/Berlin',
    tokensExpire: expires,
    wallets: { orgLimit: '12000.00', teams: wallets },
    teams: teamsOf(org),
    environments: environmentsOf(org),
    tokens: TOKENS.map(({ name, team, gateway }) => ({ name, team, owner: leadOf(org, team), gateways: [gateway] })),
    confidential: { terms: [`Project ${org.code}`, `${org.code} ledger`] },
    review: { teams: ['platform'], notify: leadOf(org, 'platform') },
  };
};

const organization = (org: OrgIdentity, expires: string): string =>
  manifest('Organization', org, {
    name: org.slug,
    spec: {
      displayName: org.displayName,
      uid: org.uid,
      isolation: 'dedicated',
      owners: ['@msp/operators'],
      domains: [org.domain],
      regions: ['eu-central'],
      template: `${TEMPLATE.name}@${TEMPLATE.version}`,
      inputs: inputsOf(org, expires),
    },
  });

/** Tokens that the credentials of every synthetic org hold a secret for. */
const tokenNames: readonly string[] = [...TOKENS.map(({ name }) => name), 'console'];

const credentials = (org: OrgIdentity, expires: string): string =>
  manifest('Credentials', org, {
    name: 'credentials',
    spec: {
      tokens: tokenNames.map((name) => {
        const { id, secret } = tokenSecret(org, name);
        const digest = tokenDigest(org.uid, id, secret);
        return { token: name, id, digest, notBefore: '2026-01-01T00:00:00Z', notAfter: expires };
      }),
    },
  });

/** Guarded patches that some customers have: 0 to 3 of them, every second org has none. */
const OVERLAYS: readonly { readonly name: string; readonly spec: JsonObject }[] = [
  {
    name: 'smaller-bodies',
    spec: {
      target: { kind: 'Gateway', name: 'finance-production', environment: 'production' },
      reason: 'Finance sends no long documents',
      patches: [{ path: '/spec/limits/bodyBytes', op: 'replace', value: 524_288, was: 1_048_576 }],
    },
  },
  {
    name: 'early-warning',
    spec: {
      target: { kind: 'Wallet', name: 'support' },
      reason: 'The customer wants to hear early',
      patches: [{ path: '/spec/thresholds/25', op: 'add', value: true }],
    },
  },
  {
    name: 'longer-overlap',
    spec: {
      target: { kind: 'Token', name: 'ledger' },
      reason: 'The batch job is redeployed every third day',
      patches: [{ path: '/spec/rotationOverlapHours', op: 'replace', value: 72, was: 48 }],
    },
  },
];

const overlaysOf = (org: OrgIdentity): readonly FleetFile[] => {
  const drawn = (org.draw('overlays')[0] ?? 0) % 6;
  const count = Math.max(0, drawn - 2);
  return OVERLAYS.slice(0, count).map(({ name, spec }) => ({
    path: `orgs/${org.slug}/overlays/${name}.yaml` as RepoPath,
    text: manifest('Overlay', org, { name, spec }),
  }));
};

/** Every written file of one org; org.yaml first. Its tokens and their secrets work until `expires` (RFC 3339). The paths are made to the layout of the repository. */
export const writtenFiles = (org: OrgIdentity, expires: string): readonly FleetFile[] => [
  { path: `orgs/${org.slug}/org.yaml` as RepoPath, text: organization(org, expires) },
  { path: `orgs/${org.slug}/credentials.yaml` as RepoPath, text: credentials(org, expires) },
  ...overlaysOf(org),
];
