import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTestHost } from '../gateway/io/host.testkit.ts';
import { startPlane, type TestPlane, TOKEN } from '../gateway/io/plane.testkit.ts';
import { documentOf } from '../gateway/io/routing.testkit.ts';
import { type Running, runManaged } from '../gateway/io/run.ts';
import { chunk, echo, sendJson, startUpstream, type TestUpstream, until } from '../gateway/io/upstream.testkit.ts';
import { seedOf } from '../scripts/check/property-seed.ts';
import { drawFrom } from '../scripts/soak/draw.ts';

// An enrolled gateway with every part of routing on, in front of providers that fail at random, asked by many clients at once
// of whom some leave. `npm run soak -- routing` sends many more requests by every strategy.

const REQUESTS = Number(process.env['TENANTRY_ROUTING_REQUESTS'] ?? 60);
const REPORT = process.env['TENANTRY_ROUTING_REPORT'];
const ALL = [
  'ordered',
  'lowest_latency',
  'highest_throughput',
  'round_robin',
  'weighted_round_robin',
  'least_connections',
  'random',
  'simple_shuffle',
  'least_busy',
  'usage_based',
];
const STRATEGIES = REPORT === undefined ? ['weighted_round_robin', 'lowest_latency'] : ALL;
const AT_ONCE = 8;

const draw = drawFrom(seedOf(process.env['TENANTRY_PROPERTY_SEED']));
let upstreams: readonly TestUpstream[] = [];
let plane: TestPlane;
let running: Running | undefined;
let folder = '';

beforeEach(async () => {
  upstreams = await Promise.all(Array.from({ length: 6 }, () => startUpstream()));
  plane = await startPlane();
});
afterEach(async () => {
  await running?.stop(500);
  await plane.close();
  for (const upstream of upstreams) await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a provider may do to a request. */
const FAULTS: readonly TestUpstream['script'][] = [
  echo,
  echo,
  echo,
  (_request, response) => sendJson(response, 503, {}),
  (_request, response) => sendJson(response, 429, {}),
  (_request, response) => sendJson(response, 400, { error: { code: 'content_filter' } }),
  (_request, response) => sendJson(response, 404, {}),
  (_request, response) => sendJson(response, 401, {}),
  (_request, response) => void response.destroy(),
  (_request, response) => void response.writeHead(307, { location: `${upstreams[3]?.url}/v1/chat/completions` }).end(),
  (request, response) => void setTimeout(() => echo(request, response), 10),
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ content: 'partial' }), () => response.destroy());
  },
];

/** Three targets that may answer and three that must not: another region, training allowed, left out. */
function policyWith(strategy: string): string {
  const good = {
    region: 'eu',
    data_policy: { training_opt_out: true },
    ...(/weighted|shuffle/.test(strategy) ? { weight: 2 } : {}),
  };
  const targets = [
    good,
    good,
    { ...good, model: 'other' },
    { ...good, region: 'us' },
    { ...good, data_policy: { training_opt_out: false } },
    good,
  ];
  const written = documentOf({
    targets,
    providers: {
      routing: { strategy, require_region: 'eu', ignore: ['f'] },
      fallback: { enabled: true },
      retry_policy: { max_retries: 1, backoff: { strategy: 'exponential', base_ms: 1 } },
      circuit_breaker: { consecutive_failure_threshold: 4, cooldown_seconds: 1 },
      model_groups: [
        { name: 'desk', targets: ['b', 'd', 'e'], fallback_group: 'rest' },
        { name: 'rest', targets: ['f', 'a', 'c'] },
      ],
    },
    document: {
      policies: { chain: ['data-routing-policy'] },
      policy: { 'data-routing-policy': { require_no_training: true } },
    },
  });
  return written(upstreams.map(({ url }) => url));
}

const prices = ['gpt-4o-mini', 'other'].map((model) => ({
  model,
  currency: 'EUR',
  fromMs: 0,
  inputMicrosPerMillion: 1000,
  outputMicrosPerMillion: 1000,
}));

/** One request, whole or a stream, of a model, of a group or of nothing in particular; every tenth client leaves. */
async function askOnce(url: string): Promise<number> {
  const model = ['gpt-4o-mini', 'desk', 'rest', undefined][Math.floor(draw() * 4)];
  const leaves = draw() < 0.1 ? AbortSignal.timeout(1 + Math.floor(draw() * 10)) : null;
  const body = { model, stream: draw() < 0.3, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(body),
      signal: leaves,
    });
    await response.text();
    return response.status;
  } catch {
    return 0;
  }
}

test('whatever providers do, nobody asks who must not be asked, and every attempt is held, written and ended once', async () => {
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  await plane.publish(policyWith('ordered'), { prices });
  folder = plane.enrolledState();
  running = await runManaged(
    { stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 },
    { ...host, random: draw },
  );
  for (const upstream of upstreams) {
    upstream.script = (request, response) => FAULTS[Math.floor(draw() * FAULTS.length)]?.(request, response);
  }
  const statuses = new Map<number, number>();
  const { url, service } = running;
  for (const strategy of STRATEGIES) {
    await plane.publish(policyWith(strategy), { prices });
    await until(() => service.snapshot?.policy.routing.strategy === strategy, strategy);
    for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => askOnce(url)));
      for (const status of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  await until(() => service.active === 0, 'the end of every request');
  expect(await running.shipping?.drain()).toBe(true);
  const attempts = plane.lines.filter(({ event }) => event.type === 'intent').length;
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify({ attempts, statuses: [...statuses] }));

  const received = upstreams.map((upstream) => upstream.received.length);
  expect(received.slice(3)).toEqual([0, 0, 0]);
  expect(received.slice(0, 3).every((count) => count > 0)).toBe(true);
  for (const status of statuses.keys()) expect([0, 200, 400, 404, 429, 502]).toContain(status);
  const { snapshot, measures } = service;
  const reports = snapshot === null ? [] : measures.describe(snapshot.policy);
  expect(reports.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 0, 0, 0]);
  // A client that leaves may take its connection away before the provider has read of it.
  const total = received.reduce((sum, count) => sum + count, 0);
  expect(reports.reduce((sum, { attempts }) => sum + attempts, 0)).toBeGreaterThanOrEqual(total);

  const open = new Map<string, number>();
  const seen = new Set<string>();
  for (const { event } of plane.lines) {
    if (event.type === 'intent') {
      expect(['a', 'b', 'c']).toContain(event.target);
      expect(seen).not.toContain(event.id);
      seen.add(event.id);
      open.set(event.requestId, (open.get(event.requestId) ?? 0) + event.wallets.length);
    } else if (event.type === 'decision') {
      // Each hold of each attempt ends in the one decision of its request.
      expect(event.wallets).toHaveLength(open.get(event.requestId) ?? 0);
      for (const { heldMicros, settledMicros } of event.wallets) expect(settledMicros).toBeLessThanOrEqual(heldMicros);
      open.delete(event.requestId);
    }
  }
  expect([...open]).toEqual([]);
  expect(attempts).toBeGreaterThanOrEqual(total);
}, 600_000);
