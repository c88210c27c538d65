import { type AddressInfo, createServer, type Socket } from 'node:net';
import { startSimulator } from '../../scripts/simulator/index.ts';
import { drawFrom } from '../../scripts/soak/draw.ts';
import { type Draw, mutate, whole } from '../fuzz/mutate.testkit.ts';

// A provider that answers byte by byte as a seed in the request's own text says: whole and well, or with any fault that a
// socket can carry. What a good answer looks like is asked of the simulator.

/** The text of a request that chooses the answer; 0: a good one. */
export const faultText = (seed: number): string => `fault:${seed}.`;

export interface FuzzUpstream {
  readonly url: string;
  /** Requests that arrived. */
  readonly asked: () => number;
  close(): Promise<void>;
}

interface Good {
  readonly contentType: string;
  readonly body: Buffer;
}

const pick = <T>(draw: Draw, of: readonly T[]): T => of[whole(draw, of.length)] as T;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Good answers of every path, whole and streamed. */
async function learned(): Promise<ReadonlyMap<string, Good>> {
  const simulator = await startSimulator();
  const messages = [{ role: 'user', content: 'hello' }];
  const asks: readonly (readonly [string, object])[] = [
    ['/v1/chat/completions', { model: 'gpt', messages }],
    ['/v1/messages', { model: 'claude', max_tokens: 10, messages }],
    ['/v1/responses', { model: 'gpt', input: 'hello' }],
    ['/v1/embeddings', { model: 'gpt', input: 'hello' }],
  ];
  const good = new Map<string, Good>();
  for (const [path, body] of asks) {
    for (const stream of [false, true]) {
      const response = await fetch(`${simulator.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-simulate': '{"reply":"All is well."}' },
        body: JSON.stringify({ ...body, stream }),
      });
      const contentType = response.headers.get('content-type') ?? '';
      good.set(`${path} ${stream}`, { contentType, body: Buffer.from(await response.arrayBuffer()) });
    }
  }
  await simulator.close();
  return good;
}

/** What goes out: pieces with a turn of the event loop in between, and then the connection stays, ends or breaks. */
interface Answer {
  readonly pieces: readonly Buffer[];
  readonly after: 'stay' | 'end' | 'break' | 'stall';
}

const SIMPLE_DATA = ['null', '1e999', '[]', '"text"', '{"choices":null}', '{"choices":[null]}', '{"type":"error"}'];
const ODD_DATA = [
  ...SIMPLE_DATA,
  '{"choices":[{"index":-1,"delta":{"content":"x"}}]}',
  '{"choices":[{"index":1e99,"delta":{"content":"x"}}]}',
  '{"choices":[{"delta":{"tool_calls":[{"index":"__proto__","function":{"arguments":7}}]}}]}',
  '{"__proto__":{"type":"message_start"},"constructor":1}',
  '{"type":"content_block_delta","index":"__proto__","delta":{"type":"text_delta","text":"x"}}',
  '{"type":"response.output_text.delta","output_index":1e9,"content_index":-2,"delta":5}',
  '{"type":"response.completed","response":{"output":"none","usage":{"input_tokens":-1}}}',
  '{"usage":{"prompt_tokens":1e308,"completion_tokens":1e308}}',
  '{"error":{"message":"broken"}}',
  '[DONE]',
  '\ud800',
  `${'['.repeat(3000)}`,
  `{"choices":[{"index":0,"delta":{"content":"${'long '.repeat(20_000)}"}}]}`,
];
const SEPARATORS = ['\n\n', '\r\n\r\n', '\n', '\r\r', '\n:\n\n', '\nid: 1\nevent: message_stop\nretry: 5\n\n'];

/** A stream with foreign, broken and repeated events in it. */
function brokenEvents(good: Buffer, draw: Draw): Buffer {
  const events = good.toString('utf8').split('\n\n');
  const out: string[] = [];
  for (const event of events) {
    if (draw() < 0.15) out.push(`data: ${pick(draw, ODD_DATA)}`);
    if (draw() < 0.9) out.push(event);
    if (draw() < 0.1) out.push(event);
  }
  const separator = draw() < 0.7 ? '\n\n' : pick(draw, SEPARATORS);
  return Buffer.from(out.join(separator));
}

const STATUSES = [
  100, 101, 102, 103, 199, 201, 202, 204, 205, 206, 299, 301, 304, 307, 400, 401, 402, 403, 404, 405, 407,
];
const MORE_STATUSES = [
  408, 409, 410, 413, 418, 422, 425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 511, 599, 600, 999,
];

/** A status with the words of an error, which repeat the key of the request as some providers do. */
function refusal(key: string, draw: Draw): Answer {
  const status = pick(draw, [...STATUSES, ...MORE_STATUSES]);
  const words = `Incorrect API key provided: ${key}.`;
  const bodies = [
    JSON.stringify({ error: { message: words, type: 'invalid_request_error', code: 'content_filter' } }),
    JSON.stringify({ type: 'error', error: { type: 'x', message: words } }),
    JSON.stringify({ error: { message: words, code: '__proto__' } }),
    JSON.stringify({ error: words }),
    words,
    '',
  ];
  const head = status < 200 ? '' : `retry-after: ${pick(draw, ['0', '1', '99999999', '-1', 'soon', 'NaN'])}\r\n`;
  return reply(status, `content-type: application/json\r\n${head}`, Buffer.from(pick(draw, bodies)));
}

function reply(status: number, headers: string, body: Buffer): Answer {
  const head = Buffer.from(`HTTP/1.1 ${status} Said\r\n${headers}content-length: ${body.length}\r\n\r\n`, 'latin1');
  return { pieces: [head, body], after: 'stay' };
}

const ODD_HEADERS = [
  'content-type: text/html\r\n',
  'content-type: application/json; charset=\xc4\x80\xff\r\n',
  'content-type: text/event-stream; x=\xe9\r\n',
  'content-type: application/json\r\ncontent-type: text/event-stream\r\n',
  `content-type: ${'a'.repeat(4000)}\r\n`,
  'content-type:\r\n',
  '',
  'content-type: application/json\r\ncontent-encoding: gzip\r\n',
  'content-type: application/json\r\nset-cookie: a=b\r\nx-tenantry-bundle: forged\r\nx-request-id: forged\r\n',
  'content-type: application/json\r\nconnection: close, x-request-id\r\nkeep-alive: timeout=0\r\n',
  `content-type: application/json\r\nx-long: ${'l'.repeat(20_000)}\r\n`,
  'content-type: application/json\r\nbad header: 1\r\n',
  'content-type: application/json\r\nretry-after: 1e9\r\nx\x01y: z\r\n',
];

/** Chunks of the body, of which one may have a size that is none. */
function chunked(contentType: string, body: Buffer, draw: Draw): Answer {
  const pieces: Buffer[] = [];
  const isBroken = draw() < 0.5;
  for (let at = 0; at < body.length; ) {
    const size = 1 + whole(draw, 200);
    const part = body.subarray(at, at + size);
    const said = isBroken && draw() < 0.1 ? pick(draw, ['-1', 'zz', 'ffffffffffff', '']) : part.length.toString(16);
    pieces.push(Buffer.concat([Buffer.from(`${said}\r\n`), part, Buffer.from('\r\n')]));
    at += size;
  }
  const head = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`);
  const last = pick(draw, ['0\r\n\r\n', '0\r\nx-trailer: 1\r\n\r\n', '0\r\n', '']);
  return { pieces: [head, ...pieces, Buffer.from(last)], after: pick(draw, ['stay', 'end', 'break']) };
}

/** Cut at random places, at most into so many pieces as take no time. */
function dripped(answer: Answer, draw: Draw): Answer {
  const bytes = Buffer.concat(answer.pieces);
  const edges = Array.from({ length: 1 + whole(draw, 24) }, () => whole(draw, bytes.length + 1)).sort((a, b) => a - b);
  const pieces = [...edges, bytes.length].map((edge, index) => bytes.subarray(edges[index - 1] ?? 0, edge));
  return { ...answer, pieces };
}

/** The answer that a seed stands for; its faults are many and one seed has one or two of them. */
function answerOf(good: Good, key: string, draw: Draw): Answer {
  const type = `content-type: ${good.contentType}\r\n`;
  const fine = reply(200, type, good.body);
  const faults: readonly (() => Answer)[] = [
    () => fine,
    () => refusal(key, draw),
    () => refusal(key, draw),
    () => reply(200, type, Buffer.from(mutate(good.body, draw, good.body))),
    () => reply(200, type, Buffer.from(mutate(good.body, draw, Buffer.from(pick(draw, ODD_DATA))))),
    () => reply(200, type, Buffer.from(pick(draw, ODD_DATA))),
    () => reply(200, type, brokenEvents(good.body, draw)),
    () => reply(200, 'content-type: text/event-stream\r\n', brokenEvents(good.body, draw)),
    () => reply(200, pick(draw, ODD_HEADERS), good.body),
    () => chunked(good.contentType, good.body, draw),
    () => chunked(good.contentType, brokenEvents(good.body, draw), draw),
    () => ({
      ...fine,
      pieces: [Buffer.concat(fine.pieces).subarray(0, whole(draw, good.body.length))],
      after: 'break',
    }),
    () => ({ ...fine, pieces: [Buffer.concat(fine.pieces).subarray(0, whole(draw, 400))], after: 'stall' }),
    () => ({ ...reply(200, type, good.body.subarray(whole(draw, good.body.length))), after: 'end' }),
    // Too much for its length, and too little.
    () => ({ pieces: [...fine.pieces, Buffer.from('HTTP/1.1 200 OK\r\n\r\nmore')], after: 'stay' }),
    () => ({
      pieces: [Buffer.from(`HTTP/1.1 200 OK\r\n${type}content-length: 99999\r\n\r\n`), good.body],
      after: 'end',
    }),
    () => ({ pieces: [Buffer.from(`HTTP/1.1 103 Early\r\nlink: <x>\r\n\r\n`), ...fine.pieces], after: 'stay' }),
    () => ({ pieces: [Buffer.from(mutate(Buffer.concat(fine.pieces), draw, good.body))], after: 'end' }),
    () => ({ pieces: [], after: pick(draw, ['end', 'break', 'stall']) }),
  ];
  const made = pick(draw, faults)();
  return draw() < 0.4 ? dripped(made, draw) : made;
}

/** Sends an answer; false when the connection is of no use afterwards. */
async function send(socket: Socket, { pieces, after }: Answer): Promise<boolean> {
  for (const piece of pieces) {
    if (socket.destroyed) return false;
    socket.write(piece);
    if (pieces.length > 2) await turn();
  }
  if (after === 'end') socket.end();
  if (after === 'break') socket.resetAndDestroy();
  return after === 'stay';
}

const KEY = /^(?:authorization: bearer |x-api-key: )(\S+)/im;

/** Requests of a connection, one after the other, as undici sends them: always with a length. */
async function* requestsOf(socket: Socket): AsyncGenerator<{ readonly head: string; readonly body: string }> {
  let bytes = Buffer.alloc(0);
  for await (const part of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, part]);
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1) break;
      const head = bytes.subarray(0, end).toString('latin1');
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (bytes.length < end + 4 + length) break;
      yield { head, body: bytes.subarray(end + 4, end + 4 + length).toString('utf8') };
      bytes = bytes.subarray(end + 4 + length);
    }
  }
}

/** Starts it on loopback; one that is not odd answers well whatever a text says. */
export async function startFuzzUpstream(isOdd: boolean): Promise<FuzzUpstream> {
  const good = await learned();
  const sockets = new Set<Socket>();
  let asked = 0;
  const serve = async (socket: Socket): Promise<void> => {
    for await (const { head, body } of requestsOf(socket)) {
      asked += 1;
      const path = head.split(' ')[1] ?? '';
      const known = good.get(`${path} ${/"stream":\s*true/.test(body)}`) ?? good.get('/v1/chat/completions false');
      if (known === undefined) throw new Error('Expected the simulator to have answered.');
      const seed = !isOdd ? 0 : Number(/fault:(\d{1,15})\./.exec(body)?.[1] ?? 0);
      const fine = reply(200, `content-type: ${known.contentType}\r\n`, known.body);
      const draw = drawFrom(seed);
      const answer = seed === 0 ? fine : answerOf(known, KEY.exec(head)?.[1] ?? '', draw);
      if (await send(socket, answer)) continue;
      // The end of the loop would take the connection away.
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
      return;
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
