import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startShapes } from './shapes.testkit.ts';
import { sendJson } from './upstream.testkit.ts';

// Every endpoint answered whole, through real sockets, by a target that speaks its own format.

let gateway: Awaited<ReturnType<typeof startShapes>>;
beforeAll(async () => {
  gateway = await startShapes();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.upstream.received.length = 0;
});

const SECRET = 'ACM-20419833';
const REDACTED = expect.not.stringContaining('20419833') as string;

/** What the upstream answers next. */
function answerWith(body: unknown, status = 200): void {
  gateway.upstream.script = (_request, response) => sendJson(response, status, body);
}

const message = (content: readonly object[], more: object = {}): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, cache_creation_input_tokens: 4, cache_read_input_tokens: 5, output_tokens: 6 },
  ...more,
});

const ask = (text: string): object => ({
  model: 'claude',
  max_tokens: 100,
  messages: [{ role: 'user', content: text }],
});

describe('/v1/embeddings', () => {
  test('goes to its own path with redacted inputs, and the vectors come back as they are', async () => {
    const vectors = {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.1, 20419833] }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    };
    answerWith(vectors);
    const answer = await gateway.post('/v1/embeddings', {
      model: 'gpt',
      input: ['plain', `order ${SECRET}`],
      dimensions: 8,
    });
    expect([answer.status, await answer.json()]).toEqual([200, vectors]);
    const [got] = gateway.upstream.received;
    expect([got?.path, got?.body['dimensions'], got?.body['stream_options']]).toEqual(['/v1/embeddings', 8, undefined]);
    expect(got?.raw).toEqual(REDACTED);
    expect(got?.raw).toContain('"plain"');
  });

  test.each([
    ['no input', {}],
    ['an empty list', { input: [] }],
    ['numbers of tokens, which no policy can read', { input: [1, 2] }],
    ['lists of them', { input: [[1, 2]] }],
    ['too many inputs', { input: Array.from({ length: 2049 }, () => 'a') }],
    ['a stream', { input: 'a', stream: true }],
  ])('refuses %s', async (_, body) => {
    const answer = await gateway.post('/v1/embeddings', { model: 'gpt', ...body });
    expect([answer.status, await answer.json()]).toMatchObject([422, { error: { code: 'malformed_request' } }]);
    expect(gateway.upstream.received).toHaveLength(0);
  });

  test('is not asked of a target of another format', async () => {
    const answer = await gateway.post('/v1/embeddings', { model: 'claude', input: 'a' });
    expect([answer.status, await answer.json()]).toMatchObject([422, { error: { code: 'not_carried' } }]);
    expect(gateway.upstream.received).toHaveLength(0);
  });
});

describe('/v1/messages', () => {
  test("forwards the client's own bytes with the key and the version of the target", async () => {
    answerWith(message([{ type: 'text', text: 'Hello.' }]));
    const answer = await gateway.post('/v1/messages', ask('hi'), {
      'x-api-key': 'client',
      'anthropic-version': '2030-01-01',
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { content: [{ text: 'Hello.' }] }]);
    expect(answer.headers.get('request-id')).toBe(answer.headers.get('x-request-id'));
    const [got] = gateway.upstream.received;
    expect([got?.path, got?.raw]).toEqual(['/v1/messages', JSON.stringify(ask('hi'))]);
    expect(got?.headers).toMatchObject({ 'x-api-key': 'sk-upstream', 'anthropic-version': '2023-06-01' });
    expect(got?.headers['authorization']).toBeUndefined();
  });

  test('has a cache filled by a request that asks for no answer', async () => {
    const filled = message([], { stop_reason: 'max_tokens', usage: { input_tokens: 3, output_tokens: 0 } });
    answerWith(filled);
    const answer = await gateway.post('/v1/messages', { ...ask('hi'), max_tokens: 0 });
    expect([answer.status, await answer.json()]).toEqual([200, filled]);
    expect(gateway.upstream.received[0]?.body['max_tokens']).toBe(0);
  });

  test('redacts the request, the answer and the arguments of tools', async () => {
    answerWith(
      message([
        { type: 'thinking', thinking: SECRET, signature: 's' },
        { type: 'text', text: `It is ${SECRET}.` },
        { type: 'tool_use', id: 't', name: 'find', input: { order: SECRET, note: 'kept' } },
      ]),
    );
    const answer = await gateway.post('/v1/messages', { ...ask(`where is ${SECRET}?`), system: `never say ${SECRET}` });
    const text = await answer.text();
    expect(text).toEqual(REDACTED);
    expect(text).toContain('"note":"kept"');
    expect(gateway.upstream.received[0]?.raw).toEqual(REDACTED);
  });

  test("refuses in the form of Anthropic's SDKs, and says that a block stays one", async () => {
    const blocked = await gateway.post('/v1/messages', ask('about Larkspur'));
    expect([blocked.status, blocked.headers.get('x-should-retry')]).toEqual([409, 'false']);
    expect(await blocked.json()).toEqual({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: expect.any(String),
        policy: 'entity-list-filter',
        code: 'input_blocked',
      },
    });
    answerWith(message([{ type: 'text', text: 'Larkspur' }]));
    expect(await (await gateway.post('/v1/messages', ask('hi'))).json()).toMatchObject({
      type: 'error',
      error: { code: 'output_blocked' },
    });
    answerWith({ type: 'error', error: { type: 'overloaded_error', message: 'busy' } }, 529);
    expect(await (await gateway.post('/v1/messages', ask('hi'))).json()).toMatchObject({
      error: { type: 'api_error', code: 'upstream_error' },
    });
    answerWith({ type: 'error', error: { type: 'invalid_request_error', message: 'no' } }, 400);
    const rejected = await gateway.post('/v1/messages', ask('hi'));
    expect([rejected.status, await rejected.json()]).toMatchObject([
      400,
      { type: 'error', error: { type: 'invalid_request_error', code: 'upstream_rejected' } },
    ]);
    const tooLong = 'prompt is too long: 212345 tokens > 200000 maximum';
    answerWith({ type: 'error', error: { type: 'invalid_request_error', message: tooLong } }, 400);
    expect(await (await gateway.post('/v1/messages', ask('hi'))).json()).toMatchObject({
      error: {
        message: 'The prompt is too long: it exceeds the maximum context length of the model.',
        details: { reason: 'context_length_exceeded' },
      },
    });
    expect((await gateway.post('/v1/messages', { messages: [] })).status).toBe(422);
    expect(await (await gateway.post('/v1/messages', { ...ask('hi'), model: 'nobody' })).json()).toMatchObject({
      error: { type: 'not_found_error' },
    });
  });
});

describe('/v1/responses', () => {
  test('goes to its own path; request and answer are redacted, items of other types too', async () => {
    answerWith({
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      output: [
        {
          type: 'message',
          id: 'm',
          role: 'assistant',
          content: [{ type: 'output_text', text: `It is ${SECRET}.`, annotations: [] }],
        },
        { type: 'function_call', id: 'f', call_id: 'c', name: 'find', arguments: JSON.stringify({ order: SECRET }) },
        { type: 'mcp_call', id: 'mc', name: 'find', output: SECRET },
      ],
      usage: { input_tokens: 9, output_tokens: 4, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 13 },
    });
    const answer = await gateway.post('/v1/responses', { model: 'gpt', input: `where is ${SECRET}?` });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toEqual(REDACTED);
    const [got] = gateway.upstream.received;
    expect(got?.path).toBe('/v1/responses');
    expect(got?.raw).toEqual(REDACTED);
  });

  test.each([
    { previous_response_id: 'resp_1' },
    { conversation: { id: 'conv_1' }, input: [] },
    { prompt: { id: 'p' }, input: null },
  ])('goes on with what the provider keeps: %o', async (more) => {
    answerWith({ id: 'resp_2', object: 'response', status: 'completed', output: [] });
    expect((await gateway.post('/v1/responses', { model: 'gpt', ...more })).status).toBe(200);
    expect(gateway.upstream.received[0]?.body).toEqual({ model: 'gpt', ...more });
  });

  test.each([
    ['no input', {}],
    ['input that is neither a text nor a list', { input: {}, previous_response_id: 'resp_1' }],
    ['an answer that is fetched later', { input: 'a', background: true }],
    ['a model that is no text', { input: 'a', model: 7 }],
  ])('refuses %s', async (_, body) => {
    const answer = await gateway.post('/v1/responses', { model: 'gpt', ...body });
    expect([answer.status, await answer.json()]).toMatchObject([422, { error: { code: 'malformed_request' } }]);
  });
});

describe('a target of the other format', () => {
  const question = { role: 'user', content: `where is ${SECRET}?` };

  test('is asked for a chat completion in messages, and what it answers is governed as a chat completion', async () => {
    answerWith(
      message([
        { type: 'text', text: `It is ${SECRET}.` },
        { type: 'tool_use', id: 't', name: 'find', input: { order: SECRET } },
      ]),
    );
    const answer = await gateway.post('/v1/chat/completions', { model: 'claude', messages: [question] });
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toEqual(REDACTED);
    expect(JSON.parse(text)).toMatchObject({
      object: 'chat.completion',
      choices: [
        { message: { content: expect.stringMatching(/^It is \[/), tool_calls: [{ id: 't' }] }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 12, completion_tokens: 6 },
    });
    const [got] = gateway.upstream.received;
    expect([got?.path, got?.headers['x-api-key'], got?.body['model'], got?.body['max_tokens']]).toEqual([
      '/v1/messages',
      'sk-upstream',
      'claude',
      4096,
    ]);
    expect(got?.raw).toEqual(REDACTED);
  });

  test('is asked for a message in chat completions, and what it answers is governed as a message', async () => {
    answerWith({
      id: 'c',
      model: 'gpt',
      choices: [{ index: 0, message: { role: 'assistant', content: `It is ${SECRET}.` }, finish_reason: 'length' }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    });
    const answer = await gateway.post('/v1/messages', { model: 'gpt', max_tokens: 50, messages: [question] });
    const text = await answer.text();
    expect(text).toEqual(REDACTED);
    expect(JSON.parse(text)).toMatchObject({
      type: 'message',
      stop_reason: 'max_tokens',
      usage: { input_tokens: 5, output_tokens: 2 },
    });
    const [got] = gateway.upstream.received;
    expect([got?.path, got?.headers['authorization'], got?.body['max_completion_tokens']]).toEqual([
      '/v1/chat/completions',
      'Bearer sk-upstream',
      50,
    ]);
    expect(got?.raw).toEqual(REDACTED);
  });

  test('is not asked what it cannot be told', async () => {
    const chat = await gateway.post('/v1/chat/completions', { model: 'claude', messages: [question], seed: 1 });
    expect([chat.status, await chat.json()]).toMatchObject([
      422,
      { error: { code: 'not_carried', message: expect.stringContaining('"seed"') } },
    ]);
    const plain = { model: 'gpt', max_tokens: 50, messages: [question] };
    const asked = await gateway.post('/v1/messages', { ...plain, top_k: 4 });
    expect([asked.status, await asked.json()]).toMatchObject([
      422,
      { type: 'error', error: { code: 'not_carried', message: expect.stringContaining('"top_k"') } },
    ]);
    const beta = await gateway.post('/v1/messages', plain, { 'anthropic-beta': 'new-2026' });
    expect([beta.status, await beta.text()]).toEqual([422, expect.stringContaining('anthropic-beta')]);
    expect(gateway.upstream.received).toHaveLength(0);
  });

  test.each([
    ['no form in the endpoint', message([{ type: 'server_tool_use' }]), 'answer_not_carried', 'false'],
    ['nothing of an answer', { hello: 1 }, 'answer_not_carried', 'false'],
    ['no JSON object', 'text', 'upstream_error', null],
  ])('answers what has %s: the caller hears that, and whether to ask and pay again', async (_, body, code, retry) => {
    answerWith(body);
    const answer = await gateway.post('/v1/chat/completions', { model: 'claude', messages: [question] });
    expect([answer.status, await answer.json()]).toMatchObject([502, { error: { code } }]);
    expect(answer.headers.get('x-should-retry')).toBe(retry);
  });
});

test('features that are asked of Anthropic by a header go on to a target of its own format', async () => {
  answerWith(message([{ type: 'text', text: 'x' }]));
  await gateway.post('/v1/messages', ask('hi'), { 'anthropic-beta': 'new-2026' });
  const odd = await gateway.post('/v1/messages', ask('hi'), { 'anthropic-beta': 'not{a}list' });
  expect([odd.status, await odd.json()]).toMatchObject([422, { error: { code: 'malformed_request' } }]);
  expect(gateway.upstream.received.map((got) => got.headers['anthropic-beta'])).toEqual(['new-2026']);
});

test('models are listed in the form of the family that asks', async () => {
  const models = async (headers: Record<string, string>): Promise<unknown> =>
    (await fetch(`${gateway.url}/v1/models`, { headers })).json();
  expect(await models({})).toMatchObject({ object: 'list', data: [{ id: 'gpt', object: 'model' }, { id: 'claude' }] });
  expect(await models({ 'anthropic-version': '2023-06-01' })).toMatchObject({
    data: [
      { id: 'gpt', type: 'model', display_name: 'gpt', lifecycle: 'active', deprecated_at: null },
      { id: 'claude' },
    ],
    has_more: false,
    first_id: 'gpt',
    last_id: 'claude',
  });
});

test('one model is told in the form of the family that asks, and one that is not offered is not there', async () => {
  const model = (id: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.url}/v1/models/${id}`, { headers });
  expect(await (await model('gpt')).json()).toEqual({ id: 'gpt', object: 'model', created: 0, owned_by: 'tenantry' });
  const anthropic = { 'anthropic-version': '2023-06-01' };
  expect(await (await model('clau%64e', anthropic)).json()).toMatchObject({ type: 'model', id: 'claude' });
  const none = await model('meta-llama/Llama-3', anthropic);
  expect([none.status, await none.json()]).toMatchObject([
    404,
    { type: 'error', error: { type: 'not_found_error', code: 'model_not_found' } },
  ]);
  for (const id of ['', '%ff', '__proto__']) expect((await model(id)).status).toBe(404);
  expect((await gateway.post('/v1/models/gpt', {})).status).toBe(405);
});

test('a path that is not there is refused in the form of the family that asks', async () => {
  for (const path of ['/v1/messages/count_tokens', '/v1/models/claude', '/v1/escalations/none']) {
    const told = await gateway.post(path, ask('hi'), { 'anthropic-version': '2023-06-01' });
    const id = told.headers.get('x-request-id');
    expect(await told.json()).toMatchObject({ type: 'error', error: { type: expect.stringMatching(/_error$/) } });
    expect(told.headers.get('request-id')).toBe(id);
    const other = await gateway.post(path, ask('hi'));
    expect(await other.json()).toMatchObject({ error: { type: 'validation_error', policy: null } });
    expect(other.headers.get('request-id')).toBeNull();
  }
});

test('metrics name every endpoint', async () => {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const route of ['embeddings', 'messages', 'responses', 'models'])
    expect(metrics).toContain(`route="/v1/${route}"`);
});
