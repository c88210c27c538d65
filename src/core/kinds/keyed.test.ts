import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { type Json, type JsonObject, KINDS, pointerStep, valueAt } from '../model/index.ts';
import { documentPointer, emit, fromKeyed, keyedAt, keyedPointer, ORDER_KEY, toKeyed } from './index.ts';
import { sample } from './samples.testkit.ts';

/** What no reader lets in cannot be in a document: parse refuses `__proto__` as a key, and a minus sign before zero is lost. */
const readable = fc
  .jsonValue()
  .map((value): Json => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'));

/** Lists with keys that a document may hold, filled at random; keys may hold anything that YAML can. */
const text = fc.oneof(
  fc.constantFrom('a', 'b/c', 'd~e', '~1', '', '__proto__', '$order', '$map'),
  fc.string({ maxLength: 5 }),
);
const money = fc.constantFrom('1.00', '2.50');
const anyDocument = fc.oneof(
  fc
    .uniqueArray(fc.record({ model: text, from: text, inputPerMillion: money, outputPerMillion: money }))
    .map((entries) => ['PriceBook', sample('PriceBook', { entries })] as const),
  fc
    .record({ leads: fc.array(text), members: fc.array(text) })
    .map((lists) => ['Team', sample('Team', lists)] as const),
  fc.array(fc.integer({ min: 1, max: 100 })).map((thresholds) => ['Wallet', sample('Wallet', { thresholds })] as const),
  fc
    .array(fc.record({ name: text, orgs: fc.array(text, { maxLength: 4 }), soakMinutes: fc.nat() }))
    .map((rings) => ['Fleet', sample('Fleet', { rings })] as const),
  fc
    .record({
      chain: fc.oneof(fc.array(text), readable),
      targets: fc.oneof(fc.array(fc.record({ id: text, x: fc.nat() })), readable),
    })
    .map(({ chain, targets }) => {
      const document = { policies: { chain }, providers: { targets } } as JsonObject;
      return ['Policy', sample('Policy', { document })] as const;
    }),
);

test('keyed form loses nothing: the way back gives the document with its lists sorted', () => {
  fc.assert(
    fc.property(anyDocument, ([kind, document]) => {
      expect(emit(fromKeyed(kind, toKeyed(kind, document)))).toBe(emit(document));
    }),
    { numRuns: 400 },
  );
});

test('what comes back from keyed form is settled: another way there and back changes nothing, order included', () => {
  fc.assert(
    fc.property(anyDocument, ([kind, document]) => {
      const settled = fromKeyed(kind, toKeyed(kind, document));
      expect(JSON.stringify(fromKeyed(kind, toKeyed(kind, settled)))).toBe(JSON.stringify(settled));
    }),
    { numRuns: 400 },
  );
});

/** The steps of every place in a value, and one from each that leads nowhere. */
function placesOf(value: Json, steps: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [steps, [...steps, 'a']];
  const keys = Array.isArray(value) ? [...value.keys()].map(String) : Object.keys(value);
  const below = keys.flatMap((key) => placesOf((value as JsonObject)[key] ?? null, [...steps, key]));
  return [steps, [...steps, 'a'], [...steps, ORDER_KEY], ...below];
}

test('one place in keyed form is what the whole keyed form has there', () => {
  fc.assert(
    fc.property(anyDocument, ([kind, document]) => {
      const keyed = toKeyed(kind, document);
      for (const steps of [...placesOf(keyed), ...placesOf(document)]) {
        const pointer = steps.map((step) => `/${pointerStep(step)}`).join('');
        expect(keyedAt(kind, document, steps), pointer).toEqual(valueAt(keyed, pointer));
      }
    }),
    { numRuns: 200 },
  );
});

test('sorting changes neither keyed form nor text, and doing it twice changes nothing', () => {
  fc.assert(
    fc.property(anyDocument, ([kind, document]) => {
      const sorted = load(emit(document)) as JsonObject;
      expect(toKeyed(kind, sorted)).toEqual(toKeyed(kind, document));
      expect(emit(sorted)).toBe(emit(document));
    }),
  );
});

test('every sample comes back from keyed form byte for byte', () => {
  for (const kind of KINDS) {
    const document = sample(kind);
    expect(emit(fromKeyed(kind, toKeyed(kind, document)))).toBe(emit(document));
  }
});

test('lists are maps by key; the rest of an item is its value', () => {
  expect(toKeyed('Team', sample('Team'))['spec']).toMatchObject({
    leads: { 'ana@acme.example': true },
    members: { 'ben@acme.example': true, 'cai@acme.example': true },
  });
  expect(Object.keys(valueAt(toKeyed('Credentials', sample('Credentials')), '/spec/tokens') as JsonObject)).toEqual([
    'ci-support/k3v9x2m7',
  ]);
  expect(valueAt(toKeyed('Gateway', sample('Gateway')), '/spec/upstreams/backup')).toEqual({
    account: 'acme-2',
    region: 'eu-central',
    secret: { store: 'org/acme/backup' },
  });
  expect(valueAt(toKeyed('Wallet', sample('Wallet')), '/spec/thresholds')).toEqual({ 50: true, 80: true, 100: true });
  expect(valueAt(toKeyed('PriceBook', sample('PriceBook')), '/spec/entries')).toHaveProperty([
    'meta~1llama-3/2027-01-31T00:00:00Z',
  ]);
});

test('one change of one item is one operation', () => {
  const before = sample('Gateway');
  const upstreams = (before['spec'] as { upstreams: readonly JsonObject[] }).upstreams;
  const after = sample('Gateway', { upstreams: [...upstreams].reverse().filter(({ id }) => id !== 'backup') });
  const operations = jsonpatch.compare(toKeyed('Gateway', before), toKeyed('Gateway', after));
  expect(operations).toEqual([{ op: 'remove', path: '/spec/upstreams/backup' }]);
});

test('of an ordered list, another order is one operation and the order comes back', () => {
  const before = sample('Fleet');
  const rings = (before['spec'] as { rings: readonly JsonObject[] }).rings;
  const after = sample('Fleet', { rings: [...rings].reverse() });
  const operations = jsonpatch.compare(toKeyed('Fleet', before), toKeyed('Fleet', after));
  expect(operations).toEqual([{ op: 'replace', path: `/spec/rings/${ORDER_KEY}`, value: '["main","pilot"]' }]);
  expect(fromKeyed('Fleet', toKeyed('Fleet', after))).toEqual(after);
});

test('an item added in keyed form to an ordered list comes after the others', () => {
  const keyed = toKeyed('Overlay', sample('Overlay'));
  const patches = valueAt(keyed, '/spec/patches') as JsonObject;
  const added = {
    ...keyed,
    spec: { ...(keyed['spec'] as JsonObject), patches: { ...patches, '/spec/a': { op: 'add' } } },
  };
  const list = valueAt(fromKeyed('Overlay', added), '/spec/patches') as readonly JsonObject[];
  expect(list.map(({ path }) => path)).toEqual(['/spec/limit', '/spec/thresholds/90', '/spec/a']);
});

test('lists that no key tells apart stay lists', () => {
  const twice: JsonObject = sample('Team', { members: ['a', 'a'] });
  expect(valueAt(toKeyed('Team', twice), '/spec/members')).toEqual(['a', 'a']);
  const nameless = sample('Gateway', { sinks: [{ url: 'x' }] });
  expect(valueAt(toKeyed('Gateway', nameless), '/spec/sinks')).toEqual([{ url: 'x' }]);
});

test('what is no keyed form stays as it is, for shape validation to refuse', () => {
  const members: Json = { 'a@b.example': false };
  expect(valueAt(fromKeyed('Team', sample('Team', { members })), '/spec/members')).toEqual(members);
  const tokens: Json = { 'one-part': {} };
  expect(valueAt(fromKeyed('Credentials', sample('Credentials', { tokens })), '/spec/tokens')).toEqual(tokens);
});

/** Every pointer of a document, leaves and inner nodes. */
function pointersOf(value: Json, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => pointersOf(item as Json, `${at}/${pointerStep(key)}`))];
}

test('pointers go to keyed form and back, and lead to the same value there', () => {
  for (const kind of KINDS) {
    const document = sample(kind);
    for (const pointer of pointersOf(document)) {
      const keyed = keyedPointer(kind, document, pointer);
      expect(documentPointer(kind, document, keyed)).toBe(pointer);
    }
  }
  const gateway = sample('Gateway');
  expect(keyedPointer('Gateway', gateway, '/spec/upstreams/1/secret/env')).toBe(
    '/spec/upstreams/openai-main/secret/env',
  );
  expect(documentPointer('Gateway', gateway, '/spec/upstreams/gone/account')).toBe('/spec/upstreams');
});
