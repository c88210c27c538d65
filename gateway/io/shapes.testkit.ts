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

const NO_POLICIES = { policies: { chain: ['audit-logger'] }, policy: { 'audit-logger': {} } };

export interface ShapesGateway {
  readonly url: string;
  readonly upstream: TestUpstream;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

interface Start {
  /** False: a chain that reads no text. */
  readonly filters?: boolean;
  /** More top-level keys of the document. */
  readonly more?: object;
}

/** Models: `gpt` behind a target of OpenAI's format, `claude` behind one of Anthropic's. */
export async function startShapes({ filters = true, more = {} }: Start = {}): Promise<ShapesGateway> {
  const upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-shapes-'));
  const file = join(folder, 'policy.yaml');
  const target = { base_url: upstream.url, secret_key_ref: { env: 'UPSTREAM_KEY' } };
  const document = {
    pack: { name: 'shapes', version: '1.0.0', enabled: true },
    ...(filters ? POLICIES : NO_POLICIES),
    providers: {
      targets: [
        { id: 'oai', provider: 'openai', model: 'gpt', ...target },
        { id: 'ant', provider: 'anthropic', model: 'claude', ...target },
      ],
    },
    ...more,
  };
  writeFileSync(file, JSON.stringify(document));
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  const running = await runStandalone(file, { host: '127.0.0.1', port: 0, simulator: null }, host);
  return {
    url: running.url,
    upstream,
    post: (path, body, headers = {}) =>
      fetch(`${running.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      await running.stop(1000);
      await upstream.close();
      rmSync(folder, { recursive: true });
    },
  };
}
