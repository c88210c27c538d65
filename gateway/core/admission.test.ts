import { expect, test } from 'vitest';
import { sampleData } from '../../src/core/bundle/bundle.testkit.ts';
import type { BundleToken } from '../../src/core/model/index.ts';
import { bearerOf, isCurrent, permit } from './admission.ts';

const [token] = sampleData.tokens as readonly [BundleToken];
const credential = { token, digest: token.credentials[0]?.digest ?? ('' as never), notBeforeMs: 10, notAfterMs: 20 };

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

test('a token is asked for its scope and for the model, and is bound by both', () => {
  const bound = { ...token, scopes: ['chat'], models: ['gpt-4o'] };
  expect(permit(bound, 'chat', 'gpt-4o')).toBeUndefined();
  expect(permit(bound, 'chat', null)).toBeUndefined();
  expect(permit({ ...bound, models: null }, 'chat', 'any')).toBeUndefined();
  expect(permit(bound, 'embeddings', 'gpt-4o')).toMatchObject({ code: 'scope_missing' });
  expect(permit(bound, 'chat', 'gpt-4o-mini')).toMatchObject({ code: 'model_not_allowed' });
});

test('a bearer comes before a key', () => {
  expect(bearerOf('Bearer one', 'two')).toBe('one');
  expect(bearerOf('Basic one', 'two')).toBe('two');
  expect(bearerOf(undefined, undefined)).toBeUndefined();
});
