import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ORG, type TestPlane } from '../../gateway/io/plane.testkit.ts';
import type { Sha256Hex } from '../../src/core/model/index.ts';
import { knownFiles, PARCEL, packParcel, targetFile } from '../../src/trust/index.ts';

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
  /** From now on it has parcels, of files as its script gives them. */
  sendParcels(): void;
  /** How many it has sent. */
  parcels(): number;
  /** What it does from the next poll on, which begins with the timestamp; null is honest. */
  play(script: Script | null): void;
  /** Paths of published files that were asked since the script began. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const PREFIX = `/bundles/${ORG}/`;
const MOST_ROOTS = 50;

export async function startHostile(plane: TestPlane): Promise<HostileServer> {
  let script: Script | null = null;
  let next: Script | null = null;
  let hasParcels = false;
  let parcels = 0;
  const asked: string[] = [];

  /** What it gives for a path: bytes, nothing, or `answered`. */
  const scripted = (path: string, incoming: IncomingMessage, response: ServerResponse) => {
    const honest = plane.publishing.files.files.get(`${ORG}/${path}`);
    asked.push(path);
    if (path === 'timestamp.json') script = next;
    const bytes = script === null ? 'honest' : script({ path, headers: incoming.headers, honest }, response);
    return bytes === 'honest' ? honest : bytes;
  };

  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    const path = (incoming.url ?? '').slice(PREFIX.length);
    const isParcel = hasParcels && path.startsWith(`${PARCEL}?`);
    const fileOf = (name: string) => scripted(name, incoming, response);
    const bytes = isParcel ? parcelOf(path, fileOf) : fileOf(path);
    if (isParcel && bytes instanceof Uint8Array) parcels += 1;
    if (bytes !== 'answered') sendFile(response, bytes, incoming.headers['if-none-match']);
  };

  const server = createServer((incoming, response) => {
    response.on('error', () => {});
    if (incoming.url?.startsWith(PREFIX) === true) serve(incoming, response);
    else handOn(plane.url, incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sendParcels() {
      hasParcels = true;
    },
    parcels: () => parcels,
    play(what) {
      next = what;
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

type FileOf = (path: string) => Uint8Array | undefined | 'answered';

/** All that a gateway would ask for, as far as what it is given leads; `answered` where a file is no bytes. */
function parcelOf(path: string, fileOf: FileOf): Uint8Array | undefined | 'answered' {
  const known = knownFiles(new URLSearchParams(path.slice(path.indexOf('?'))));
  if (known === undefined) return undefined;
  const files = new Map<string, Uint8Array>();
  const take = (name: string): Signed => {
    const bytes = fileOf(name);
    if (!(bytes instanceof Uint8Array)) return {};
    files.set(name, bytes);
    return signedIn(bytes);
  };
  const timestamp = take('timestamp.json');
  if (files.size === 0) return fileOf('timestamp.json');
  for (let root = known.root + 1; root <= known.root + MOST_ROOTS; root += 1) {
    take(`${root}.root.json`);
    if (!files.has(`${root}.root.json`)) break;
  }
  const snapshot = take(`${timestamp.meta?.['snapshot.json']?.version}.snapshot.json`);
  const { targets = {} } = take(`${snapshot.meta?.['targets.json']?.version}.targets.json`);
  for (const [name, { hashes }] of Object.entries(targets))
    if (name.startsWith('desk/')) take(targetFile(name, `${hashes?.sha256}` as Sha256Hex));
  return packParcel(files);
}

/** As far as it is there, in files that may hold anything. */
interface Signed {
  readonly meta?: { readonly [file: string]: { readonly version?: number } };
  readonly targets?: { readonly [name: string]: { readonly hashes?: { readonly sha256?: string } } };
}

function signedIn(bytes: Uint8Array): Signed {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { readonly signed?: Signed }).signed ?? {};
  } catch {
    return {};
  }
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
