import { expect, test } from 'vitest';
import { sampleData } from '../../src/core/bundle/bundle.testkit.ts';
import type { BundleData, BundleToken } from '../../src/core/model/index.ts';
import type { Limits } from '../../src/core/policy/index.ts';
import { type Bound, boundsFor, type Caller, limitRules } from './index.ts';

const size = { maxBodyBytes: null, maxHeaderBytes: null, maxUrlBytes: null, maxResponseBytes: null };
const none: Limits = {
  global: null,
  address: null,
  user: null,
  tokens: null,
  scopes: [],
  parallelRequests: null,
  addresses: null,
  size,
};
const [token] = sampleData.tokens as readonly [BundleToken];
const free = { requestsPerMinute: null, concurrentRequests: null, bodyBytes: 1024 };

const caller = (of: BundleToken | null, more: Partial<Caller> = {}): Caller => ({
  token: of,
  address: () => '192.0.2.1',
  header: () => null,
  ...more,
});
const texts = (bounds: readonly Bound[]): readonly string[] =>
  bounds.map(
    ({ limit: { of, measure, max, windowMs }, key }) =>
      `${max} ${measure} / ${windowMs} of ${of}: ${key.split(' ').slice(3).join(' ')}`,
  );

/** What a request of the token is bound by. */
function boundBy(
  policy: Partial<Limits>,
  data: Partial<BundleData> | null,
  more: Partial<Caller> = {},
): readonly string[] {
  const whole = data === null ? null : { ...sampleData, tokens: [token], limits: free, ...data };
  const rules = limitRules({ ...none, ...policy }, whole);
  return rules === null ? [] : texts(boundsFor(rules, caller(whole?.tokens[0] ?? null, more)));
}

test('nothing is limited where nobody limits it', () => {
  expect(limitRules(none, null)).toBeNull();
  expect(limitRules(none, { ...sampleData, tokens: [token], limits: free })).toBeNull();
});

test.each<[string, Partial<Limits>, Partial<BundleData> | null, readonly string[]]>([
  [
    'the gateway',
    {},
    { limits: { ...free, requestsPerMinute: 1, tokensPerMinute: 2, concurrentRequests: 3 } },
    ['1 requests / 60000 of gateway: ', '2 tokens / 60000 of gateway: ', '3 concurrent / 0 of gateway: '],
  ],
  [
    'the token',
    {},
    { tokens: [{ ...token, limits: { requestsPerMinute: 1, concurrentRequests: 3 } }] },
    ['1 requests / 60000 of token: desk', '3 concurrent / 0 of token: desk'],
  ],
  [
    'the team',
    {},
    {
      teams: [
        { name: 'support', limits: { tokensPerMinute: 4 } },
        { name: 'other', limits: { tokensPerMinute: 5 } },
      ],
    },
    ['4 tokens / 60000 of team: support'],
  ],
  [
    'an address',
    { address: { maxRequests: 6, windowSeconds: 10 } },
    { limits: { ...free, perAddress: { concurrentRequests: 7 } } },
    ['7 concurrent / 0 of address: 192.0.2.1', '6 requests / 10000 of address: 192.0.2.1'],
  ],
  ['everyone', { global: { maxRequests: 8, windowSeconds: 30 } }, null, ['8 requests / 30000 of gateway: ']],
  [
    'a user',
    { user: { maxRequests: 9, windowSeconds: 30, headerNames: ['x'] } },
    {},
    ['9 requests / 30000 of user: token desk'],
  ],
  [
    'the scopes of the document',
    {
      scopes: [
        { of: 'token', requestsPerMinute: 1, tokensPerMinute: null },
        { of: 'team', requestsPerMinute: null, tokensPerMinute: 2 },
        { of: 'gateway', requestsPerMinute: 3, tokensPerMinute: 4 },
      ],
      parallelRequests: 5,
    },
    {},
    [
      '3 requests / 60000 of gateway: ',
      '4 tokens / 60000 of gateway: ',
      '5 concurrent / 0 of gateway: ',
      '1 requests / 60000 of token: desk',
      '2 tokens / 60000 of team: support',
    ],
  ],
  [
    'the tokens of a stand-alone gateway',
    { tokens: { of: 'token', maxTokens: 7, windowSeconds: 60 } },
    null,
    ['7 tokens / 60000 of token: '],
  ],
])('%s', (_, policy, data, expected) => {
  expect(boundBy(policy, data)).toEqual(expected);
});

test('of two limits that count together the smaller one holds, of two windows both', () => {
  const limits = { ...free, requestsPerMinute: 10 };
  const everyone = (maxRequests: number, windowSeconds: number) =>
    boundBy({ global: { maxRequests, windowSeconds } }, { limits });
  expect(everyone(5, 60)).toEqual(['5 requests / 60000 of gateway: ']);
  expect(everyone(10, 60)).toEqual(['10 requests / 60000 of gateway: ']);
  expect(everyone(20, 60)).toEqual(['10 requests / 60000 of gateway: ']);
  expect(everyone(5, 61)).toHaveLength(2);
  const own = { tokens: [{ ...token, limits: { requestsPerMinute: 3 } }] };
  const perKey = { scopes: [{ of: 'token' as const, requestsPerMinute: 2, tokensPerMinute: null }] };
  expect(boundBy(perKey, own)).toEqual(['2 requests / 60000 of token: desk']);
});

test('a user is the first header that is there, else the token; a name is bounded', () => {
  const user = { user: { maxRequests: 9, windowSeconds: 30, headerNames: ['x'] } };
  expect(boundBy(user, {}, { header: () => 'ana' })).toEqual(['9 requests / 30000 of user: header ana']);
  expect(boundBy(user, {}, { header: () => 'a'.repeat(500) })[0]).toHaveLength(235);
});

test('addresses that are not known count together', () => {
  const address = { address: { maxRequests: 6, windowSeconds: 10 } };
  expect(boundBy(address, {}, { address: () => null })).toEqual(['6 requests / 10000 of address: unknown']);
});
