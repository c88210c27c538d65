// The upstream simulator: a provider on loopback, of OpenAI's and Anthropic's interfaces, that does what it is told and says
// that it is none.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Interface, replyTo } from './answer.ts';
import { CHAT, embeddingsOf, errorOf, MODELS } from './chat.ts';
import { MESSAGES } from './messages.ts';
import { RESPONSES } from './responses.ts';
import { readScript, type Script, ScriptError, scriptOfHeader, splitPrompt } from './script.ts';
import { sendJson, sendStream } from './send.ts';

const BODY_LIMIT = 32 * 1024 * 1024;
const RECORDED = 100;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** One request as it arrived, for tests that ask what the upstream got to see. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the simulator counted since it started. */
export interface RequestCounters {
  /** Requests to `/v1/…`, whatever the answer. */
  total: number;
  /** Of these, the answers sent as a stream. */
  streamed: number;
  /** Of these, the ones whose caller left before the answer was complete. */
  abandoned: number;
}

export interface SimulatorOptions {
  /** Loopback address; default 127.0.0.1. */
  readonly listen?: string;
  /** 0 or nothing: any free port. */
  readonly port?: number;
  /** How many requests are kept for `received`; default 100. */
  readonly recorded?: number;
}

export interface Simulator {
  readonly url: string;
  readonly requests: Readonly<RequestCounters>;
  /** The newest requests to `/v1/…`, oldest first. */
  received(): readonly ReceivedRequest[];
  /** Answer the next `times` requests (default: all from now on) by this script, unless a request brings its own. */
  script(script: Script, times?: number): void;
  close(): Promise<void>;
}

interface State {
  readonly counters: RequestCounters;
  readonly received: ReceivedRequest[];
  readonly recorded: number;
  standing: Script;
  readonly queue: Script[];
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    length += part.length;
    if (length > BODY_LIMIT) throw new ScriptError(`Expected a body of at most ${BODY_LIMIT} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ScriptError('Expected a JSON body.');
  }
};

const record = (state: State, request: IncomingMessage, body: string): void => {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  state.received.push({ method: request.method ?? '', path: request.url ?? '', headers, body });
  if (state.received.length > state.recorded) state.received.shift();
};

const setScript = (state: State, script: Script, times: number | undefined): void => {
  if (times === undefined) {
    state.standing = script;
    state.queue.length = 0;
    return;
  }
  for (let count = 0; count < times; count += 1) state.queue.push(script);
};

const INTERFACES: ReadonlyMap<string, Interface> = new Map([
  ['POST /v1/chat/completions', CHAT],
  ['POST /v1/responses', RESPONSES],
  ['POST /v1/messages', MESSAGES],
]);

interface Incoming {
  readonly request: IncomingMessage;
  readonly body: string;
}

const answer = async (
  state: State,
  spoken: Interface,
  { request, body }: Incoming,
  response: ServerResponse,
): Promise<void> => {
  const parsed = spoken.read(parseBody(body));
  const standing = state.queue.shift() ?? state.standing;
  const header = request.headers['x-simulate'];
  if (parsed === undefined) throw new ScriptError('Expected "model" and what this path asks with.');
  const { script: inPrompt, text } = splitPrompt(parsed.prompt);
  const script = { ...standing, ...scriptOfHeader(Array.isArray(header) ? header[0] : header), ...inPrompt };
  if ((script.status ?? 200) >= 400) {
    await sendJson(response, spoken.error(`Status ${script.status}`, `status_${script.status}`), script);
    return;
  }
  const reply = replyTo(text, script);
  if (!parsed.stream) {
    await sendJson(response, spoken.whole(parsed, reply, script), script);
    return;
  }
  state.counters.streamed += 1;
  await sendStream(response, { ...spoken.stream(parsed, reply, script), isNamed: spoken.isNamed }, script);
};

const embed = async (body: string, response: ServerResponse): Promise<void> => {
  const parsed = parseBody(body);
  const asked = { model: '', input: '', encoding_format: 'float' };
  const { model, input, encoding_format } = typeof parsed === 'object' ? { ...asked, ...parsed } : asked;
  const inputs = (Array.isArray(input) ? input : [input]).map(String);
  await sendJson(response, embeddingsOf(String(model), inputs, encoding_format), {});
};

const control = async (state: State, path: string, body: string, response: ServerResponse): Promise<void> => {
  if (path === '/control/script') {
    const asked = parseBody(body);
    const { script, times } =
      typeof asked === 'object' && asked !== null ? { script: undefined, times: undefined, ...asked } : {};
    if (times !== undefined && !(Number.isInteger(times) && Number(times) > 0)) {
      throw new ScriptError('Expected "times" as an integer from 1, or none.');
    }
    setScript(state, readScript(script), times === undefined ? undefined : Number(times));
  }
  await sendJson(response, { counters: state.counters, received: state.received }, {});
};

const route = async (state: State, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readBody(request);
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  const asked = `${request.method} ${path}`;
  if (asked === 'POST /control/script' || asked === 'GET /control/requests') {
    await control(state, path, body, response);
    return;
  }
  state.counters.total += 1;
  response.on('close', () => {
    if (!response.writableFinished) state.counters.abandoned += 1;
  });
  if (state.recorded > 0) record(state, request, body);
  const spoken = INTERFACES.get(asked);
  if (spoken !== undefined) await answer(state, spoken, { request, body }, response);
  else if (asked === 'POST /v1/embeddings') await embed(body, response);
  else if (asked === 'GET /v1/models') await sendJson(response, MODELS, {});
  else await sendJson(response, errorOf(`No such path: ${asked}`, 'not_found'), { status: 404 });
};

const refuse = async (response: ServerResponse, error: unknown): Promise<void> => {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  await sendJson(response, errorOf(message, 'bad_request'), { status: error instanceof ScriptError ? 400 : 500 });
};

const listenOn = (server: Server, host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      // A server that listens on TCP has such an address; a string would be the path of a pipe.
      const { address, port: bound } = server.address() as AddressInfo;
      resolve(`http://${address.includes(':') ? `[${address}]` : address}:${bound}`);
    });
  });

/**
 * Start a simulator.
 *
 * @param options where to listen; anything but loopback is refused
 * @returns its base URL (without `/v1`), its counters and the way to script and to stop it
 */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const host = options.listen ?? '127.0.0.1';
  if (!LOOPBACK.test(host)) throw new Error(`Expected a loopback address, found ${host}. The simulator is for tests.`);
  const counters: RequestCounters = { total: 0, streamed: 0, abandoned: 0 };
  const state: State = { counters, received: [], recorded: options.recorded ?? RECORDED, standing: {}, queue: [] };
  const server = createServer((request, response) => {
    route(state, request, response).catch((error: unknown) => refuse(response, error));
  });
  server.keepAliveTimeout = 60_000;
  const url = await listenOn(server, host, options.port ?? 0);
  return {
    url,
    requests: counters,
    received: () => [...state.received],
    script: (script, times) => setScript(state, readScript(script), times),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
