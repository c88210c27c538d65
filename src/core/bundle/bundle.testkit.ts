import { nodeHash } from '../../host/index.ts';
import type { Bundle, BundleData, BundleHeader, OrgUid, Sha256Hex } from '../model/index.ts';
import { BUNDLE_FORMAT } from '../model/index.ts';
import { bundleDigestOf, canonicalText } from './index.ts';

/** A token, a wallet with a parent and a price: one of everything that data.json can hold. */
export const sampleData: BundleData = {
  org: 'acme',
  teams: [{ name: 'support' }],
  tokens: [
    {
      name: 'desk',
      team: 'support',
      wallet: 'support',
      scopes: ['chat'],
      models: null,
      role: 'agent',
      notAfterMs: 1_900_000_000_000,
      credentials: [
        { id: 'k3v9x2m7', digest: 'ab'.repeat(32) as Sha256Hex, notBeforeMs: 0, notAfterMs: 1_900_000_000_000 },
      ],
    },
  ],
  wallets: [
    {
      name: 'org',
      scope: 'org',
      parent: null,
      currency: 'EUR',
      limitMicros: 500_000_000,
      period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
      thresholds: [50, 90],
      whenExhausted: 'block',
      paymentRule: 'first-that-can-pay',
    },
    {
      name: 'support',
      scope: 'team',
      parent: 'org',
      currency: 'EUR',
      limitMicros: 50_000_000,
      period: { kind: 'total', timeZone: 'UTC', anchorDay: 1 },
      thresholds: [],
      whenExhausted: 'hold',
      paymentRule: 'all-must-pass',
    },
  ],
  prices: [
    {
      model: 'gpt-4o',
      fromMs: 0,
      currency: 'EUR',
      inputMicrosPerMillion: 2_500_000,
      outputMicrosPerMillion: 10_000_000,
    },
  ],
  reviews: [{ name: 'care', queue: 'care', slaMinutes: 60 }],
  limits: { requestsPerMinute: 60, concurrentRequests: null, bodyBytes: 1_048_576 },
  onExpired: 'block',
};

export const SAMPLE_UID = 'aaaabbbbccccddddeeee' as OrgUid;

/** A well-formed bundle with a policy text of one's own, for tests that need no desired objects. */
export function sampleBundle(
  identity: {
    readonly fleet?: string;
    readonly orgUid?: OrgUid;
    readonly gateway?: string;
    readonly environment?: string;
  },
  policyText = 'pack: {name: acme, version: 1.0.0, enabled: true}\n',
): Bundle {
  const header: BundleHeader = {
    format: BUNDLE_FORMAT,
    fleet: identity.fleet ?? 'example',
    orgUid: identity.orgUid ?? SAMPLE_UID,
    gateway: identity.gateway ?? 'desk',
    environment: identity.environment ?? 'production',
  };
  const files = new Map([
    ['bundle.json', new TextEncoder().encode(canonicalText(header))],
    ['data.json', new TextEncoder().encode(canonicalText(sampleData))],
    ['policy-config.yaml', new TextEncoder().encode(policyText)],
  ] as const);
  return { header, files, contentDigest: bundleDigestOf(files, nodeHash) };
}
