import { expect, test } from 'vitest';
import { sampleData } from '../../src/core/bundle/bundle.testkit.ts';
import { type BundleToken, type Network, parseAddress, parseNetwork } from '../../src/core/model/index.ts';
import { bearerOf, isCurrent, permit, permitFrom } from './admission.ts';

const [token] = sampleData.tokens as readonly [BundleToken];
const credential = {
  id: 'a',
  token,
  digest: token.credentials[0]?.digest ?? ('' as never),
  notBeforeMs: 10,
  notAfterMs: 20,
};

test.each([
  [9, false],
  [10, true],
  [19, true],
  [20, false],
])('a credential from 10 until 20 is current at %i: %s', (nowMs, expected) => {
  expect(isCurrent(credential, nowMs)).toBe(expected);
});

test('no credential is never current', () => {
  expect(isCurrent(undefined, 15)).toBe(false);
});

test('a token is asked for its scope, the path and the model, and is bound by all of them', () => {
  const bound = { ...token, scopes: ['chat'], models: ['gpt-4o'] };
  const use = { scope: 'chat', path: '/v1/messages', model: 'gpt-4o' };
  expect(permit(bound, use)).toBeUndefined();
  expect(permit(bound, { ...use, model: null })).toBeUndefined();
  expect(permit({ ...bound, models: null }, { ...use, model: 'any' })).toBeUndefined();
  expect(permit({ ...bound, paths: ['/v1/messages'] }, use)).toBeUndefined();
  expect(permit(bound, { ...use, scope: 'embeddings' })).toMatchObject({ code: 'scope_missing' });
  expect(permit(bound, { ...use, model: 'gpt-4o-mini' })).toMatchObject({ code: 'model_not_allowed' });
  expect(permit({ ...bound, paths: ['/v1/responses'] }, use)).toMatchObject({ code: 'path_not_allowed' });
});

test.each([
  [null, null, '192.0.2.1', undefined],
  ['192.0.2.0/24', null, '192.0.2.1', undefined],
  ['192.0.2.0/24', null, '192.0.3.1', 'address_not_allowed'],
  [null, '192.0.2.0/24', '192.0.3.1', 'address_not_allowed'],
  ['192.0.2.0/24', '192.0.2.1/32', '192.0.2.1', undefined],
  ['192.0.2.0/24', '192.0.2.1/32', '192.0.2.2', 'address_not_allowed'],
  ['192.0.3.0/24', '192.0.2.1/32', '192.0.2.1', 'address_not_allowed'],
  ['0.0.0.0/0', null, 'nowhere', 'address_not_allowed'],
])('of %s and %s for the token, %s is %s', (everyone, own, from, code) => {
  const networks = (text: string) => [parseNetwork(text) as Network];
  const reach = {
    everyone: everyone === null ? null : networks(everyone),
    ofTokens: new Map(own === null ? [] : [[token, networks(own)] as const]),
  };
  expect(permitFrom(reach, token, parseAddress(from) ?? null)?.code).toBe(code);
});

test('a bearer comes before a key', () => {
  expect(bearerOf('Bearer one', 'two')).toBe('one');
  expect(bearerOf('Basic one', 'two')).toBe('two');
  expect(bearerOf(undefined, undefined)).toBeUndefined();
});
