import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type RoutedGateway, type RoutedStart, startRouted } from './routing.testkit.ts';
import {
  chunk,
  echo,
  eventsOf,
  sendJson,
  streamedText,
  streamOf,
  type TestUpstream,
  until,
} from './upstream.testkit.ts';

// Where an answer begins, and what counts as one: until then another target may be asked, and nothing counts as answered.

let gateway: RoutedGateway;
afterEach(() => gateway.close());

const start = async (more: Omit<RoutedStart, 'targets'>, first: object = {}): Promise<TestUpstream> => {
  gateway = await startRouted({ targets: [first, {}], ...more });
  const [provider] = gateway.upstreams;
  if (provider === undefined) throw new Error('Expected a provider.');
  return provider;
};
const fallback = { enabled: true };
interface Report {
  readonly breaker: string | null;
  readonly latencyMs: number | null;
  readonly attempts: number;
  readonly failures: Record<string, number>;
}
const report = async (): Promise<Report> => {
  const answer = (await (await fetch(`${gateway.url}/tenantry/providers`)).json()) as { targets: readonly [Report] };
  return answer.targets[0];
};

type Break = (response: ServerResponse) => void;
const heading = (type: string, more: Break): Break => {
  return (response) => {
    response.writeHead(200, { 'content-type': type });
    response.flushHeaders();
    more(response);
  };
};
/** The connection ends after `text` has come. */
const reset =
  (text: string): Break =>
  (response) => {
    if (text === '') setImmediate(() => response.destroy());
    else response.write(text, () => response.destroy());
  };
const says =
  (text: string): Break =>
  (response) =>
    void response.end(text);
const silent =
  (text: string): Break =>
  (response) => {
    if (text !== '') response.write(text);
  };
const json = (more: Break): Break => heading('application/json', more);
const events = (more: Break): Break => heading('text/event-stream', more);

const WORDS = 'overloaded in org-MSP with key sk-upstream';
const COMMENTS = ': PROCESSING\n\n: PROCESSING\n\ndata: {"type":"ping"}\n\n';
type Case = readonly [string, Break, string];
const WHOLE: readonly [Case, ...Case[]] = [
  ['a reset after the headers', json(reset('')), 'broken'],
  ['a reset in its middle', json(reset('{"id":')), 'broken'],
  ['half of it', json(says('{"id":')), 'broken'],
  ['nothing', json(says('')), 'broken'],
  ['a page', heading('text/html', says('<html>Sign in</html>')), 'broken'],
  ['a text', json(says('"overloaded"')), 'broken'],
  ['silence after the headers', json(silent('')), 'timeout'],
  ['silence in its middle', json(silent('{"id":')), 'timeout'],
  ['an error', json(says(JSON.stringify({ error: { message: WORDS, code: 503 } }))), 'broken'],
  ['an error with an empty answer', json(says(JSON.stringify({ choices: [], error: { message: WORDS } }))), 'broken'],
];
const STREAM: readonly [Case, ...Case[]] = [
  ['a reset after the headers', events(reset('')), 'broken'],
  ['a reset after signs of life', events(reset(COMMENTS)), 'broken'],
  ['a reset in its first event', events(reset('data: {"id":')), 'broken'],
  ['nothing', events(says('')), 'broken'],
  ['signs of life alone', events(says(COMMENTS)), 'broken'],
  ['half an event', events(says('data: {"id":')), 'broken'],
  ['a page', heading('text/html', says('<html>Sign in</html>')), 'broken'],
  ['silence after the headers', events(silent('')), 'timeout'],
  ['silence after signs of life', events(silent(COMMENTS)), 'timeout'],
  ['an error', events(says(`data: ${JSON.stringify({ error: { message: WORDS } })}\n\n`)), 'broken'],
];

describe.each([
  [false, WHOLE],
  [true, STREAM],
] as const)('an answer (stream: %s) where', (stream, cases) => {
  test.each(cases)('%s is a failure of its target, and another one is asked', async (_, answer, kind) => {
    const first = await start({ providers: { fallback } }, { timeout_seconds: 1, stream_timeout_seconds: 1 });
    first.script = (_request, response) => answer(response);
    const response = await gateway.ask({ stream });
    const text = await response.text();
    expect([response.status, gateway.counts()]).toEqual([200, [1, 1]]);
    expect(text).toContain('hi');
    expect(text).not.toContain('sk-upstream');
    expect(await report()).toMatchObject({ attempts: 1, failures: { [kind]: 1 }, latencyMs: null });
  });

  test('nobody else answers is told by a status and no stream', async () => {
    const first = await start({}, { timeout_seconds: 1, stream_timeout_seconds: 1 });
    const [, broken] = cases[0];
    first.script = (_request, response) => broken(response);
    expect(await gateway.outcome({ stream })).toBe('502 upstream_error');
    const [, quiet] = cases.find(([, , kind]) => kind === 'timeout') ?? cases[0];
    first.script = (_request, response) => quiet(response);
    expect(await gateway.outcome({ stream })).toBe('504 upstream_timeout');
  });
});

test('what is no answer is asked for again where the document says so', async () => {
  const retry_policy = { max_retries: 2, backoff: { strategy: 'fixed', delay_ms: 1 } };
  const first = await start({ providers: { retry_policy } });
  let left = 2;
  first.script = (request, response) => {
    left -= 1;
    if (left >= 0) events(reset(COMMENTS))(response);
    else echo(request, response);
  };
  expect(streamedText(await (await gateway.ask({ stream: true })).text())).toBe('hi');
  expect(gateway.counts()).toEqual([3, 0]);
});

test('a stream opens with its first event, which goes out at once, and has then begun', async () => {
  const first = await start({ providers: { fallback } });
  let go: () => void = () => {};
  first.script = (_request, response) => {
    events(silent(`${COMMENTS}${chunk({ content: 'Hello' })}`))(response);
    go = () => response.destroy();
  };
  const { status, body } = await gateway.ask({ stream: true });
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let got = '';
  // The provider says nothing more until this has come.
  while (!got.includes('Hello')) got += decoder.decode((await reader?.read())?.value);
  go();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    got += decoder.decode(part.value);
  }
  expect([status, gateway.counts()]).toEqual([200, [1, 0]]);
  expect(eventsOf(got).at(-1)).toContain('upstream_error');
  expect((await report()).failures).toEqual({ 'broken-midway': 1 });
});

describe('a target', () => {
  const circuit_breaker = { consecutive_failure_threshold: 2 };
  const routing = { strategy: 'lowest_latency', min_sample_count: 1, exploration_ratio: 0 };

  test.each([402, 403, 404, 409, 418, 429, 451])('that answers %i is not the quickest', async (status) => {
    const first = await start({ providers: { fallback, routing } });
    first.script = (_request, response) => sendJson(response, status, { error: { message: 'no' } });
    await (await gateway.ask()).text();
    const seen = await report();
    expect([seen.latencyMs, seen.attempts]).toEqual([null, 1]);
    // The other one is measured once, and then it is.
    first.script = (_request, response) => sendJson(response, 500, {});
    expect(await gateway.outcome()).toBe('200');
    const [asked] = gateway.counts();
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()[0]).toBe(asked);
  });

  test('that wants to be paid has failed, like one that takes no key, and its words stay here', async () => {
    const first = await start({ providers: { fallback: { enabled: true, trigger_on: ['auth_error'] } } });
    first.script = (_request, response) => sendJson(response, 402, { error: { message: 'Insufficient credits.' } });
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([1, 1]);
    expect(gateway.host.logged.join('')).toContain('wants to be paid');
    await gateway.close();
    (await start({ providers: { fallback } })).script = first.script;
    const response = await gateway.ask();
    expect([response.status, await response.text()]).toEqual([502, expect.not.stringContaining('Insufficient')]);
    expect(gateway.counts()).toEqual([1, 0]);
  });

  test.each([
    ['an error', `data: ${JSON.stringify({ error: { message: WORDS } })}\n\n`],
    ['no end', ''],
  ])('whose streams end with %s has failed', async (_, end) => {
    const first = await start({ providers: { circuit_breaker } });
    first.script = (_request, response) => events(says(`${chunk({ content: 'Half' })}${end}`))(response);
    for (let turn = 0; turn < 2; turn += 1) {
      const text = await (await gateway.ask({ stream: true })).text();
      expect(eventsOf(text).at(-1)).toContain('upstream_error');
      expect(text).not.toMatch(/sk-upstream|DONE/);
    }
    expect(await report()).toMatchObject({ breaker: 'open', failures: { 'failed-midway': 2 } });
  });

  test('that resets the connection after the last event of a stream has answered', async () => {
    const first = await start({ providers: { circuit_breaker } });
    first.script = (_request, response) => events(reset(streamOf(['Whole.'])))(response);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await (await gateway.ask({ stream: true })).text()).toMatch(/data: \[DONE\]\n\n$/);
    }
    expect(await report()).toMatchObject({ breaker: 'closed', failures: {} });
  });

  test.each([false, true])('has not failed a client that leaves (stream: %s)', async (stream) => {
    const first = await start({ providers: { circuit_breaker, fallback } });
    for (const answer of [silent(''), stream ? events(silent(COMMENTS)) : json(silent('{"id":'))]) {
      const before = first.received.length;
      first.script = (_request, response) => answer(response);
      const leaving = new AbortController();
      const asked = fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        signal: leaving.signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-4o-mini', stream, messages: [{ role: 'user', content: 'hi' }] }),
      }).catch(() => 'left');
      await until(() => first.received.length === before + 1);
      leaving.abort();
      expect(await asked).toBe('left');
      await until(() => gateway.running.service.active === 0, 'the end of the request');
    }
    expect(await report()).toMatchObject({ breaker: 'closed', failures: {} });
    expect(gateway.counts()).toEqual([2, 0]);
  });
});
