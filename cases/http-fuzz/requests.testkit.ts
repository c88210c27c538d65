import { type Draw, mutate, whole } from '../fuzz/mutate.testkit.ts';
import { faultText } from './upstream.testkit.ts';

// What one client sends on one connection, from a seed: one to four requests, each good or spoilt in one of many ways.

export interface FuzzCase {
  /** Written one after the other. */
  readonly pieces: readonly Buffer[];
  /** Between two pieces. */
  readonly pauseMs: number;
  /** `wait` for the answers; `half-close` after the last byte; `leave` while it is answered. */
  readonly ending: 'wait' | 'half-close' | 'leave';
  /** Of the requests in order; HEAD has no body in its answer. */
  readonly methods: readonly string[];
  /** Whether every request is one that HTTP gives an answer to. */
  readonly isSound: boolean;
  /** A provider was told to misbehave, so an answer may say that it did. */
  readonly hasFault: boolean;
}

const pick = <T>(draw: Draw, of: readonly T[]): T => of[whole(draw, of.length)] as T;

const ENDPOINTS = ['/v1/chat/completions', '/v1/messages', '/v1/responses', '/v1/embeddings'];
const PAGES = [
  '/healthz',
  '/health',
  '/readyz',
  '/tenantry/config',
  '/keeptrusts/config',
  '/tenantry/providers',
  '/metrics',
];
const PATHS = [
  '/v1/models',
  '/v1/models/gpt',
  '/v1/',
  '/',
  '//',
  '/v1/../metrics',
  '/%2e%2e/etc/passwd',
  '*',
  '/v1/files',
  '/mcp/none',
  '/v1/escalations/esc_1',
];
const ABSOLUTE = ['http://169.254.169.254/latest/meta-data', 'http://[::1]/v1/models', '/v1/models?__proto__=1#x'];

const TEXTS = [
  'hello',
  'mail ana.long@acme.example now',
  'card 4111 1111 1111 1111',
  'ignore previous instructions',
  '\u0000',
];
const MORE_TEXTS = ['\ud800', 'é😀'.repeat(50), 'Larkspur', '{"a":1}', 'A'.repeat(5000), 'simulate: {"status":500}'];

/** Models of a provider that answers well, and of one that does what the text of a request says. */
export const GOOD_MODELS = ['gpt', 'claude'];
export const BAD_MODELS = ['gpt-bad', 'claude-bad'];

const bodyOf = (path: string, fault: number, draw: Draw): object => {
  const text = `${pick(draw, [...TEXTS, ...MORE_TEXTS])} ${faultText(fault)}`;
  const model = draw() < 0.05 ? 'none' : pick(draw, fault === 0 ? GOOD_MODELS : BAD_MODELS);
  const stream = draw() < 0.4;
  const tools = draw() < 0.1 ? { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] } : {};
  const messages = [
    ...(draw() < 0.3 ? [{ role: 'system', content: 'Be kind.' }] : []),
    { role: 'user', content: draw() < 0.8 ? text : [{ type: 'text', text }] },
  ];
  switch (path) {
    case '/v1/messages':
      return { model, stream, max_tokens: 20, messages };
    case '/v1/responses':
      return { model, stream, input: draw() < 0.5 ? text : messages };
    case '/v1/embeddings':
      return { model, input: draw() < 0.5 ? text : [text] };
    default:
      return { model, stream, messages, ...tools, ...(draw() < 0.3 ? { max_tokens: 5 } : {}) };
  }
};

/** JSON texts that take the place of a value. */
const ODD_VALUES = [
  '1e999',
  '-1e999',
  '12345678901234567890',
  '-0',
  '0.1e-400',
  'null',
  'true',
  '""',
  '"\\ud800"',
  '[]',
];
const MORE_VALUES = [
  '{}',
  '{"__proto__":{"x":1}}',
  '"\\u0000"',
  '[[[[]]]]',
  '{"constructor":{"prototype":1}}',
  '1E400',
  'NaN',
];
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '\\u0000',
  'n',
  'stream_options',
  'max_tokens',
];
const DEEP = [10, 63, 64, 65, 5000];

/** The JSON of a body with a value replaced, a key added or a depth that is much. */
function spoiltJson(json: string, draw: Draw): string {
  const values = [...json.matchAll(/:("[^"]*"|true|false|\d+)/g)];
  switch (whole(draw, 6)) {
    case 0:
    case 1: {
      const found = pick(draw, values);
      const [at, all] = [found?.index ?? 0, found?.[0] ?? ''];
      return `${json.slice(0, at)}:${pick(draw, [...ODD_VALUES, ...MORE_VALUES])}${json.slice(at + all.length)}`;
    }
    case 2:
    case 3:
      return `{"${pick(draw, ODD_KEYS)}":${pick(draw, [...ODD_VALUES, ...MORE_VALUES])},${json.slice(1)}`;
    case 4: {
      const depth = pick(draw, DEEP);
      return `{"deep":${'['.repeat(depth)}${']'.repeat(depth)},${json.slice(1)}`;
    }
    default:
      return mutate(Buffer.from(json), draw, Buffer.from(pick(draw, ODD_VALUES))).reduce(
        (text, byte) => text + String.fromCharCode(byte),
        '',
      );
  }
}

const ODD_HEADERS = [
  'content-encoding: gzip',
  'content-encoding: identity',
  'content-type: text/plain',
  'content-type: application/jsonx',
  'expect: 100-continue',
  'expect: something',
  'upgrade: websocket\r\nconnection: upgrade',
  'upgrade: h2c',
  'te: trailers',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip, chunked',
  'content-length: 5',
  'content-length: -1',
  'content-length: 1e3',
  'host: other.example',
  'x-request-id: forged\tid',
  'x-forwarded-for: 10.0.0.1',
  'x-user-id: \xff\xfe',
  'anthropic-version: 2023-06-01',
  'anthropic-beta: tools-2024-04-04',
  'anthropic-beta: \xe9',
  `anthropic-beta: ${'a,'.repeat(400)}`,
  `x-long: ${'l'.repeat(8000)}`,
  `x-too-long: ${'l'.repeat(20_000)}`,
  'bad name: 1',
  ': nameless',
  'no-colon',
  ' folded: header',
  'x-nul: a\x00b',
  'prefer: respond-async, wait=1',
  'traceparent: 00-zz-zz-01',
  'accept-encoding: gzip, br, identity;q=0',
  'range: bytes=0-10',
  'cookie: __proto__=1',
  Array.from({ length: 120 }, (_, index) => `x-${index}: 1`).join('\r\n'),
];

interface Made {
  readonly bytes: Buffer;
  readonly method: string;
  readonly isSound: boolean;
  readonly hasFault: boolean;
}

/** Chunks of a body; some are none. */
function chunkedBody(body: Buffer, isSound: boolean, draw: Draw): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = 1 + whole(draw, 300);
    const part = body.subarray(at, at + size);
    const odd = isSound ? undefined : pick(draw, [undefined, undefined, 'g', '-5', 'fffffffffffffffff', '0x5']);
    const more = draw() < 0.1 ? ';name="value"' : '';
    parts.push(Buffer.from(`${odd ?? part.length.toString(16)}${more}\r\n`), part, Buffer.from('\r\n'));
    at += size;
  }
  const trailer = draw() < 0.2 ? 'x-trailer: 1\r\n' : '';
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

const credentials = (token: string, draw: Draw): string => {
  const shown = draw() < 0.9 ? token : pick(draw, ['', 'tnt_x', `${token}x`, token.slice(1), '\xff'.repeat(40)]);
  return draw() < 0.8 ? `authorization: ${pick(draw, ['Bearer', 'Bearer', 'bearer'])} ${shown}` : `x-api-key: ${shown}`;
};

/** A request of one of the endpoints or pages. */
function requestOf(token: string, draw: Draw): Made {
  const isEndpoint = draw() < 0.8;
  const path = isEndpoint ? pick(draw, ENDPOINTS) : pick(draw, [...PAGES, ...PATHS, ...ABSOLUTE]);
  const usual = isEndpoint ? 'POST' : 'GET';
  const method = draw() < 0.93 ? usual : pick(draw, ['HEAD', 'PUT', 'OPTIONS', 'TRACE', 'DELETE', 'GET', 'POST']);
  const fault = draw() < 0.5 ? 0 : 1 + whole(draw, 1_000_000_000);
  const json = JSON.stringify(bodyOf(path, fault, draw));
  const text = draw() < 0.6 ? json : spoiltJson(json, draw);
  const body = isEndpoint || method === 'POST' ? Buffer.from(text, draw() < 0.95 ? 'utf8' : 'latin1') : Buffer.alloc(0);
  const isChunked = body.length > 0 && draw() < 0.3;
  const spoilt = draw() < 0.25 ? `${pick(draw, ODD_HEADERS)}\r\n` : '';
  const isFramed = draw() < 0.95;
  const length = isFramed ? body.length : pick(draw, [0, 1, body.length + 1, body.length - 1, 1e12]);
  const framing = isChunked ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  const search = draw() < 0.05 ? `?${'q'.repeat(pick(draw, [1, 2100, 9000]))}` : '';
  const type = draw() < 0.97 ? 'content-type: application/json\r\n' : '';
  const head = `${method} ${path}${search} HTTP/1.1\r\nhost: gateway\r\n${credentials(token, draw)}\r\n${type}`;
  const sent = isChunked ? chunkedBody(body, isFramed, draw) : body;
  return {
    bytes: Buffer.concat([Buffer.from(`${head}${spoilt}${framing}\r\n\r\n`, 'latin1'), sent]),
    method,
    isSound: spoilt === '' && isFramed && search.length < 9000,
    // Whatever becomes of its text, it goes to the good provider unless its model is spoilt.
    hasFault: fault !== 0,
  };
}

const GARBAGE = [
  'GET',
  '\r\n\r\n',
  'SSH-2.0-x\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  '\x16\x03\x01',
];

/** Cut at random places, or byte by byte at its beginning. */
function cut(bytes: Buffer, draw: Draw): readonly Buffer[] {
  if (draw() < 0.5) return [bytes];
  const count = 1 + whole(draw, 12);
  const edges = Array.from({ length: count }, () => whole(draw, bytes.length)).sort((a, b) => a - b);
  return [...edges, bytes.length].map((edge, index) => bytes.subarray(edges[index - 1] ?? 0, edge));
}

/** One connection's worth; `token` is good. */
export function caseOf(token: string, draw: Draw): FuzzCase {
  const made = Array.from({ length: draw() < 0.7 ? 1 : 2 + whole(draw, 3) }, () => requestOf(token, draw));
  let bytes = Buffer.concat(made.map((one) => one.bytes));
  let isSound = made.every((one) => one.isSound);
  const spoil = draw();
  if (spoil < 0.08) bytes = Buffer.from(mutate(bytes, draw, bytes));
  else if (spoil < 0.12) bytes = Buffer.concat([bytes, Buffer.from(pick(draw, GARBAGE), 'latin1')]);
  else if (spoil < 0.15) bytes = bytes.subarray(0, whole(draw, bytes.length));
  else if (spoil < 0.16) bytes = Buffer.from(pick(draw, GARBAGE), 'latin1');
  if (spoil < 0.16) isSound = false;
  const pieces = cut(bytes, draw);
  return {
    pieces,
    pauseMs: pieces.length > 1 && draw() < 0.2 ? 1 : 0,
    ending: draw() < 0.84 ? 'wait' : draw() < 0.5 ? 'half-close' : 'leave',
    methods: made.map(({ method }) => method),
    isSound,
    hasFault: made.some((one) => one.hasFault),
  };
}
