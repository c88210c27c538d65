import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startScripted, type TestToolServer } from './mcp.testkit.ts';
import { type Standalone, startStandalone } from './standalone.testkit.ts';
import { sendJson, startUpstream, type TestUpstream } from './upstream.testkit.ts';

// Integers beyond 2^53 through every place where a body is written anew: an id that is rounded is another one.

const LONG = '1234567890123456789';
const LISTED = '7777777777777777771';
const SECRET = 'ACM-20419833';

let upstream: TestUpstream;
let tools: TestToolServer;
let gateway: Standalone;

const documentOf = (origin: string, toolsUrl: string): object => {
  const place = { base_url: origin, secret_key_ref: { env: 'KEY' } };
  return {
    pack: { name: 'exact', version: '1.0.0', enabled: true },
    policies: { chain: ['dlp-filter'] },
    policy: { 'dlp-filter': { detect_patterns: ['ACM-[0-9]{8}', LISTED], action: 'redact' } },
    providers: {
      targets: [
        { id: 'oai', provider: 'openai', model: 'gpt', ...place },
        { id: 'ant', provider: 'anthropic', model: 'claude', ...place },
      ],
    },
    tool_servers: [{ id: 'docs', url: toolsUrl, allowed_tools: ['find'] }],
  };
};

beforeAll(async () => {
  upstream = await startUpstream();
  tools = await startScripted((response, { id }) => {
    const result = `{"content":[],"structuredContent":{"id":${LONG},"note":"${SECRET}"}}`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
  });
  gateway = await startStandalone({ document: documentOf(upstream.url, tools.url) });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
  await tools.close();
});
beforeEach(() => {
  upstream.received.length = 0;
});

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body,
  });

const sent = async (path: string, body: string): Promise<string> => {
  await (await post(path, body)).text();
  return upstream.received[0]?.raw ?? '';
};

const USE = `{"type":"tool_use","id":"t","name":"find","input":{"id":${LONG},"ids":[1,${LONG}],"note":"${SECRET}"}}`;
const turns = (model: string): string =>
  `{"model":"${model}","max_tokens":9,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[${USE}]},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}]}`;
const CALL = JSON.stringify(`{"id":${LONG}}`);
const called = `{"id":"t","type":"function","function":{"name":"find","arguments":${CALL}}}`;

test('go on in a request of which a policy changes something else', async () => {
  const raw = await sent('/v1/messages', turns('claude'));
  expect(raw).toContain(`"input":{"id":${LONG},"ids":[1,${LONG}],"note":"[REDACTED]"}`);
});

test('go on at the root of a stream, which is asked for its usage', async () => {
  const body = `{"model":"gpt","stream":true,"seed":${LONG},"messages":[{"role":"user","content":"hi"}]}`;
  expect(await sent('/v1/chat/completions', body)).toContain(`"seed":${LONG},`);
});

test('go on in what is carried from one format to the other', async () => {
  expect(await sent('/v1/messages', turns('gpt'))).toContain(JSON.stringify(`{"id":${LONG},`).slice(1, -1));
  upstream.received.length = 0;
  const chat = `{"model":"claude","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[${called}]}]}`;
  expect(await sent('/v1/chat/completions', chat)).toContain(`"input":{"id":${LONG}}`);
});

test('come back in an answer of which a policy changes something else, and in one that is translated', async () => {
  upstream.script = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      `{"type":"message","role":"assistant","content":[${USE}],"usage":{"input_tokens":1,"output_tokens":1}}`,
    );
  };
  const body = '"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
  const own = await post('/v1/messages', `{"model":"claude",${body}`);
  expect(await own.text()).toContain(`"input":{"id":${LONG},"ids":[1,${LONG}],"note":"[REDACTED]"}`);
  const chat = await post('/v1/chat/completions', `{"model":"claude",${body}`);
  expect(await chat.text()).toContain(JSON.stringify(`{"id":${LONG},"ids":[1,${LONG}]`).slice(1, -1));
  upstream.script = (_, response) => {
    const message = { role: 'assistant', content: null, tool_calls: [JSON.parse(called)] };
    sendJson(response, 200, { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
  };
  const translated = await post('/v1/messages', `{"model":"gpt",${body}`);
  expect(await translated.text()).toContain(`"input":{"id":${LONG}}`);
});

test('are read by policies as they stand there', async () => {
  const raw = await sent('/v1/messages', turns('claude').replaceAll(LONG, LISTED));
  expect(raw).toContain('"input":{"id":"[REDACTED]","ids":[1,"[REDACTED]"],"note":"[REDACTED]"}');
});

test('go to a tool and come back from it', async () => {
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find","arguments":{"id":${LONG}}}}`;
  const answer = await post('/mcp/docs', call, { 'mcp-protocol-version': '2025-06-18' });
  expect(await answer.text()).toContain(`"structuredContent":{"id":${LONG},"note":"[REDACTED]"}`);
  expect(tools.received.at(-1)?.raw).toContain(`"arguments":{"id":${LONG}}`);
});
