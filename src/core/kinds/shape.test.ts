import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantMs, isJsonObject, type Json, type JsonObject, KINDS, type Kind } from '../model/index.ts';
import { type ShapeError, validateShape } from './index.ts';
import { sample } from './samples.testkit.ts';

function errorsOf(kind: Kind, change: JsonObject, without: readonly string[] = []): readonly ShapeError[] {
  const document = sample(kind, change);
  const spec = Object.fromEntries(
    Object.entries(document['spec'] as JsonObject).filter(([key]) => !without.includes(key)),
  );
  return validateShape(kind, { ...document, spec });
}

test('a misspelt field is one error that names the right one', () => {
  expect(errorsOf('Wallet', { limt: '5' }, ['limit'])).toEqual([
    {
      cause: 'unknown-field',
      pointer: '/spec/limt',
      at: 'key',
      message: '"spec" has a field "limt" that does not exist',
      expected: expect.stringContaining('limit, parent'),
      found: '"limt"',
      fix: 'Did you mean "limit"?',
    },
  ]);
});

test('a field like none is not guessed at', () => {
  expect(errorsOf('Team', { favouriteColour: 'red' })[0]?.fix).toBe('Remove the field, or write one that exists.');
});

test('a missing field points at the map that lacks it', () => {
  expect(errorsOf('Token', {}, ['expires'])).toEqual([
    {
      cause: 'missing-field',
      pointer: '/spec',
      at: 'key',
      message: '"spec" lacks the field "expires"',
      expected:
        '"expires": a day that the calendar has and a time, in UTC to the second (RFC 3339), for example 2027-01-31T00:00:00Z',
      found: 'only gateways, models, owner, role, rotationOverlapHours, scopes, team, wallet',
      fix: 'Add "expires".',
    },
  ]);
});

test.each<readonly [string, Kind, JsonObject, Partial<ShapeError>]>([
  [
    'a word',
    'Wallet',
    { whenExhausted: 'blok' },
    { fix: 'Did you mean "block"?', expected: 'one of block, hold, allow' },
  ],
  ['a type', 'Wallet', { limit: 500 }, { found: '500', expected: expect.stringContaining('for example 500.00') }],
  ['a form', 'Wallet', { limit: '5e2' }, { found: '"5e2"', expected: expect.stringContaining('decimal string') }],
  ['a date', 'Token', { expires: '2027-01-31' }, { expected: expect.stringContaining('2027-01-31T00:00:00Z') }],
  ['a bound', 'Token', { rotationOverlapHours: 721 }, { expected: 'a number of at most 720', found: '721' }],
  ['a length', 'Token', { scopes: [] }, { expected: 'at least 1 items', found: 'a list of 0' }],
  ['null', 'Token', { team: null }, { found: 'nothing (null)' }],
  ['a list', 'Team', { members: 'ana' }, { expected: 'a list' }],
])('a wrong value, by %s, says what was expected and found', (_what, kind, change, expected) => {
  const errors = errorsOf(kind, change);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ cause: 'wrong-value', at: 'value', ...expected });
});

test('what a condition asks for is one error, and only where it holds', () => {
  expect(errorsOf('Wallet', {}, ['team']).map(({ fix }) => fix)).toEqual(['Add "team".']);
  expect(errorsOf('Wallet', { scope: 'user' }, ['team']).map(({ fix }) => fix)).toEqual(['Add "user".']);
  expect(errorsOf('Wallet', { scope: 'org' }, ['team'])).toEqual([]);
  expect(errorsOf('Wallet', {}, ['scope', 'team']).map(({ fix }) => fix)).toEqual(['Add "scope".']);
  const patches = [{ path: '/spec/limit', op: 'replace', value: '1' }];
  expect(errorsOf('Overlay', { patches }).map(({ pointer, fix }) => `${pointer} ${fix}`)).toEqual([
    '/spec/patches/0 Add "was".',
  ]);
});

test('a name that a map cannot have is one error at the name', () => {
  const errors = errorsOf('Approval', { changes: { Acme: 'a3'.repeat(32) } });
  expect(errors.map(({ pointer, at }) => [pointer, at])).toEqual([['/spec/changes/Acme', 'key']]);
});

test('the same item twice is an error at the second', () => {
  expect(errorsOf('Team', { members: ['a@b.example', 'a@b.example'] })).toEqual([
    {
      cause: 'duplicate-item',
      pointer: '/spec/members/1',
      at: 'value',
      message: 'item 2 of "members" says the same as item 1',
      expected: 'every item once',
      found: '"a@b.example" twice',
      fix: 'Remove one of the two.',
    },
  ]);
  const upstream = { account: 'a', region: 'eu', secret: { env: 'A' } };
  const upstreams = [
    { id: 'x', ...upstream },
    { id: 'x', ...upstream, account: 'b' },
  ];
  expect(errorsOf('Gateway', { upstreams }).map(({ pointer }) => pointer)).toEqual(['/spec/upstreams/1']);
  expect(errorsOf('Gateway', { upstreams: upstreams.slice(1) })).toEqual([]);
});

const SECRET = 'sk-live-4711';

test.each<readonly [string, Json]>([
  ['a text in place of the reference', SECRET],
  ['a value of the wrong form', { env: SECRET }],
  ['a field that does not exist', { [SECRET]: 'x' }],
  ['a field with a wrong type', { store: [SECRET] }],
  ['a value beside a good one', { env: 'A', store: `../${SECRET}` }],
])('%s is never repeated where a secret belongs', (_what, secret) => {
  const upstreams = [{ id: 'x', account: 'a', region: 'eu', secret }];
  const errors = errorsOf('Gateway', { upstreams });
  expect(errors.length).toBeGreaterThan(0);
  expect(JSON.stringify(errors)).not.toContain(SECRET);
});

test('every required field is missed, in every kind', () => {
  for (const kind of KINDS) {
    const document = sample(kind);
    for (const key of Object.keys(document)) {
      const rest = Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
      expect(validateShape(kind, rest)).toMatchObject([{ cause: 'missing-field', pointer: '' }]);
    }
    expect(validateShape(kind, { ...document, extra: 1 })).toMatchObject([
      { cause: 'unknown-field', pointer: '/extra' },
    ]);
  }
});

test('a value of another type anywhere never throws and is an error at that place or above', () => {
  const replaceAt = (value: Json, path: readonly string[]): Json => {
    const [step, ...rest] = path;
    if (step === undefined) return { unexpected: true };
    if (Array.isArray(value))
      return value.map((item: Json, index) => (String(index) === step ? replaceAt(item, rest) : item));
    return isJsonObject(value) ? { ...value, [step]: replaceAt(value[step] ?? null, rest) } : value;
  };
  const leaves = (value: Json, path: readonly string[] = []): readonly (readonly string[])[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => leaves(item as Json, [...path, key]))
      : [path];
  for (const kind of KINDS) {
    const document = sample(kind);
    for (const path of leaves(document)) {
      const open = ['inputs', 'document', 'value', 'was', 'base', 'ours', 'theirs'].some((name) => path.includes(name));
      const errors = validateShape(kind, replaceAt(document, path) as JsonObject);
      expect({ kind, path, errors: errors.length > 0 }).toEqual({ kind, path, errors: !open });
    }
  }
});

test('an instant is what the calendar has, no more and no less', () => {
  const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
  const year = fc.integer({ min: 0, max: 9999 }).map((value) => String(value).padStart(4, '0'));
  const any = fc.tuple(year, two(13), two(32), two(24), two(60), two(60));
  const monthEnd = fc.tuple(year, two(12), fc.constantFrom('28', '29', '30', '31'), two(1), two(1), two(1));
  fc.assert(
    fc.property(fc.oneof(any, monthEnd), ([years, month, day, hour, minute, second]) => {
      const expires = `${years}-${month}-${day}T${hour}:${minute}:${second}Z`;
      expect([expires, errorsOf('Pin', { expires }).length === 0]).toEqual([expires, instantMs(expires) !== undefined]);
    }),
    { numRuns: 2000 },
  );
});

test.each(['2027-09-31', '2025-02-30', '2027-02-29', '1900-02-29', '2026-04-31'])(
  '%s is refused in every kind',
  (day) => {
    const expires = `${day}T00:00:00Z`;
    const entry = { model: 'gpt-4o-mini', from: expires, inputPerMillion: '1', outputPerMillion: '1' };
    expect(errorsOf('Token', { expires })).toMatchObject([{ pointer: '/spec/expires', found: `"${expires}"` }]);
    expect(errorsOf('Waiver', { expires })).toMatchObject([{ pointer: '/spec/expires' }]);
    expect(errorsOf('Approval', { expires })).toMatchObject([{ pointer: '/spec/expires' }]);
    expect(errorsOf('PriceBook', { entries: [entry] })).toMatchObject([{ pointer: '/spec/entries/0/from' }]);
    const freeze = [{ from: expires, to: '2027-12-31T00:00:00Z', reason: 'end of year' }];
    expect(errorsOf('Fleet', { freeze })).toMatchObject([{ pointer: '/spec/freeze/0/from' }]);
  },
);

test.each([
  ['127.0.0.1:1', true],
  ['255.249.199.99:65535', true],
  ['[::1]:41002', true],
  ['127.0.0.1:65536', false],
  ['127.0.0.1:70000', false],
  ['127.0.0.1:0', false],
  ['999.1.1.1:80', false],
  ['256.1.1.1:80', false],
  ['127.0.0.01:80', false],
])('a gateway may listen on %s: %j', (listen, isRight) => {
  expect(errorsOf('Gateway', { listen }).map(({ pointer }) => pointer)).toEqual(isRight ? [] : ['/spec/listen']);
});
