import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KeptLine } from '../core/index.ts';
import { createPosts, type Posts } from './posts.ts';
import { createOtlpSink, otlpTarget } from './sink-otlp.ts';
import { sendJson, startUpstream, type TestUpstream } from './upstream.testkit.ts';

describe('a collector', () => {
  test('is named by a plain address and headers, and a secret is not repeated', () => {
    expect(otlpTarget('https://c.example:4318/base/', 'authorization=Bearer%20x, b=c')).toEqual({
      url: 'https://c.example:4318/base/v1/traces',
      host: 'c.example',
      headers: { authorization: 'Bearer x', b: 'c' },
    });
    for (const text of [
      'ftp://c',
      'http://planted@c',
      'http://:planted@c',
      'http://c/?key=planted',
      'http://c/#planted',
      'planted',
    ]) {
      expect(() => otlpTarget(text, undefined)).toThrow(/^expected --otlp (?!.*planted)/);
    }
    for (const pairs of ['a=b,planted', 'a=b,=planted', 'a=b,c d=planted', 'a=b,c=d\nplanted']) {
      expect(() => otlpTarget('http://c', pairs)).toThrow(
        /^expected OTEL\S+ to (?!.*planted).* found something else at pair 2$/,
      );
    }
  });

  test('may be named with pairs that are empty, as a list that ends in a comma has one', () => {
    expect(otlpTarget('http://c', 'a=b,, c=,').headers).toEqual({ a: 'b', c: '' });
    expect(otlpTarget('http://c', undefined).headers).toEqual({});
  });
});

describe('what a collector says', () => {
  let collector: TestUpstream;
  let posts: Posts;
  beforeEach(async () => {
    collector = await startUpstream();
    posts = createPosts();
  });
  afterEach(async () => {
    await posts.close();
    await collector.close();
  });

  const trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), parentSpanId: null, sampled: true, attempts: [] };
  const line: KeptLine = {
    sequence: 1,
    hash: '0',
    text: JSON.stringify({
      event: { type: 'decision', at: 2, durationMs: 1, route: '/v1/messages', status: 200, trace },
    }),
  } as KeptLine;

  test.each([
    [200, {}, { kind: 'done' }],
    [200, { partialSuccess: {} }, { kind: 'done' }],
    [200, { partialSuccess: { rejectedSpans: '3' } }, { kind: 'done', rejected: 3 }],
    [200, { partialSuccess: { rejectedSpans: -3 } }, { kind: 'done' }],
    [200, { partialSuccess: { rejectedSpans: 1.5 } }, { kind: 'done' }],
    [200, { partialSuccess: { rejectedSpans: '1e400' } }, { kind: 'done' }],
    [200, null, { kind: 'done' }],
    // What is not taken at all goes again whole, whatever is said of its parts.
    [503, { partialSuccess: { rejectedSpans: '3' } }, { kind: 'again', why: 'status 503' }],
    [429, {}, { kind: 'again', why: 'status 429' }],
    [400, { partialSuccess: { rejectedSpans: '3' } }, { kind: 'refused', why: 'status 400' }],
  ])('with status %i and %j', async (status, body, delivery) => {
    collector.script = (_, response) => sendJson(response, status, body as object);
    const target = otlpTarget(collector.url, undefined);
    const sink = createOtlpSink({ target, posts, resource: { org: null, gateway: null, fleet: null } });
    expect(await sink.deliver([line])).toEqual(delivery);
  });
});
