import { describe, expect, it, test } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { Bundle, BundleData, BundleToken, Sha256Hex } from '../model/index.ts';
import { sampleBundle, sampleData } from './bundle.testkit.ts';
import { asApplied, canonicalText, narrowedFields, restoreBundle, tokensIn, withoutSecrets } from './index.ts';

const secret = (id: string, notAfterMs = 9) => ({
  ...{ id, digest: id.padEnd(64, '0') as Sha256Hex, notBeforeMs: 0, notAfterMs },
});
const [sample] = sampleData.tokens;
const token = (change: Partial<BundleToken> = {}): BundleToken => ({ ...(sample as BundleToken), ...change });

function bundleOf(...tokens: readonly BundleToken[]): Bundle {
  const data: BundleData = { ...sampleData, tokens };
  const files = Object.fromEntries(
    [...sampleBundle({}).files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]),
  );
  const made = restoreBundle({ ...files, 'data.json': canonicalText(data) }, nodeHash);
  if (made === undefined) throw new Error('expected a bundle');
  return made;
}

/** The token as older content gives it where this is applied. */
const given = (older: BundleToken, applied: BundleToken): BundleToken | undefined =>
  tokensIn(asApplied(withoutSecrets(bundleOf(older), nodeHash), bundleOf(applied), nodeHash))[0];

describe('older content', () => {
  it('is the same content whatever the secrets of its tokens were, and has none of them', () => {
    const [one, other] = [bundleOf(token({ credentials: [secret('a')] })), bundleOf(token({ credentials: [] }))];
    expect(withoutSecrets(one, nodeHash)).toEqual(other);
    expect(withoutSecrets(other, nodeHash)).toEqual(other);
    expect(other.contentDigest).not.toBe(one.contentDigest);
  });

  it('has the secrets that are applied: none that is gone, each with the end that it has now, and new ones', () => {
    const older = token({ credentials: [secret('leaked'), secret('shortened', 9)], notAfterMs: 9, role: 'admin' });
    const applied = token({ credentials: [secret('shortened', 5), secret('new')], notAfterMs: 7, role: 'agent' });
    expect(given(older, applied)).toEqual(applied);
  });

  it('has no token that is gone, nor one that is new', () => {
    const applied = bundleOf(token({ name: 'new' }), token({ name: 'kept' }));
    const older = bundleOf(token({ name: 'gone' }), token({ name: 'kept' }));
    expect(tokensIn(asApplied(older, applied, nodeHash)).map(({ name }) => name)).toEqual(['kept']);
    expect(given(token({ scopes: ['chat'] }), token({ scopes: ['models'] }))).toBeUndefined();
  });

  it('is nothing else than it was where no token changed', () => {
    const bundle = bundleOf(token({ paths: ['/a'], addresses: ['192.0.2.1'], limits: { requestsPerMinute: 1 } }));
    expect(asApplied(withoutSecrets(bundle, nodeHash), bundle, nodeHash)).toEqual(bundle);
  });

  test.each<[string, Partial<BundleToken>, Partial<BundleToken>, Partial<BundleToken>]>([
    ['scopes', { scopes: ['chat', 'mcp'] }, { scopes: ['chat', 'models'] }, { scopes: ['chat'] }],
    ['models', { models: null }, { models: ['small'] }, { models: ['small'] }],
    ['models', { models: ['large', 'small'] }, { models: ['small', 'tiny'] }, { models: ['small'] }],
    ['paths', {}, { paths: ['/v1/models'] }, { paths: ['/v1/models'] }],
    ['addresses', {}, { addresses: ['192.0.2.0/24'] }, { addresses: ['192.0.2.0/24'] }],
    [
      'addresses',
      { addresses: ['192.0.2.0/24', '198.51.100.7', '2001:db8::/32'] },
      { addresses: ['192.0.2.8/30', '198.51.100.0/24', '203.0.113.0/24'] },
      { addresses: ['192.0.2.8/30', '198.51.100.7'] },
    ],
    [
      'limits',
      { limits: { requestsPerMinute: 9, concurrentRequests: 2 } },
      { limits: { requestsPerMinute: 4, tokensPerMinute: 5 } },
      { limits: { requestsPerMinute: 4, tokensPerMinute: 5, concurrentRequests: 2 } },
    ],
  ])('gives the narrower %s', (field, older, applied, narrower) => {
    expect(given(token(older), token(applied))).toEqual(token(narrower));
    expect(narrowedFields(token(older), token(applied))).toEqual([field]);
    // What is wider now comes with the content that has it, and not before.
    expect(given(token(narrower), token(older))).toEqual(token(narrower));
    expect(narrowedFields(token(narrower), token(older))).toEqual([]);
  });

  it('keeps team and wallet, which it alone has', () => {
    const older = token({ team: 'support', wallet: 'support' });
    expect(given(older, token({ team: 'other', wallet: null }))).toEqual(older);
  });
});
