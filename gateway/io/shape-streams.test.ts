import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ShapesGateway, startShapes } from './shapes.testkit.ts';

// Every endpoint streamed, through real sockets, by targets of its own format and of the other one.

let gateway: ShapesGateway;
beforeAll(async () => {
  gateway = await startShapes();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.upstream.received.length = 0;
});

const SECRET = 'ACM-20419833';
const REDACTED = expect.not.stringContaining('20419833') as string;
const DONE = 'data: [DONE]\n\n';

/** Streams `events` as they are, some bytes at a time. */
function streamWith(events: readonly object[], end = ''): void {
  gateway.upstream.script = async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + end);
    for (let at = 0; at < bytes.length; at += 61) {
      response.write(bytes.subarray(at, at + 61));
      if (at % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
}

const messageEvents = (block: object, deltas: readonly object[], stop = 'end_turn'): readonly object[] => [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      role: 'assistant',
      model: 'claude',
      content: [],
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: block },
  ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 6 } },
  { type: 'message_stop' },
];
const textEvents = (parts: readonly string[], stop?: string): readonly object[] =>
  messageEvents(
    { type: 'text', text: '' },
    parts.map((text) => ({ type: 'text_delta', text })),
    stop,
  );

const chunks = (deltas: readonly object[], finish: string): readonly object[] => [
  ...deltas.map((delta) => ({ id: 'c', model: 'gpt', choices: [{ index: 0, delta, finish_reason: null }] })),
  { id: 'c', model: 'gpt', choices: [{ index: 0, delta: {}, finish_reason: finish }] },
  { id: 'c', model: 'gpt', choices: [], usage: { prompt_tokens: 3, completion_tokens: 6 } },
];

const dataOf = (body: string): readonly Record<string, unknown>[] =>
  [...body.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Record<string, unknown>);

const QUESTION = { messages: [{ role: 'user', content: 'where?' }], stream: true };
const askMessages = async (more: object = {}): Promise<string> =>
  (await gateway.post('/v1/messages', { ...QUESTION, model: 'claude', max_tokens: 9, ...more })).text();
const askChat = async (more: object = {}): Promise<string> =>
  (await gateway.post('/v1/chat/completions', { ...QUESTION, model: 'claude', ...more })).text();

test('messages are redacted event by event and end by message_stop', async () => {
  streamWith(textEvents(['It is ACM-2', '0419833, ', 'ok.']));
  const body = await askMessages();
  expect(body).toEqual(REDACTED);
  expect(body).toMatch(/event: message_stop\ndata: \{"type":"message_stop"\}\n\n$/);
  expect(gateway.upstream.received[0]?.headers['accept']).toBe('text/event-stream');
});

test('messages that a policy blocks end by an error event and without message_stop', async () => {
  streamWith(textEvents(['This is Lark', 'spur.']));
  const body = await askMessages();
  expect(body).not.toMatch(/Lark|message_stop/);
  expect(body).toMatch(/event: error\ndata: \{"type":"error","error":\{[^\n]*"code":"output_blocked"\}\}\n\n$/);
});

test('what the provider breaks off, by its words or without its last event, ends by an error event', async () => {
  const error = { type: 'error', error: { type: 'overloaded_error', message: 'busy with you' } };
  for (const last of [error, { type: 'ping' }]) {
    streamWith([...textEvents(['Hello.']).slice(0, 3), last]);
    for (const body of [await askMessages(), await askChat()]) {
      expect(body).not.toMatch(/message_stop|DONE|busy/);
      expect(body).toContain('"code":"upstream_error"');
    }
  }
  streamWith([{ error: { message: 'busy with you' } }], DONE);
  for (const body of [await askMessages({ model: 'gpt' }), await askChat({ model: 'gpt' })]) {
    expect(body).not.toMatch(/message_stop|DONE|busy/);
    expect(body).toContain('"code":"upstream_error"');
  }
});

test('responses are redacted, also where whole texts are repeated', async () => {
  const whole = `It is ${SECRET}.`;
  const part = { type: 'output_text', text: whole, annotations: [] };
  const done = { type: 'message', id: 'i', status: 'completed', role: 'assistant', content: [part] };
  const response = { id: 'r', object: 'response', status: 'in_progress', output: [] };
  const place = { item_id: 'i', output_index: 0, content_index: 0 };
  const usage = { input_tokens: 3, output_tokens: 4 };
  streamWith([
    { type: 'response.created', response },
    { type: 'response.output_item.added', output_index: 0, item: { ...done, content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...place, delta: 'It is ACM-204' },
    { type: 'response.output_text.delta', ...place, delta: '19833.' },
    { type: 'response.output_text.done', ...place, text: whole },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item: done },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [done], usage } },
  ]);
  const body = await (await gateway.post('/v1/responses', { model: 'gpt', input: 'where?', stream: true })).text();
  expect(body).toEqual(REDACTED);
  const text = expect.stringMatching(/^It is \[/) as string;
  expect(dataOf(body).at(-1)).toMatchObject({
    type: 'response.completed',
    response: { output: [{ content: [{ text }] }] },
  });
});

test('messages of a target become chunks of a chat completion, with the usage where it is asked for', async () => {
  streamWith(textEvents(['It is ACM-2', '0419833.'], 'max_tokens'));
  const body = await askChat({ stream_options: { include_usage: true } });
  expect(body).toEqual(REDACTED);
  expect(body.endsWith(DONE)).toBe(true);
  const heard = dataOf(body);
  expect(heard.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 6, total_tokens: 9 },
  });
  expect(heard.at(-2)).toMatchObject({
    id: 'msg_1',
    model: 'claude',
    object: 'chat.completion.chunk',
    choices: [{ finish_reason: 'length' }],
  });
  const input = (partial_json: string): object => ({ type: 'input_json_delta', partial_json });
  const block = { type: 'tool_use', id: 't', name: 'find', input: {} };
  streamWith(messageEvents(block, [input('{"order":"ACM-2'), input('0419833"}')], 'tool_use'));
  const calls = await askChat();
  expect(calls).toEqual(REDACTED);
  expect(calls).not.toContain('"usage"');
  expect(calls).toContain('"name":"find"');
  expect(dataOf(calls).at(-1)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
});

test('chat completions of a target become the events of a message', async () => {
  const call = (part: object): object => ({ tool_calls: [{ index: 0, ...part }] });
  const deltas = [
    { role: 'assistant', content: '' },
    { content: 'It is ACM-2' },
    { content: '0419833.' },
    call({ id: 't', type: 'function', function: { name: 'find', arguments: '' } }),
    call({ function: { arguments: '{"order":"ACM-20' } }),
    call({ function: { arguments: '419833"}' } }),
  ];
  streamWith(chunks(deltas, 'tool_calls'), DONE);
  const body = await askMessages({ model: 'gpt' });
  expect(body).toEqual(REDACTED);
  const names = [...body.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  expect(names.filter((name) => name !== 'content_block_delta')).toEqual([
    'message_start',
    'content_block_start',
    'content_block_stop',
    'content_block_start',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(dataOf(body).at(-2)).toMatchObject({
    delta: { stop_reason: 'tool_use' },
    usage: { input_tokens: 3, output_tokens: 6 },
  });
  expect(gateway.upstream.received[0]?.body['stream_options']).toEqual({ include_usage: true });
});

test('an endpoint without streams has none', async () => {
  streamWith([{ object: 'list' }]);
  const answer = await gateway.post('/v1/embeddings', { model: 'gpt', input: 'a' });
  expect([answer.status, await answer.json()]).toMatchObject([502, { error: { code: 'upstream_error' } }]);
});
