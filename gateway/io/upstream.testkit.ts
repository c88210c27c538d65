import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseJson } from '../../src/core/model/index.ts';

/** What an upstream got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  readonly raw: string;
}

/** A provider on loopback that does what a test scripts. */
export interface TestUpstream {
  readonly url: string;
  readonly received: Received[];
  /** Requests whose connection closed before the answer was complete. */
  aborted: number;
  /** What the next requests are answered by; the default echoes the last message. */
  script: (request: Received, response: ServerResponse) => void | Promise<void>;
  close(): Promise<void>;
}

export const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

export function completion(content: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const message = { role: 'assistant', content };
  return {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: USAGE,
    ...more,
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function chunk(delta: Record<string, unknown>, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

export const USAGE_CHUNK = `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini', choices: [], usage: USAGE })}\n\n`;

/** A whole stream of deltas with a usage chunk and `[DONE]`. */
export function streamOf(texts: readonly string[]): string {
  const deltas = texts.map((text) => chunk({ content: text }));
  return [
    chunk({ role: 'assistant', content: '' }),
    ...deltas,
    chunk({}, 'stop'),
    USAGE_CHUNK,
    'data: [DONE]\n\n',
  ].join('');
}

export function echo(request: Received, response: ServerResponse): void {
  const messages = request.body['messages'] as { readonly content: string }[];
  const text = messages.at(-1)?.content ?? '';
  if (request.body['stream'] !== true) {
    sendJson(response, 200, completion(text));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(streamOf([text]));
}

export async function startUpstream(): Promise<TestUpstream> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      // Ports are used again: who still asks for what another test had here is nobody that a gateway sent.
      if (request.method !== 'POST' || request.url?.startsWith('/api/v1/gateway/') === true) {
        response.writeHead(404).end();
        return;
      }
      const raw = Buffer.concat(parts).toString('utf8');
      const got: Received = {
        path: request.url ?? '',
        headers: request.headers,
        // As a provider does that is not built on V8, whatever was parsed in this process before (`parseJson`).
        body: parseJson(raw) as Record<string, unknown>,
        raw,
      };
      received.push(got);
      void upstream.script(got, response);
    });
    response.on('close', () => {
      if (!response.writableFinished) upstream.aborted += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: TestUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    aborted: 0,
    script: echo,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return upstream;
}

const PATIENCE_MS = 15_000;

/** Waits until `check` holds, as long as a busy machine with a slow disk may need; `what` says what is missing after that. */
export async function until(
  check: () => boolean | Promise<boolean>,
  what: string | (() => string) = 'the condition',
): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; ) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${typeof what === 'string' ? what : what()} did not come about`);
}

/** The data texts of a server-sent event stream. */
export function eventsOf(text: string): readonly string[] {
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('data: '))
    .map((part) => part.slice(6));
}

/** The text that a streamed chat answer adds up to. */
export function streamedText(text: string): string {
  return eventsOf(text)
    .filter((event) => event !== '[DONE]')
    .map((event) => JSON.parse(event) as { readonly choices?: { readonly delta?: { readonly content?: string } }[] })
    .map((event) => event.choices?.[0]?.delta?.content ?? '')
    .join('');
}
