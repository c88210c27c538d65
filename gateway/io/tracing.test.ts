import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalLine } from '../../src/core/model/index.ts';
import { otlpTarget } from './sink-otlp.ts';
import { chainDocument, type Standalone, startStandalone, targetAt } from './standalone.testkit.ts';
import { echo, sendJson, startUpstream, type TestUpstream } from './upstream.testkit.ts';

// Traces through a gateway between a caller, two providers and a collector, all on loopback.

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

let upstream: TestUpstream;
let collector: TestUpstream;
let gateway: Standalone;

beforeEach(async () => {
  upstream = await startUpstream();
  collector = await startUpstream();
  collector.script = (_, response) => sendJson(response, 200, {});
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
  await collector.close();
});

/** Starts two targets at the one upstream, the second of which is asked when the first fails. */
async function start(isExported: boolean): Promise<void> {
  const targets = [targetAt(upstream.url, { id: 'first', model: 'gpt-4o' }), targetAt(upstream.url, { id: 'second' })];
  const providers = { targets, fallback: { enabled: true, max_fallback_attempts: 1 } };
  const policy = { 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } };
  const otlp = otlpTarget(`${collector.url}/`, 'x-team=ops%20team');
  gateway = await startStandalone({
    document: chainDocument(policy, targets, { providers }),
    variables: { KEY: 'sk-planted' },
    listen: (folder) => ({
      sinks: { eventsFile: join(folder, 'events.ndjson'), gatherMs: 5, ...(isExported ? { otlp } : {}) },
    }),
  });
}

async function ask(content: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await gateway.post('/v1/chat/completions', { messages: [{ role: 'user', content }] }, headers);
  await response.arrayBuffer();
  await gateway.running.service.sinks.drain();
  return response.status;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code: number };
}

/** Spans as the collector got them, in the shape of OTLP. */
function spans(): readonly Span[] {
  return collector.received.flatMap(({ body }) => {
    const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
}

const attributesOf = (span: Span | undefined): Record<string, unknown> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

function decisions(): readonly JournalLine[] {
  const lines = readFileSync(join(gateway.folder, 'events.ndjson'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as JournalLine).filter(({ event }) => event.type === 'decision');
}

describe('a trace', () => {
  test('goes on from the caller to every provider, with a span of each, and to the collector', async () => {
    await start(true);
    upstream.script = (request, response) =>
      request.body['model'] === 'gpt-4o' ? sendJson(response, 500, {}) : echo(request, response);
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'a=b', baggage: 'user=ann' };
    expect(await ask('Hello', headers)).toBe(200);
    const [whole, first, second] = spans();
    expect(spans()).toHaveLength(3);
    expect(new Set(spans().map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(whole).toMatchObject({ parentSpanId: PARENT, kind: 2, name: 'chat gpt-4o-mini', status: { code: 0 } });
    expect(first).toMatchObject({ parentSpanId: whole?.spanId, kind: 3, name: 'chat gpt-4o', status: { code: 2 } });
    expect(second).toMatchObject({ parentSpanId: whole?.spanId, kind: 3, name: 'chat gpt-4o-mini' });
    expect(upstream.received.map((got) => got.headers['traceparent'])).toEqual([
      `00-${TRACE}-${first?.spanId}-01`,
      `00-${TRACE}-${second?.spanId}-01`,
    ]);
    for (const got of upstream.received) {
      expect(got.headers['baggage']).toBeUndefined();
      expect(got.headers['tracestate']).toBeUndefined();
    }
    expect(attributesOf(first)).toMatchObject({ 'error.type': '500', 'tenantry.target': 'first' });
    expect(attributesOf(whole)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': '11',
      'gen_ai.usage.output_tokens': '7',
      'http.response.status_code': '200',
      'tenantry.verdict': 'allow',
    });
    expect(BigInt(whole?.endTimeUnixNano ?? 0) >= BigInt(whole?.startTimeUnixNano ?? 1)).toBe(true);
    expect(collector.received[0]?.path).toBe('/v1/traces');
    expect(collector.received[0]?.headers['x-team']).toBe('ops team');
  });

  test('that the caller does not sample is passed on and noted, and not exported', async () => {
    await start(true);
    await ask('Hello', { traceparent: `00-${TRACE}-${PARENT}-00` });
    expect(upstream.received[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(collector.received).toHaveLength(0);
    expect(decisions()[0]?.event).toMatchObject({ trace: { traceId: TRACE, sampled: false, attempts: [] } });
  });

  test('begins here where spans are exported and the caller sent none that can be read', async () => {
    await start(true);
    expect(await ask('about Larkspur', { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` })).toBe(409);
    const [whole] = spans();
    expect(whole?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(whole?.parentSpanId).toBeUndefined();
    expect(attributesOf(whole)).toMatchObject({ 'error.type': 'dlp.detected', 'tenantry.verdict': 'block' });
    expect(gateway.host.logged.join('')).toContain(String(whole?.traceId));
    expect(JSON.stringify(collector.received.map(({ raw }) => raw))).not.toMatch(/Larkspur|sk-planted/);
  });

  test('of which a collector rejects spans is not sent again; what it rejected is counted', async () => {
    await start(true);
    collector.script = (_, response) => sendJson(response, 200, { partialSuccess: { rejectedSpans: '2' } });
    await ask('Hello');
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('tenantry_gateway_sink_lost_lines_total{sink="otlp"} 2\n');
    await gateway.running.service.sinks.drain();
    expect(collector.received).toHaveLength(1);
  });

  test('is nothing where none is exported and the caller sent none', async () => {
    await start(false);
    await ask('Hello');
    expect(upstream.received[0]?.headers['traceparent']).toBeUndefined();
    expect(Object.keys(decisions()[0]?.event ?? {})).not.toContain('trace');
  });
});
