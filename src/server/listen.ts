import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';

export interface ListeningServer {
  /** The port in use, also when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Binds the app to one address; rejects with the system's error (EADDRINUSE and its like). */
export function listen(app: Pick<Hono, 'fetch'>, hostname: string, port: number): Promise<ListeningServer> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: app.fetch, hostname, port }, (info) => {
      server.off('error', reject);
      resolve({ port: info.port, close: () => closeServer(server) });
    });
    server.once('error', reject);
  });
}

/** Stops accepting, ends what waits in a long poll, and resolves when the last connection is gone. */
function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
}
