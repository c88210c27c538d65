import type { ListenOptions } from './run.ts';
import { chainOf, type Standalone, startStandalone } from './standalone.testkit.ts';
import { startUpstream, type TestUpstream } from './upstream.testkit.ts';

// A stand-alone gateway in front of several scripted upstreams, each behind a target of its own.

export interface RoutedGateway extends Pick<Standalone, 'url' | 'host' | 'running' | 'post'> {
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

/** The document of the targets, by the addresses of their upstreams; those that have none of their own are at the first. */
export const documentOf =
  ({ targets, providers, document }: RoutedStart) =>
  (urls: readonly string[]): string => {
    const written = targets.map((target, index) => ({
      id: 'abcdefgh'.charAt(index),
      provider: 'openai',
      model: 'gpt-4o-mini',
      base_url: urls[index] ?? urls[0],
      secret_key_ref: { env: 'UPSTREAM_KEY' },
      ...target,
    }));
    const pack = { name: 'routing', version: '1.0.0', enabled: true };
    const none = chainOf({ 'audit-logger': {} });
    return JSON.stringify({ pack, ...none, providers: { targets: written, ...providers }, ...document });
  };

export async function startRouted(start: RoutedStart): Promise<RoutedGateway> {
  const upstreams = await Promise.all(start.targets.map(() => startUpstream()));
  const urls = upstreams.map(({ url }) => url);
  const gateway = await startStandalone({
    document: documentOf(start)(urls),
    variables: { UPSTREAM_KEY: 'sk-upstream' },
    listen: () => start.listen ?? {},
  });
  const ask = (more: object = {}): Promise<Response> =>
    gateway.post('/v1/chat/completions', {
      ...{ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] },
      ...more,
    });
  return {
    ...gateway,
    upstreams,
    counts: () => upstreams.map(({ received }) => received.length),
    ask,
    async outcome(more) {
      const response = await ask(more);
      const body = (await response.json()) as { readonly error?: { readonly code: string } };
      return body.error === undefined ? String(response.status) : `${response.status} ${body.error.code}`;
    },
    async close() {
      await gateway.close(200);
      await Promise.all(upstreams.map((upstream) => upstream.close()));
    },
  };
}
