import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { type ListenOptions, type Running, runStandalone } from './run.ts';
import { startUpstream, type TestUpstream } from './upstream.testkit.ts';

// A stand-alone gateway in front of several scripted upstreams, each behind a target of its own.

export interface RoutedGateway {
  readonly url: string;
  readonly host: TestHost;
  readonly running: Running;
  /** In the order of the targets `a`, `b`, … */
  readonly upstreams: readonly TestUpstream[];
  /** How many requests each upstream got. */
  counts(): readonly number[];
  ask(more?: object): Promise<Response>;
  /** Status and code of an answer to `ask`. */
  outcome(more?: object): Promise<string>;
  close(): Promise<void>;
}

export interface RoutedStart {
  /** What each target says beside its id, address and key; one upstream per entry. */
  readonly targets: readonly object[];
  readonly providers?: object;
  /** Top-level keys that take the place of the document's own. */
  readonly document?: object;
  readonly listen?: Partial<ListenOptions>;
}

const NO_POLICIES = { policies: { chain: ['audit-logger'] }, policy: { 'audit-logger': {} } };

/** The document of the targets, by the addresses of their upstreams. */
export function documentOf({ targets, providers, document }: RoutedStart, urls: readonly string[]): string {
  const written = targets.map((target, index) => ({
    id: 'abcdefgh'.charAt(index),
    provider: 'openai',
    model: 'gpt-4o-mini',
    base_url: urls[index],
    secret_key_ref: { env: 'UPSTREAM_KEY' },
    ...target,
  }));
  const pack = { name: 'routing', version: '1.0.0', enabled: true };
  return JSON.stringify({ pack, ...NO_POLICIES, providers: { targets: written, ...providers }, ...document });
}

export async function startRouted(start: RoutedStart): Promise<RoutedGateway> {
  const upstreams = await Promise.all(start.targets.map(() => startUpstream()));
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-routing-'));
  const file = join(folder, 'policy.yaml');
  writeFileSync(
    file,
    documentOf(
      start,
      upstreams.map(({ url }) => url),
    ),
  );
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  const running = await runStandalone(file, { host: '127.0.0.1', port: 0, simulator: null, ...start.listen }, host);
  const ask = (more: object = {}): Promise<Response> =>
    fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], ...more }),
    });
  return {
    url: running.url,
    host,
    running,
    upstreams,
    counts: () => upstreams.map(({ received }) => received.length),
    ask,
    async outcome(more) {
      const response = await ask(more);
      const body = (await response.json()) as { readonly error?: { readonly code: string } };
      return body.error === undefined ? String(response.status) : `${response.status} ${body.error.code}`;
    },
    async close() {
      await running.stop(200);
      await Promise.all(upstreams.map((upstream) => upstream.close()));
      rmSync(folder, { recursive: true });
    },
  };
}
