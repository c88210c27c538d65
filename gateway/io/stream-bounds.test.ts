import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type RoutedGateway, type RoutedStart, startRouted } from './routing.testkit.ts';
import { chunk, echo, eventsOf, type TestUpstream, until } from './upstream.testkit.ts';

// How long a stream may be, and how long its reader may let it wait.

let gateway: RoutedGateway;
afterEach(() => gateway.close());

const start = async (more: Partial<RoutedStart>): Promise<TestUpstream> => {
  gateway = await startRouted({ targets: [{}], ...more });
  const [provider] = gateway.upstreams;
  if (provider === undefined) throw new Error('Expected a provider.');
  return provider;
};
const FILTER = {
  policies: { chain: ['dlp-filter'] },
  policy: { 'dlp-filter': { blocked_terms: ['zzz'], action: 'redact' } },
};

test.each([
  ['nobody reads', {}],
  ['a policy reads', FILTER],
])('a stream that %s ends where the provider has sent more than the document allows', async (_, document) => {
  const provider = await start({ document: { ...document, size_limits: { max_response_bytes: 2000 } } });
  let more: () => void = () => {};
  provider.script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ content: 'Hello. ' }));
    more = () => response.write(chunk({ content: 'x'.repeat(150) }));
  };
  const { body } = await gateway.ask({ stream: true });
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let got = '';
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    got += decoder.decode(part.value);
    more();
  }
  expect(eventsOf(got)[0]).toContain('Hello.');
  expect(eventsOf(got).at(-1)).toContain('"code":"upstream_too_large"');
  expect(got).not.toContain('[DONE]');
  expect(got.length).toBeLessThan(2300);
  // Who sends much has not failed.
  const answer = (await (await fetch(`${gateway.url}/tenantry/providers`)).json()) as { targets: readonly object[] };
  expect(answer.targets[0]).toMatchObject({ failures: {} });
});

test('a stream is as long as it is where the document says nothing', async () => {
  const provider = await start({});
  provider.script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let turn = 0; turn < 300; turn += 1) response.write(chunk({ content: 'x'.repeat(1000) }));
    response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
  };
  expect(await (await gateway.ask({ stream: true })).text()).toMatch(/data: \[DONE\]\n\n$/);
});

test('a client that stops reading is gone after the longest silence, and holds neither its slot nor the provider', async () => {
  const provider = await start({
    targets: [{ stream_timeout_seconds: 1 }],
    providers: { scope_rate_limits: { max_parallel_requests: 1 } },
  });
  provider.script = async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const closed = once(response, 'close');
    // Without an end, at the pace of its reader.
    while (!response.destroyed) {
      if (response.write(chunk({ content: 'x'.repeat(50_000) }))) continue;
      await Promise.race([closed, new Promise((resolve) => response.once('drain', resolve))]);
    }
  };
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  const body = JSON.stringify({
    model: 'gpt-4o-mini',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  });
  socket.on('error', () => {});
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => gateway.running.service.active === 1, 'the request');
  await until(() => gateway.running.service.active === 0 && provider.aborted === 1, 'the end of the request');
  provider.script = echo;
  expect(await gateway.outcome()).toBe('200');
  const answer = (await (await fetch(`${gateway.url}/tenantry/providers`)).json()) as { targets: readonly object[] };
  expect(answer.targets[0]).toMatchObject({ failures: {}, inFlight: 0 });
  socket.destroy();
});
