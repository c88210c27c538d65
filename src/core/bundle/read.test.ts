import { describe, expect, it } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { Bundle, Json } from '../model/index.ts';
import { sampleBundle, sampleData } from './bundle.testkit.ts';
import { canonicalText, DEFAULT_BUNDLE_LIMITS, packBundle, packTar, readBundle } from './index.ts';

const read = (bytes: Uint8Array) => readBundle(bytes, DEFAULT_BUNDLE_LIMITS, nodeHash);
const bundle = sampleBundle({});

/** The sample with one file replaced by other text. */
function withFile(name: string, text: string): Uint8Array {
  const files = new Map<string, Uint8Array>(bundle.files);
  files.set(name, new TextEncoder().encode(text));
  return packTar(files);
}

const SINK = { name: 'siem', url: 'https://logs.acme.example/' };
const withData = (change: object): Uint8Array => withFile('data.json', canonicalText({ ...sampleData, ...change }));
const without = (key: string): Json =>
  Object.fromEntries(Object.entries(sampleData).filter(([name]) => name !== key)) as unknown as Json;

describe('readBundle', () => {
  it('gives back what was packed, with the digest of the content', () => {
    expect(read(packBundle(bundle))).toEqual({
      ok: true,
      value: {
        header: bundle.header,
        policyText: 'pack: {name: acme, version: 1.0.0, enabled: true}\n',
        data: sampleData,
        contentDigest: bundle.contentDigest,
      },
    });
  });

  it('has a digest that depends on each of the files and on nothing else', () => {
    const digests = [bundle, sampleBundle({ gateway: 'other' }), sampleBundle({}, 'other')].map(
      (each: Bundle) => each.contentDigest,
    );
    expect(new Set(digests).size).toBe(3);
    expect(sampleBundle({}).contentDigest).toBe(bundle.contentDigest);
    const names = ['bundle.json', 'data.json', 'policy-config.yaml'] as const;
    const hashes = names.map((name) => `"${name}":"${nodeHash.sha256(bundle.files.get(name) ?? '')}"`);
    expect(bundle.contentDigest).toBe(nodeHash.sha256(`{${hashes.join(',')}}`));
  });

  it.each([
    ['a field that nobody knows', withData({ surprise: 1 })],
    ['a missing field', withFile('data.json', canonicalText(without('limits')))],
    ['an unknown scope', withData({ tokens: [{ ...sampleData.tokens[0], scopes: ['console'] }] })],
    ['a digest that is none', withData({ tokens: [{ ...sampleData.tokens[0], credentials: [{ id: 'k3v9x2m7' }] }] })],
    ['a fraction of a micro-unit', withData({ wallets: [{ ...sampleData.wallets[0], limitMicros: 0.5 }] })],
    ['a sink twice', withData({ sinks: [SINK, SINK] })],
    ['a sink without https', withData({ sinks: [{ ...SINK, url: 'http://logs.acme.example/' }] })],
    [
      'a sink with a password in its address',
      withData({ sinks: [{ ...SINK, url: 'https://a:b@logs.acme.example/' }] }),
    ],
    ['a secret of a sink in two places', withData({ sinks: [{ ...SINK, secret: { env: 'A', store: 'a' } }] })],
    ['a secret of a sink in no place', withData({ sinks: [{ ...SINK, secret: {} }] })],
    ['an amount below zero', withData({ wallets: [{ ...sampleData.wallets[0], limitMicros: -1 }] })],
    ['a name with a slash', withData({ org: '../acme' })],
    ['a wallet that is not there', withData({ wallets: [] })],
    ['a parent that is not there', withData({ wallets: [sampleData.wallets[1]] })],
    [
      'wallets in a circle',
      withData({ wallets: [{ ...sampleData.wallets[0], parent: 'support' }, sampleData.wallets[1]] }),
    ],
    ['a token twice', withData({ tokens: [sampleData.tokens[0], sampleData.tokens[0]] })],
    ['too many teams', withData({ teams: Array.from({ length: 10_001 }, (_, index) => ({ name: `t${index}` })) })],
    ['another format', withFile('bundle.json', canonicalText({ ...bundle.header, format: 'tenantry/bundle/v2' }))],
    ['an org uid that is none', withFile('bundle.json', canonicalText({ ...bundle.header, orgUid: 'acme' }))],
    ['white space', withFile('bundle.json', ` ${canonicalText(bundle.header)}`)],
    ['a byte order mark', withFile('bundle.json', `\uFEFF${canonicalText(bundle.header)}`)],
    ['a doubled key', withFile('bundle.json', canonicalText(bundle.header).replace('{', '{"fleet":"other",'))],
    [
      'a prototype key',
      withFile('bundle.json', canonicalText(bundle.header).replace('{', '{"__proto__":{"fleet":"x"},')),
    ],
    ['an array', withFile('data.json', '[]')],
    ['no JSON', withFile('data.json', 'org: acme')],
    ['deep nesting', withFile('data.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ])('refuses %s', (_, bytes) => {
    expect(read(bytes)).toMatchObject({ ok: false, code: 'TRUST_BUNDLE_SHAPE' });
  });

  it('refuses text that is not UTF-8', () => {
    const files = new Map<string, Uint8Array>(bundle.files);
    files.set('policy-config.yaml', new Uint8Array([0xff, 0xfe]));
    expect(read(packTar(files))).toMatchObject({ ok: false, code: 'TRUST_BUNDLE_SHAPE' });
  });

  it('says where it does not fit', () => {
    const refusal = read(withData({ limits: { ...sampleData.limits, bodyBytes: 1 } }));
    expect(refusal).toMatchObject({
      detail: 'data.json: expected an integer from 1024 to 104857600 at /limits/bodyBytes, found 1',
    });
  });

  it('refuses an archive over its limit', () => {
    const refusal = readBundle(packBundle(bundle), { maxBytes: 100 }, nodeHash);
    expect(refusal).toMatchObject({ ok: false, code: 'TRUST_ARCHIVE' });
  });
});
