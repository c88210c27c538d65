import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { TrustCode } from '../../src/core/model/index.ts';
import type { Asked, Script } from './server.testkit.ts';
import type { World } from './world.testkit.ts';

// Attacks on a gateway by who serves its files: how answers are sent, whatever is in them (T-07).

export interface Attack {
  /** As in docs/threat-model.md. */
  readonly threat: `T-${string}`;
  readonly name: string;
  /** The code with which the gateway refuses; null when it must get what is new in spite of it. */
  readonly code: TrustCode | null;
  /** True when something new is published meanwhile, so that the gateway asks for every layer of it. */
  readonly fresh: boolean;
  readonly script: (world: World) => Promise<Script> | Script;
}

/** The files of a publication that a gateway asks for, by the end of their path. */
export const LAYERS = ['timestamp.json', 'root.json', 'snapshot.json', 'targets.json', 'bundle.tar', 'provenance.json'];

/** Plays on the files whose path ends so; all else is honest. */
export const on =
  (layer: string, play: (response: ServerResponse, asked: Asked) => void): Script =>
  (asked, response) => {
    if (!asked.path.endsWith(layer)) return 'honest';
    play(response, asked);
    return 'answered';
  };

const bytesOf = ({ honest }: Asked): Uint8Array => honest ?? new Uint8Array(1000);

const stall = (response: ServerResponse, asked: Asked): void => {
  const bytes = bytesOf(asked);
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2));
};

/** A byte at a time, for ever so long. */
export const drip = (response: ServerResponse, asked: Asked): void => {
  const bytes = bytesOf(asked);
  response.writeHead(200, { 'content-length': bytes.length });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + 1));
    sent += 1;
    if (sent >= bytes.length) clearInterval(timer);
  }, 10);
  response.on('close', () => clearInterval(timer));
};

/** As good as without end: no reader that counts takes so much, and one that does not count comes to an end. */
const ENDLESS_CHUNKS = 1024;

const endless = (status: number) => (response: ServerResponse) => {
  response.writeHead(status);
  let left = ENDLESS_CHUNKS;
  const more = (): void => {
    while (!response.destroyed && left > 0) {
      left -= 1;
      if (!response.write(new Uint8Array(1 << 16))) break;
    }
    if (left === 0) response.end();
  };
  response.on('drain', more);
  more();
};

const bomb = gzipSync(new Uint8Array(1 << 25));

const send =
  (status: number, headers: Record<string, string | number> = {}, body: string | Uint8Array = '') =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers).end(body);
  };

/** Says that it is as long as it is, sends half, and hangs up. */
const hangUp = (response: ServerResponse, asked: Asked): void => {
  stall(response, asked);
  setImmediate(() => response.destroy());
};

type Play = (response: ServerResponse, asked: Asked) => void;

const everyLayer = (name: string, code: TrustCode, play: Play): readonly Attack[] =>
  LAYERS.map((layer) => ({
    threat: 'T-07',
    name: `${layer} ${name}`,
    code,
    fresh: true,
    script: () => on(layer, play),
  }));

const timestamp = (name: string, code: TrustCode, play: Play): Attack => ({
  threat: 'T-07',
  name: `timestamp.json ${name}`,
  code,
  fresh: true,
  script: () => on('timestamp.json', play),
});

const nextRoot = (name: string, code: TrustCode | null, play: Play): Attack => ({
  threat: 'T-07',
  name: `the next root ${name}`,
  code,
  fresh: true,
  script: () => on('root.json', play),
});

export const transportAttacks: readonly Attack[] = [
  ...everyLayer('stalls in mid-body', 'TRUST_SLOW', stall),
  timestamp('drips byte by byte', 'TRUST_SLOW', drip),
  ...everyLayer('never ends', 'TRUST_LENGTH', endless(200)),
  ...everyLayer('announces more than is allowed', 'TRUST_LENGTH', (response) =>
    response.writeHead(200, { 'content-length': 10 ** 12 }).flushHeaders(),
  ),
  ...everyLayer('is cut off by the end of the connection', 'TRUST_UNREACHABLE', hangUp),
  ...everyLayer('is a redirect', 'TRUST_REDIRECT', send(302, { location: 'http://127.0.0.1:1/' })),
  ...everyLayer('is compressed', 'TRUST_ENCODING', send(200, { 'content-encoding': 'gzip' }, bomb)),
  timestamp('is compressed and says nothing of it', 'TRUST_LENGTH', send(200, {}, bomb)),
  timestamp('is not answered', 'TRUST_UNREACHABLE', () => {}),
  timestamp('is answered by no HTTP', 'TRUST_UNREACHABLE', (response) => response.socket?.end('SSH-2.0-x\r\n')),
  timestamp('has headers without end', 'TRUST_UNREACHABLE', send(200, { 'x-long': 'x'.repeat(1 << 18) })),
  timestamp('is a part', 'TRUST_UNREACHABLE', send(206, { 'content-range': 'bytes 0-1/2' }, 'ab')),
  timestamp('is an error without end', 'TRUST_UNREACHABLE', endless(500)),
  timestamp('is withheld from many', 'TRUST_UNREACHABLE', send(429, { 'retry-after': '100000' })),
  timestamp('is a page', 'TRUST_METADATA', send(200, {}, '<!doctype html><title>Welcome</title>')),
  timestamp('is empty', 'TRUST_METADATA', send(200)),
  timestamp('is gone', 'TRUST_MISSING', send(404)),
  nextRoot('is not changed, though nobody asked that', 'TRUST_NOT_ASKED', send(304)),
  nextRoot('does not exist, at endless length', null, endless(404)),
  ...['snapshot.json', 'targets.json', 'bundle.tar'].map(
    (layer): Attack => ({
      threat: 'T-07',
      name: `${layer} is not changed, though nobody asked that`,
      code: 'TRUST_NOT_ASKED',
      fresh: true,
      script: () => on(layer, send(304)),
    }),
  ),
  ...['snapshot.json', 'targets.json', 'bundle.tar', 'provenance.json'].map(
    (layer): Attack => ({
      threat: 'T-07',
      name: `${layer} is withheld`,
      code: 'TRUST_MISSING',
      fresh: true,
      script: () => on(layer, send(404)),
    }),
  ),
];
