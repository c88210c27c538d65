// One customer with everything on, as processes of this machine: controller, one managed gateway, simulated upstream.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emit } from '../../src/core/kinds/index.ts';
import type { JsonObject } from '../../src/core/model/index.ts';
import { git, orgIdentity, sharedFiles, writeRepository } from '../fleet/index.ts';
import { CLI, GATEWAY, type Listening, ROOT, runNode, startListening } from './processes.ts';

const ORG = 'org-00001';
const NAME = 'load';
const ENVIRONMENT = 'production';
const SEED = 1;
const STARTED_WITHIN_MS = 30_000;

/** Above any load of a test: what is measured is the work of limits and wallets, not their refusals. */
const PLENTY = 1_000_000_000;
const MUCH_MONEY = '900000000.00';

const policyDocument: JsonObject = {
  pack: { name: `{{org.slug}}-${NAME}`, version: '1.0.0', enabled: true },
  policies: {
    chain: ['rbac', 'prompt-injection', 'dlp-filter', 'pii-detector', 'data-routing-policy', 'audit-logger'],
  },
  policy: {
    rbac: { deny_if_missing: [], require_auth: true },
    'prompt-injection': {},
    'dlp-filter': { blocked_terms: ['Project Larkspur'], detect_patterns: ['NWO-[0-9]{7}'], action: 'redact' },
    'pii-detector': { action: 'redact', pci_mode: true },
    'data-routing-policy': { require_no_training: true, on_no_compliant_provider: 'block' },
    'audit-logger': {},
  },
  providers: {
    targets: [
      {
        id: 'main',
        provider: 'openai',
        model: 'gpt-4o-mini',
        base_url: 'https://api.openai.com',
        secret_key_ref: { env: 'LOAD_KEY_THAT_IS_NOT_SET' },
        data_policy: { training_opt_out: true, retention_days: 30 },
      },
    ],
    routing: { strategy: 'ordered' },
  },
  global_rate_limit: { max_requests: PLENTY, window_seconds: 60 },
  size_limits: { max_body_bytes: 1_048_576 },
};

/** A manifest of the template `load`. */
const body = (kind: string, spec: JsonObject, environment?: string): JsonObject => ({
  kind,
  metadata: { name: NAME, ...(environment === undefined ? {} : { environment }) },
  spec,
});

const FIRST_PORT = 41_900;

const gatewayBody = (name: string, index: number): JsonObject => ({
  kind: 'Gateway',
  metadata: { name, environment: ENVIRONMENT },
  spec: {
    workload: NAME,
    host: 'host-load',
    listen: `127.0.0.1:${FIRST_PORT + index}`,
    region: 'eu-central',
    policy: NAME,
    teams: [NAME],
    wallet: NAME,
    ring: 'general',
    runtime: { name: 'tenantry-gateway', version: '0.1.0' },
    upstreams: [
      {
        id: 'main',
        account: '{{inputs.account}}',
        region: 'eu-central',
        secret: { env: 'LOAD_KEY_THAT_IS_NOT_SET' },
      },
    ],
    egress: ['api.openai.com'],
    limits: { requestsPerMinute: 1_000_000, concurrentRequests: 1_000, bodyBytes: 1_048_576 },
  },
});

/** What a fleet has beside or in place of what benches measure. */
export interface LoadOptions {
  /** Top-level keys of the policy document in place of its own. */
  readonly document?: JsonObject;
  /** Of the wallet, in place of much money for a month. */
  readonly wallet?: JsonObject;
  /** Names of gateways beside the first one, alike but for the port. */
  readonly moreGateways?: readonly string[];
}

/** A template of its own: those of customers bound how many requests a gateway takes. */
const bodiesOf = ({
  document,
  wallet,
  moreGateways = [],
}: LoadOptions): Readonly<Record<string, readonly JsonObject[]>> => ({
  teams: [body('Team', { displayName: 'Load', leads: ['group:msp-operations'], members: [], wallet: NAME })],
  policies: [body('Policy', { document: { ...policyDocument, ...document } }, ENVIRONMENT)],
  wallets: [
    body('Wallet', {
      scope: 'team',
      team: NAME,
      currency: 'USD',
      limit: MUCH_MONEY,
      period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
      thresholds: [100],
      whenExhausted: 'block',
      ...wallet,
    }),
  ],
  tokens: [
    body('Token', {
      owner: 'group:msp-operations',
      team: NAME,
      wallet: NAME,
      gateways: [NAME, ...moreGateways],
      scopes: ['chat', 'models'],
      expires: '{{inputs.expires}}',
      rotationOverlapHours: 24,
    }),
  ],
  gateways: [NAME, ...moreGateways].map(gatewayBody),
});

const inputs: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['account', 'expires'],
  properties: { account: { type: 'string', maxLength: 100 }, expires: { type: 'string', maxLength: 20 } },
};

const API = 'tenantry/v1';
const template: JsonObject = {
  apiVersion: API,
  kind: 'Template',
  metadata: { name: `${NAME}@1.0.0` },
  spec: { displayName: 'Load', inputs, floors: [], changelog: ['The first version.'] },
};

const organization = (expires: string): JsonObject => ({
  apiVersion: API,
  kind: 'Organization',
  metadata: { org: ORG, name: ORG },
  spec: {
    displayName: 'Measured Customer',
    uid: orgIdentity(SEED, 1).uid,
    isolation: 'dedicated',
    owners: ['@msp/operators'],
    domains: ['load.example'],
    template: `${NAME}@1.0.0`,
    inputs: { account: 'acct-measured', expires },
  },
});

/** About half a year from now, to the day. */
const halfAYearAhead = (): string => {
  const day = new Date();
  day.setUTCMonth(day.getUTCMonth() + 6, 1);
  return `${day.toISOString().slice(0, 'YYYY-MM-DD'.length)}T00:00:00Z`;
};

const writtenByHand = (options: LoadOptions): readonly { readonly path: string; readonly text: string }[] => [
  ...sharedFiles('127.0.0.1:4100').filter(({ path }) => !path.startsWith('templates/')),
  { path: `templates/${NAME}/1.0.0/template.yaml`, text: emit(template) },
  ...Object.entries(bodiesOf(options)).map(([name, manifests]) => ({
    path: `templates/${NAME}/1.0.0/${name}.yaml`,
    // JSON is YAML too.
    text: `${JSON.stringify({ manifests }, null, 2)}\n`,
  })),
  { path: `orgs/${ORG}/org.yaml`, text: emit(organization(halfAYearAhead())) },
];

/** A fleet of one org with keys and a token; everything committed. */
export interface LoadFleet {
  readonly dir: string;
  readonly org: string;
  readonly gateway: string;
  /** The token's text. */
  readonly token: string;
  readonly tenantry: (...args: readonly string[]) => string;
  readonly remove: () => void;
}

export const openLoadFleet = async (options: LoadOptions = {}): Promise<LoadFleet> => {
  const base = mkdtempSync(join(tmpdir(), 'tenantry-world-'));
  const dir = join(base, 'fleet');
  await writeRepository(dir, writtenByHand(options), 'A gateway for load\n');
  const env = { TENANTRY_KEYS_DIR: undefined, TENANTRY_PUBLISH_SEED: undefined };
  const tenantry = (...args: readonly string[]): string => runNode({ args: [CLI, ...args], cwd: dir, env }).stdout;
  tenantry('keys', 'init', '--quiet');
  tenantry('render', '--write', '--quiet');
  const { secret } = JSON.parse(tenantry('token', 'issue', `${ORG}/${NAME}`, '--format', 'json'));
  tenantry('check');
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '-m', 'What it renders to, and a token');
  const remove = (): void => rmSync(base, { recursive: true, force: true });
  return { dir, org: ORG, gateway: NAME, token: String(secret), tenantry, remove };
};

const waitFor = async (what: string, isThere: () => boolean): Promise<void> => {
  const end = performance.now() + STARTED_WITHIN_MS;
  while (!isThere()) {
    if (performance.now() > end) throw new Error(`Expected ${what} within ${STARTED_WITHIN_MS} ms, found nothing.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Start the controller of a fleet, and wait until it has applied and published its first commit. */
export const startController = async (
  dir: string,
  listen = '127.0.0.1:0',
  env: Readonly<Record<string, string>> = {},
): Promise<Listening> => {
  const child = spawn(process.execPath, [CLI, 'controller', '--listen', listen], {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString('utf8');
  });
  const file = join(dir, '.tenantry/controller.json');
  await waitFor('the controller to apply', () => {
    if (child.exitCode !== null) throw new Error(`Expected the controller to run, found that it ended: ${said}`);
    return said.includes('control plane on');
  });
  return {
    url: String(JSON.parse(readFileSync(file, 'utf8')).url),
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** Enrol the gateway of a fleet with the controller at `source`, into `state`. */
export const enrolGateway = (fleet: LoadFleet, source: string, state: string, name = fleet.gateway): void => {
  const made = fleet.tenantry('gateway', 'enroll', `${fleet.org}/${name}`, '--format', 'json');
  const env = { TENANTRY_ENROLMENT_CODE: String(JSON.parse(made).code) };
  runNode({ args: [GATEWAY, 'enroll', '--source', source, '--state', state], env });
};

/** Run an enrolled gateway on a free port, with `simulator` as its upstream. */
export const startGateway = (
  state: string,
  simulator: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Listening> =>
  startListening([GATEWAY, 'run', '--state', state, '--listen', '127.0.0.1:0', '--simulator', simulator], env);

/** The simulated upstream as a process that keeps no requests. */
export const startUpstream = (): Promise<Listening> =>
  startListening([join(ROOT, 'scripts/simulator.ts'), '--recorded', '0']);

/** Wait until a gateway has a verified configuration. */
export const untilReady = async (url: string): Promise<void> => {
  const end = performance.now() + STARTED_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > end) throw new Error(`Expected ${url} to be ready within ${STARTED_WITHIN_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** What a bench keeps running, ended in the reverse of the order in which it was begun. */
export interface Kept {
  readonly later: (stop: () => Promise<void> | void) => void;
  readonly keep: <T extends Listening>(started: T) => T;
  readonly close: () => Promise<void>;
}

/** Prepares with something to keep what is started in; what stands already is ended where it fails. */
export const keeping = async <T>(prepare: (kept: Kept) => Promise<T>): Promise<T> => {
  const stops: (() => Promise<void> | void)[] = [];
  const later: Kept['later'] = (stop) => void stops.push(stop);
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  const keep = <Started extends Listening>(started: Started): Started => {
    later(started.stop);
    return started;
  };
  try {
    return await prepare({ later, keep, close });
  } catch (error) {
    await close();
    throw error;
  }
};

/** A fleet of one org, and what its traffic meets, as processes. */
export interface LoadWorld {
  readonly fleet: LoadFleet;
  readonly upstream: Listening;
  readonly controller: Listening;
  readonly gateway: Listening;
}

/** Starts upstream, controller and one enrolled gateway, and waits until it serves. */
export const startLoadWorld = async ({ later, keep }: Kept, options: LoadOptions = {}): Promise<LoadWorld> => {
  const fleet = await openLoadFleet(options);
  later(fleet.remove);
  const upstream = keep(await startUpstream());
  const controller = keep(await startController(fleet.dir));
  const state = join(fleet.dir, '../gateway');
  enrolGateway(fleet, controller.url, state);
  const gateway = keep(await startGateway(state, upstream.url));
  await untilReady(gateway.url);
  return { fleet, upstream, controller, gateway };
};
