import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ORG, type TestPlane } from '../../gateway/io/plane.testkit.ts';

// Somebody between a gateway and its control plane, over real HTTP on loopback. It has every file that was ever
// published, answers for published files as its script says, and hands on everything else.

/** One GET of a published file. */
export interface Asked {
  /** Below the org's folder, such as `timestamp.json`. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** What the org has published there. */
  readonly honest: Uint8Array | undefined;
}

/** Answers, or gives other bytes to be answered with (undefined: there is no such file), or `honest`. */
export type Script = (asked: Asked, response: ServerResponse) => Uint8Array | undefined | 'answered' | 'honest';

export interface HostileServer {
  readonly url: string;
  /** What it does from the next poll on, which begins with the timestamp; null is honest. */
  play(script: Script | null): void;
  /** Paths of published files that were asked since the script began. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const PREFIX = `/bundles/${ORG}/`;

export async function startHostile(plane: TestPlane): Promise<HostileServer> {
  let script: Script | null = null;
  let next: Script | null = null;
  const asked: string[] = [];

  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    const path = (incoming.url ?? '').slice(PREFIX.length);
    const honest = plane.publishing.files.files.get(`${ORG}/${path}`);
    asked.push(path);
    if (path === 'timestamp.json') script = next;
    const bytes = script === null ? 'honest' : script({ path, headers: incoming.headers, honest }, response);
    if (bytes === 'answered') return;
    sendFile(response, bytes === 'honest' ? honest : bytes, incoming.headers['if-none-match']);
  };

  const server = createServer((incoming, response) => {
    response.on('error', () => {});
    if (incoming.url?.startsWith(PREFIX) === true) serve(incoming, response);
    else handOn(plane.url, incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play(scripted) {
      next = scripted;
      asked.length = 0;
    },
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A file as an honest server answers it, with its tag. */
export function sendFile(response: ServerResponse, bytes: Uint8Array | undefined, known: string | undefined): void {
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  if (known === etag) response.writeHead(304, { etag }).end();
  else response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
}

function handOn(origin: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '' } = incoming;
  const onward = request(origin + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}
