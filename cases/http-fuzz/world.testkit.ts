import { rmSync } from 'node:fs';
import { makeTestHost } from '../../gateway/io/host.testkit.ts';
import { sampleData, startPlane, type TestPlane, TOKEN } from '../../gateway/io/plane.testkit.ts';
import { type Running, runManaged } from '../../gateway/io/run.ts';
import { until } from '../../gateway/io/upstream.testkit.ts';
import { BAD_MODELS, GOOD_MODELS } from './requests.testkit.ts';
import { type FuzzUpstream, startFuzzUpstream } from './upstream.testkit.ts';

// An enrolled gateway on a real port, with a token, a wallet, evidence and secrets, between clients and two providers: one that
// answers well and one that does what a request asks for.

const KEY = 'sk-planted-upstream-key-4f1c';
const OTHER = 'planted-in-the-environment-77aa';
/** What no answer, log line, metric or event may hold. */
export const SECRETS: readonly string[] = [TOKEN, TOKEN.split('_')[2] ?? TOKEN, KEY, OTHER];
/** The longest silence of a provider. */
const IDLE_MS = 300;

const READ_BOTH_WAYS = {
  policies: {
    chain: ['prompt-injection', 'entity-list-filter', 'dlp-filter', 'pii-detector', 'tool-validation', 'audit-logger'],
  },
  policy: {
    'prompt-injection': {},
    'entity-list-filter': { blocked_entities: ['Larkspur'], action: 'block' },
    'dlp-filter': { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' },
    'pii-detector': { action: 'redact', pci_mode: true },
    'tool-validation': {},
    'audit-logger': {},
  },
};
export const NOBODY_READS_ANSWERS = { policies: { chain: ['audit-logger'] }, policy: { 'audit-logger': {} } };

const MODELS = [...GOOD_MODELS, ...BAD_MODELS];

const documentOf = (policies: object, good: string, bad: string): string => {
  const targets = MODELS.map((model) => ({
    id: model,
    provider: model.startsWith('claude') ? 'anthropic' : 'openai',
    model,
    base_url: GOOD_MODELS.includes(model) ? good : bad,
    secret_key_ref: { env: 'UPSTREAM_KEY' },
  }));
  return JSON.stringify({
    pack: { name: 'fuzz', version: '1.0.0', enabled: true },
    ...policies,
    providers: { targets },
  });
};

const prices = MODELS.map((model) => ({
  model,
  currency: 'EUR',
  fromMs: 0,
  inputMicrosPerMillion: 1000,
  outputMicrosPerMillion: 1000,
}));

export interface FuzzWorld {
  readonly plane: TestPlane;
  readonly running: Running;
  readonly port: number;
  readonly upstreams: readonly FuzzUpstream[];
  /** Enforces these policies from now on. */
  readonly enforce: (policies: object) => Promise<void>;
  /** What was logged since it was last asked. */
  readonly logged: () => string;
  readonly close: () => Promise<void>;
}

/** Starts it with the policies that read requests and answers. */
export async function openFuzzWorld(): Promise<FuzzWorld> {
  const [good, bad] = [await startFuzzUpstream(false), await startFuzzUpstream(true)];
  const plane = await startPlane();
  // One slice pays for everything: leases are not what this is about, and the plane counts all of its book for each.
  Object.assign(plane, { limitMicros: 1e15, sliceMicros: 1e14 });
  const sample = sampleData();
  const wallets = sample.wallets.map((wallet) => ({ ...wallet, limitMicros: 1e15 }));
  const tokens = sample.tokens.map((token) => ({ ...token, scopes: ['chat', 'models', 'embeddings'] }));
  const publish = (policies: object): Promise<string> =>
    plane.publish(documentOf(policies, good.url, bad.url), { prices, wallets, tokens });
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', KEY).set('OTHER_KEY', OTHER);
  await publish(READ_BOTH_WAYS);
  const stateDir = plane.enrolledState();
  const running = await runManaged(
    {
      ...{ stateDir, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 },
      upstream: { idleTimeoutMs: IDLE_MS, headersTimeoutMs: IDLE_MS },
    },
    host,
  );
  const { service, url } = running;
  await until(() => service.snapshot !== null, 'a configuration');
  return {
    plane,
    running,
    port: Number(new URL(url).port),
    upstreams: [good, bad],
    async enforce(policies) {
      const digest = await publish(policies);
      await until(() => service.snapshot?.contentDigest === digest, 'the new policies');
    },
    logged: () => host.logged.splice(0).join(''),
    async close() {
      await running.stop(500);
      await plane.close();
      for (const upstream of [good, bad]) await upstream.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
