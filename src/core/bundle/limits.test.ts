import { expect, test } from 'vitest';
import { sampleData } from './bundle.testkit.ts';
import { decode } from './decode.ts';
import { dataShape } from './shapes.ts';

const [token] = sampleData.tokens;
const limits = { requestsPerMinute: 1, tokensPerMinute: 2, concurrentRequests: 3 };
const [team] = sampleData.teams;
const full = {
  ...sampleData,
  teams: [{ ...team, limits }],
  tokens: [{ ...token, paths: ['/v1/messages'], addresses: ['10.0.0.0/8', '2001:db8::1'], limits }],
  limits: {
    ...sampleData.limits,
    tokensPerMinute: 4,
    perAddress: { requestsPerMinute: 5 },
    models: [{ model: 'gpt-4o', limits: { requestsPerMinute: 6 } }],
  },
};
const read = (data: object) => decode(dataShape, data as never, 'TRUST_BUNDLE_SHAPE');

test('data with every limit and scope of a token reads as it was written', () => {
  expect(read(full)).toEqual({ ok: true, value: full });
});

test.each([
  ['a network that is none', { tokens: [{ ...full.tokens[0], addresses: ['10.0.0.1/8'] }] }, '/tokens/0/addresses/0'],
  ['an address that is no text', { tokens: [{ ...full.tokens[0], addresses: [10] }] }, '/tokens/0/addresses/0'],
  ['a list for an address', { tokens: [{ ...full.tokens[0], addresses: [['10.0.0.0/8']] }] }, '/tokens/0/addresses/0'],
  ['a path without a slash', { tokens: [{ ...full.tokens[0], paths: ['v1'] }] }, '/tokens/0/paths/0'],
  ['a limit that nobody knows', { teams: [{ ...team, limits: { perDay: 1 } }] }, '/teams/0/limits'],
  [
    'a limit of null',
    { teams: [{ ...team, limits: { requestsPerMinute: null } }] },
    '/teams/0/limits/requestsPerMinute',
  ],
  [
    'a model twice',
    { limits: { ...full.limits, models: [full.limits.models[0], full.limits.models[0]] } },
    '/limits/models',
  ],
])('%s is refused', (_, more, at) => {
  expect(read({ ...full, ...more })).toMatchObject({ ok: false, detail: expect.stringContaining(at) as string });
});
