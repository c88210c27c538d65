import { type Standalone, startStandalone } from './standalone.testkit.ts';
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

export type ShapesGateway = Pick<Standalone, 'url' | 'post' | 'close'>;

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
  return startStandalone({ document: shapesDocument(baseUrl), variables: { UPSTREAM_KEY: 'sk-upstream' } });
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
