import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { type ListenOptions, type Running, runStandalone } from './run.ts';

// A stand-alone gateway of one document, in a folder of its own.

export interface Standalone {
  readonly url: string;
  /** Holds the document as `policy.yaml`, and whatever a test puts there. */
  readonly folder: string;
  readonly host: TestHost;
  readonly running: Running;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Stops it and removes the folder. */
  close(drainMs?: number): Promise<void>;
}

export interface StandaloneStart {
  /** JSON is YAML. */
  readonly document: object | string;
  /** The environment of the gateway. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How it listens beside loopback and a free port, by the folder. */
  readonly listen?: (folder: string) => Partial<ListenOptions>;
  /** The clock; by default the host's. */
  readonly nowMs?: () => number;
}

/** Policies that are all in the chain, in their order. */
export const chainOf = (policy: object): object => ({ policies: { chain: Object.keys(policy) }, policy });

/** A document whose chain is the kinds of `policy` in their order; `more` takes the place of top-level keys. */
export const chainDocument = (policy: object, targets: readonly object[], more: object = {}): object => ({
  pack: { name: 'test', version: '1.0.0', enabled: true },
  ...chainOf(policy),
  providers: { targets },
  ...more,
});

/** A target of OpenAI's format at `url` whose key is the variable KEY. */
export const targetAt = (url: string, more: object = {}): object => ({
  ...{ id: 'main', provider: 'openai', model: 'gpt-4o-mini', base_url: url, secret_key_ref: { env: 'KEY' } },
  ...more,
});

/** Throws what a gateway throws that does not start. */
export async function startStandalone({
  document,
  variables = { KEY: 'sk-test' },
  listen = () => ({}),
  nowMs,
}: StandaloneStart): Promise<Standalone> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-standalone-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
  const host = makeTestHost();
  for (const [name, value] of Object.entries(variables)) host.variables.set(name, value);
  try {
    const options = { host: '127.0.0.1', port: 0, simulator: null, ...listen(folder) };
    const running = await runStandalone(file, options, nowMs === undefined ? host : { ...host, nowMs });
    return {
      ...{ url: running.url, folder, host, running },
      post: (path, body, headers = {}) =>
        fetch(`${running.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      async close(drainMs = 1000) {
        await running.stop(drainMs);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
