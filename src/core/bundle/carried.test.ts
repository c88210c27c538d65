import { expect, test } from 'vitest';
import type { Json, JsonObject, ObjectSide } from '../model/index.ts';
import { carriedBy } from './index.ts';

const price = (model: string, input = '1', from = '2026-01-01T00:00:00Z'): JsonObject => ({
  ...{ model, from },
  inputPerMillion: input,
  outputPerMillion: '2',
});
const book = (entries: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  currency: 'USD',
  entries,
  ...more,
});
const side = (
  kind: 'Organization' | 'Policy' | 'Gateway',
  name: string,
  spec: JsonObject,
): Pick<ObjectSide, 'id' | 'document'> => ({
  id: { kind, environment: kind === 'Organization' ? null : 'production', name },
  document: { spec },
});
const policy = (name: string, ...models: readonly Json[]) =>
  side('Policy', name, { document: { providers: { targets: models.map((model) => ({ model })) } } });
const gateway = (name: string, of: string) => side('Gateway', name, { policy: of });
const org = (spec: JsonObject = {}) => side('Organization', 'acme', spec);
const objects = [org(), policy('a', 'gpt', 'other'), policy('b', 'other'), gateway('one', 'a'), gateway('two', 'b')];

const old = book([price('gpt'), price('other')]);
const part = (prices: JsonObject | null, onExpired: 'block' | 'keep-serving' = 'block') => ({ prices, onExpired });

test.each<[string, JsonObject | null, readonly string[]]>([
  ['one model at another price', book([price('gpt', '15'), price('other')]), ['one']],
  ['a model of both', book([price('gpt'), price('other', '15')]), ['one', 'two']],
  ['a further date', book([price('gpt'), price('gpt', '9', '2027-01-01T00:00:00Z'), price('other')]), ['one']],
  ['a model without a price', book([price('other')]), ['one']],
  ['no book', null, ['one', 'two']],
  ['another currency', { ...old, currency: 'EUR' }, ['one', 'two']],
])('%s reaches the gateways whose policies name it', (_, prices, expected) => {
  const found = carriedBy(part(old), part(prices))?.(objects) ?? [];
  expect([...found]).toEqual(expected.map((name) => `Gateway/production/${name}`));
});

test.each<[string, JsonObject]>([
  ['the same', old],
  ['another order', book([price('other'), price('gpt')])],
  ['another source', book([price('gpt'), price('other')], { source: 'x' })],
])('%s: no bundle is another one, and nothing has to be looked at', (_, prices) => {
  expect(carriedBy(part(old), part(prices))).toBeNull();
});

test('a model that no policy names reaches nobody', () => {
  expect(carriedBy(part(old), part(book([...[price('gpt'), price('other')], price('new')])))?.(objects).size).toBe(0);
});

test('what happens to expired configuration reaches all that follow the fleet', () => {
  const carried = carriedBy(part(old), part(old, 'keep-serving'));
  expect(carried?.(objects).size).toBe(2);
  expect(carried?.([org({ onExpired: 'block' }), ...objects.slice(1)]).size).toBe(0);
});
