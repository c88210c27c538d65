import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestHost } from './host.testkit.ts';
import { runStandalone } from './run.ts';
import { startUpstream, type TestUpstream } from './upstream.testkit.ts';

// A stand-alone gateway between a test and one scripted upstream, which is behind a target of each wire format.

/** Filters of the document: redacts order numbers and addresses, blocks the name of a project. */
const POLICIES = {
  policies: { chain: ['dlp-filter', 'entity-list-filter', 'pii-detector'] },
  policy: {
    'dlp-filter': { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' },
    'entity-list-filter': { blocked_entities: ['Larkspur'], action: 'block' },
    'pii-detector': { action: 'redact', redaction: { marker_format: 'label' } },
  },
};

export interface ShapesGateway {
  readonly url: string;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** Models: `gpt` behind a target of OpenAI's format, `claude` behind one of Anthropic's; both at `baseUrl`. */
const targetsAt = (baseUrl: string): object => {
  const place = { base_url: baseUrl, secret_key_ref: { env: 'UPSTREAM_KEY' } };
  return {
    targets: [
      { id: 'oai', provider: 'openai', model: 'gpt', ...place },
      { id: 'ant', provider: 'anthropic', model: 'claude', ...place },
    ],
  };
};

/** The document of the gateway, whose providers are at `baseUrl`. */
export const shapesDocument = (baseUrl: string): object => ({
  pack: { name: 'shapes', version: '1.0.0', enabled: true },
  ...POLICIES,
  providers: targetsAt(baseUrl),
});

/** A stand-alone gateway in front of the providers at `baseUrl`. */
export async function startShapesAt(baseUrl: string): Promise<ShapesGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-shapes-'));
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, JSON.stringify(shapesDocument(baseUrl)));
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  const running = await runStandalone(file, { host: '127.0.0.1', port: 0, simulator: null }, host);
  return {
    url: running.url,
    post: (path, body, headers = {}) =>
      fetch(`${running.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      await running.stop(1000);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The same with an upstream that a test scripts. */
export async function startShapes(): Promise<ShapesGateway & { readonly upstream: TestUpstream }> {
  const upstream = await startUpstream();
  const gateway = await startShapesAt(upstream.url);
  return {
    ...gateway,
    upstream,
    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}
