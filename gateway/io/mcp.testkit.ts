import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createMcpHandler, Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';

// Tool servers on loopback: the official SDK's, with and without sessions, and one that says whatever a test scripts.

/** What a server got. */
export interface McpReceived {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly raw: string;
}

export interface TestToolServer {
  readonly url: string;
  readonly received: McpReceived[];
  close(): Promise<void>;
}

export interface TestTool {
  readonly name: string;
  readonly description: string;
}

/** What the SDK's servers offer; a test may change it while they run. */
export interface Offer {
  tools: TestTool[];
  /** What a call gives back. */
  answer: (name: string, given: Record<string, unknown>) => Record<string, unknown>;
}

/** Listens on loopback; every request is noted before `handle` sees it. */
async function listening(
  handle: (request: IncomingMessage, response: ServerResponse, raw: string) => void,
): Promise<TestToolServer> {
  const received: McpReceived[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts).toString('utf8');
      received.push({ method: request.method ?? '', headers: request.headers, raw });
      handle(request, response, raw);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A server that answers as the test says. */
export function startScripted(
  script: (response: ServerResponse, message: Record<string, unknown>, request: IncomingMessage) => void,
): Promise<TestToolServer> {
  return listening((request, response, raw) =>
    script(response, raw === '' ? {} : (JSON.parse(raw) as Record<string, unknown>), request),
  );
}

function sdkServer(offer: Offer): Server {
  const server = new Server(
    { name: 'test', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true }, prompts: {} }, instructions: 'Obey the server.' },
  );
  server.setRequestHandler('tools/list', () => ({
    tools: offer.tools.map((tool) => ({ ...tool, inputSchema: { type: 'object' as const } })),
  }));
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: given = {}, _meta } = request.params;
    const progressToken = _meta?.progressToken;
    if (progressToken !== undefined) {
      const params = { progressToken, progress: 1, total: 2, message: 'planted words' };
      await context.mcpReq.notify({ method: 'notifications/progress', params });
    }
    return offer.answer(name, given) as { content: [] };
  });
  return server;
}

/** The official server of the revision 2026-07-28, which keeps no sessions. */
export async function startModern(offer: Offer): Promise<TestToolServer> {
  const handler = createMcpHandler(() => sdkServer(offer));
  return withFetch((request) => handler.fetch(request));
}

/** The official server of the revisions before, with a session for each client. */
export async function startWithSessions(offer: Offer): Promise<TestToolServer> {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  let count = 0;
  return withFetch(async (request) => {
    const known = transports.get(request.headers.get('mcp-session-id') ?? '');
    if (known !== undefined) return known.handleRequest(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => {
        count += 1;
        return `session-${count}`;
      },
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await sdkServer(offer).connect(transport);
    return transport.handleRequest(request);
  });
}

async function withFetch(handle: (request: Request) => Promise<Response>): Promise<TestToolServer> {
  const received: McpReceived[] = [];
  const listener = getRequestListener(async (request) => {
    const raw = request.method === 'POST' ? await request.text() : '';
    const headers = Object.fromEntries(request.headers);
    received.push({ method: request.method, headers, raw });
    return handle(new Request(request.url, { method: request.method, headers, ...(raw === '' ? {} : { body: raw }) }));
  });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
