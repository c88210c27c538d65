import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { compileDocument, createMemory } from '../index.ts';
import { chat, codesOf, documentOf, request, where } from '../policy.testkit.ts';

const TOO_MANY = 'bot_detector.too_many_requests';

/** A gateway with a clock of its own; answers the verdict of a request with some headers. */
function gatewayOf(settings: JsonObject) {
  let nowMs = 0;
  const result = compileDocument(documentOf('bot-detector', settings), { where, memory: createMemory(() => nowMs) });
  if (!result.ok) throw new Error(JSON.stringify(result.findings));
  const policy = result.value;
  const ask = (headers: Record<string, string> = {}) =>
    policy.input(request(chat('hi'), { headers: new Map(Object.entries(headers)) }));
  return {
    policy,
    ask,
    verdicts: (count: number, headers: Record<string, string> = {}) =>
      Array.from({ length: count }, () => ask(headers).steps[0]?.verdict),
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

const curl = { 'user-agent': 'curl/8', 'x-forwarded-for': '192.0.2.7', authorization: 'Bearer a' };

describe('bot-detector', () => {
  it('lets five requests a minute pass and notes the others, by default', () => {
    const gateway = gatewayOf({});
    expect(gateway.verdicts(7, curl)).toEqual([...Array(5).fill('allow'), 'warn', 'warn']);
    const outcome = gateway.ask(curl);
    expect(outcome).toMatchObject({ verdict: 'allow', steps: [{ reasonCode: TOO_MANY }] });
    expect(outcome.warnings).toHaveLength(1);
    gateway.pass(60);
    expect(gateway.verdicts(1, curl)).toEqual(['allow']);
    expect(gateway.policy.headersRead).toEqual(['authorization', 'user-agent', 'x-forwarded-for']);
  });

  it('blocks on demand, without saying whom', () => {
    const gateway = gatewayOf({ action: 'block', max_requests_per_window: 1 });
    expect(gateway.verdicts(2, curl)).toEqual(['allow', 'block']);
    const outcome = gateway.ask(curl);
    expect(outcome.blockedBy).toMatchObject({ policy: 'bot-detector', reasonCode: TOO_MANY });
    expect(outcome.blockedBy?.message).not.toMatch(/curl|192|Bearer/);
  });

  it('counts in windows of the length that is asked for', () => {
    const gateway = gatewayOf({ profile_window_seconds: 10, max_requests_per_window: 2 });
    expect(gateway.verdicts(3)).toEqual(['allow', 'allow', 'warn']);
    gateway.pass(9);
    expect(gateway.verdicts(1)).toEqual(['warn']);
    gateway.pass(1);
    expect(gateway.verdicts(3)).toEqual(['allow', 'allow', 'warn']);
  });

  it.each<[number, Record<string, string>, boolean]>([
    [0.9, { ...curl }, true],
    [0.9, { ...curl, 'user-agent': 'other' }, false],
    [0.6, { ...curl, 'user-agent': 'other' }, true],
    [0.6, { ...curl, 'user-agent': 'other', authorization: 'Bearer b' }, false],
    [0.3, { ...curl, 'user-agent': 'other', authorization: 'Bearer b' }, true],
    [0.3, { 'user-agent': 'other', 'x-forwarded-for': 'x', authorization: 'b' }, false],
    [0, { 'user-agent': 'other', 'x-forwarded-for': 'x', authorization: 'b' }, true],
  ])('with a threshold of %s takes %j for the same caller: %s', (threshold, headers, same) => {
    const gateway = gatewayOf({ similarity_threshold: threshold, max_requests_per_window: 1 });
    gateway.ask(curl);
    expect(gateway.ask(headers).steps[0]?.verdict).toBe(same ? 'warn' : 'allow');
  });

  it('looks at the headers that are named, in any case, and at absent ones', () => {
    const gateway = gatewayOf({ fingerprint_fields: ['X-User-ID', 'x-user-id'], max_requests_per_window: 1 });
    expect(gateway.policy.headersRead).toEqual(['x-user-id']);
    expect(gateway.verdicts(1, { 'x-user-id': 'ana' })).toEqual(['allow']);
    expect(gateway.verdicts(1, { 'x-user-id': 'ben' })).toEqual(['allow']);
    expect(gateway.verdicts(1, { 'x-user-id': 'ana', 'user-agent': 'other' })).toEqual(['warn']);
    expect(gateway.verdicts(2)).toEqual(['allow', 'warn']);
    expect(gateway.verdicts(1, { 'x-user-id': 'null' })).toEqual(['allow']);
  });

  it.each([
    { fingerprint_fields: [] },
    { fingerprint_fields: ['a b'] },
    { max_requests_per_window: 0 },
    { similarity_threshold: 2 },
  ])('refuses %j', (settings) => {
    expect(codesOf(documentOf('bot-detector', settings))).toEqual(['POLICY_SHAPE']);
  });
});
