import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Hono } from 'hono';

export interface ListeningServer {
  /** The port in use, also when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Binds the app to one address; rejects with the system's error (EADDRINUSE and its like). */
export function listen(app: Pick<Hono, 'fetch'>, hostname: string, port: number): Promise<ListeningServer> {
  return new Promise((resolve, reject) => {
    const server = createServer(getRequestListener(app.fetch, { hostname, errorHandler: refuseUnread }));
    server.once('error', reject);
    server.listen(port, hostname, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server) });
    });
  });
}

/** Of a request that did not come as far as the app, which numbers them. */
const UNREAD = 'unread';

/** What has no host or path that can be read is refused in the shape of every other refusal. */
function refuseUnread(cause: unknown): Response {
  const [status, error] =
    cause instanceof RequestError
      ? [400, { code: 'MALFORMED_REQUEST', message: 'expected a host and a path that can be read' }]
      : [500, { code: 'INTERNAL', message: 'an error of ours' }];
  return Response.json({ error: { ...error, requestId: UNREAD } }, { status, headers: { 'x-request-id': UNREAD } });
}

/** Stops accepting, ends what waits in a long poll, and resolves when the last connection is gone. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
