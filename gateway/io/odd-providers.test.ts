import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type RoutedGateway, startRouted } from './routing.testkit.ts';
import { chunk, completion, echo, eventsOf, sendJson, until } from './upstream.testkit.ts';

// What the HTTP fuzz found once: each of these came out wrong.

const KEY = 'sk-upstream';
let gateway: RoutedGateway | undefined;
afterEach(() => gateway?.close());

const start = async (): Promise<RoutedGateway> => {
  gateway = await startRouted({ targets: [{}] });
  return gateway;
};
const providerOf = ({ upstreams }: RoutedGateway): RoutedGateway['upstreams'][number] => {
  const [provider] = upstreams;
  if (provider === undefined) throw new Error('Expected a provider.');
  return provider;
};

const ESCAPED = KEY.replace('s', '\\u0073').replace('-', '\\u002d');
const SAID = [`{"error":{"message":"The key ${KEY} may not."}}`, `{"error":{"message":"The key ${ESCAPED} may not."}}`];

test.each([400, 409, 418, 451])(
  'a provider that repeats the key in a refusal of %i is not repeated',
  async (status) => {
    const started = await start();
    for (const said of SAID) {
      providerOf(started).script = (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(said);
      };
      const response = await started.ask();
      const text = await response.text();
      expect([response.status, text.includes('The key'), text.includes('upstream_rejected')]).toEqual([
        status,
        false,
        true,
      ]);
    }
  },
);

test.each([
  ['as it is', KEY],
  ['with escapes', ESCAPED],
])('an answer with the key in it %s is none, whole or as a stream', async (_, key) => {
  const started = await start();
  const said = JSON.stringify(completion('Use @.', { note: { '@': 1 } }));
  providerOf(started).script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(said.replace('@', key));
  };
  expect(await started.outcome()).toBe('502 upstream_error');
  // As a name of a field.
  providerOf(started).script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(said.replace('{"@"', `{"${key}"`));
  };
  expect(await started.outcome()).toBe('502 upstream_error');
  providerOf(started).script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk({ content: 'Use' })}${chunk({ content: '@' }).replace('@', key)}${chunk({}, 'stop')}`);
  };
  const text = await (await started.ask({ stream: true })).text();
  expect(text).toContain('"Use"');
  expect(text).not.toMatch(/upstream"|u0073|DONE/);
  expect(eventsOf(text).at(-1)).toContain('upstream_error');
});

test('an answer with a byte order mark before it is one', async () => {
  const started = await start();
  providerOf(started).script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(`\uFEFF${JSON.stringify(completion('Hello'))}`);
  };
  const response = await started.ask();
  expect([response.status, await response.json()]).toEqual([200, completion('Hello')]);
});

test.each<[string, string, (text: string) => string]>([
  ['lines that end by carriage returns alone', 'text/event-stream', (text) => text.replaceAll('\n', '\r')],
  ['a type in capitals', 'Text/Event-Stream; charset=utf-8', (text) => text],
  ['a space behind its last event', 'text/event-stream', (text) => text.replace('[DONE]', '[DONE] ')],
])('a stream with %s is one', async (_, type, written) => {
  const started = await start();
  providerOf(started).script = (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    response.end(written(`${chunk({ content: 'Hello' })}${chunk({}, 'stop')}data: [DONE]\n\n`));
  };
  const response = await started.ask({ stream: true });
  expect([response.status, eventsOf(await response.text()).length]).toEqual([200, 3]);
});

test('the account of a target is left out of what its provider says of a refusal', async () => {
  const started = await start();
  providerOf(started).script = (_request, response) => {
    const message = 'Project `proj_Secret` of organization org-MSP123 does not have access to model m.';
    sendJson(response, 404, { error: { message } });
  };
  const { error } = (await (await started.ask()).json()) as { error: { message: string } };
  expect(error.message).toBe('Project `[account]` of organization [account] does not have access to model m.');
});

test('a key that is a placeholder may be a word of an answer, and is taken out of refusals all the same', async () => {
  const started = await start();
  started.host.variables.set('UPSTREAM_KEY', 'EMPTY');
  providerOf(started).script = (_request, response) => sendJson(response, 200, completion('It is EMPTY.'));
  expect(await started.outcome()).toBe('200');
  providerOf(started).script = (_request, response) => sendJson(response, 400, { error: { message: 'Key EMPTY?' } });
  expect(await (await started.ask()).text()).not.toContain('EMPTY');
});

test.each([201, 202, 204, 206])(
  'an answer of %i is none of these interfaces: 502, not a refusal in its clothes',
  async (status) => {
    const started = await start();
    providerOf(started).script = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 204 ? undefined : JSON.stringify(completion('hello')));
    };
    expect(await started.outcome()).toBe('502 upstream_error');
  },
);

test.each(['application/json; charset=\u00c4\u0080', 'x'.repeat(300), ''])(
  'a content type %j is not repeated',
  async (type) => {
    const started = await start();
    providerOf(started).script = (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(JSON.stringify(completion('hello')));
    };
    const response = await started.ask();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  },
);

const requestOf = (body: string, length = body.length): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
const ASKED = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });

test('an answer that waits behind another one has no interim answer in it', async () => {
  const started = await start();
  const socket = connect(Number(new URL(started.url).port), '127.0.0.1');
  let got = '';
  socket.on('data', (part) => {
    got += part.toString();
  });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const last = requestOf(ASKED).replace(
    'host: localhost',
    'host: localhost\r\nexpect: 100-continue\r\nconnection: close',
  );
  socket.write(requestOf(ASKED) + last);
  await closed;
  const bodies = got.split(/HTTP\/1.1 200 OK\r\n[\s\S]*?\r\n\r\n/).slice(1);
  expect(bodies.map((body) => JSON.parse(body).choices[0].message.content)).toEqual(['hi', 'hi']);
});

test('a client that asks first is told to go on', async () => {
  const started = await start();
  const socket = connect(Number(new URL(started.url).port), '127.0.0.1');
  let got = '';
  socket.on('data', (part) => {
    if (got === '') socket.write(ASKED);
    got += part.toString();
  });
  const [head] = requestOf(ASKED).split(ASKED);
  socket.write(head?.replace('host: localhost', 'host: localhost\r\nexpect: 100-continue\r\nconnection: close') ?? '');
  await new Promise((resolve) => socket.on('close', resolve));
  expect(got.startsWith('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n')).toBe(true);
});

test('what is no HTTP behind a request that is being answered ends the connection, and is not its answer', async () => {
  const started = await start();
  let answerIt = (): void => {};
  providerOf(started).script = (request, response) => {
    answerIt = () => void echo(request, response);
  };
  const socket = connect(Number(new URL(started.url).port), '127.0.0.1');
  let got = '';
  socket.on('data', (part) => {
    got += part.toString();
  });
  socket.write(requestOf(ASKED));
  await until(() => started.counts()[0] === 1);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write('\x16\x03\x01 this is not HTTP\r\n\r\n');
  await closed;
  answerIt();
  expect(got).toBe('');
  await until(() => started.running.service.active === 0);
});

test('a client that leaves in the middle of its request is no failure of the gateway', async () => {
  const started = await start();
  const socket = connect(Number(new URL(started.url).port), '127.0.0.1');
  socket.write(requestOf(ASKED, 100_000));
  await until(() => started.running.service.active === 1);
  socket.destroy();
  await until(() => started.running.service.active === 0);
  const metrics = await (await fetch(`${started.url}/metrics`)).text();
  expect(metrics).not.toContain('internal_error');
});
