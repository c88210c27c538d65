import { EventEmitter } from 'node:events';

/** What an answer is written to: the socket of a client, or where it is kept until it may go. */
export interface Reply {
  /** Nobody reads it any more. */
  readonly destroyed: boolean;
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, headers: { readonly [name: string]: string | number }): unknown;
  /** False: wait for `drain`. */
  write(text: string): boolean;
  end(body: string | Uint8Array): unknown;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
  on(event: 'close' | 'drain', listener: () => void): unknown;
  off(event: 'close' | 'drain', listener: () => void): unknown;
}

/** An answer in memory. It is `destroyed` when its reader is, and when it has grown beyond its bound. */
export interface KeptReply extends Reply {
  readonly isFull: boolean;
  /** UTF-8 bytes of the body so far. */
  readonly bytes: number;
  readonly status: number;
  /** Hands it on as often as it is asked for: the same bytes each time. */
  deliver(to: Pick<Reply, 'setHeader' | 'writeHead' | 'end'>): void;
}

/** True for an answer that is kept for somebody who will ask. */
export function isKept(reply: Reply): reply is KeptReply {
  return 'deliver' in reply;
}

/** `reader`: for whom it is kept; null: for somebody who will ask. */
export function createKeptReply(maxBytes: number, reader: Pick<Reply, 'destroyed'> | null): KeptReply {
  const events = new EventEmitter();
  const headers: { [name: string]: string | number } = {};
  const parts: Buffer[] = [];
  let status = 200;
  let hasHead = false;
  let bytes = 0;
  let isFull = false;
  let isGone = false;
  const keep = (part: Buffer): void => {
    bytes += part.length;
    isFull ||= bytes > maxBytes;
    if (isFull) parts.length = 0;
    else parts.push(part);
  };
  return {
    get destroyed() {
      return isFull || isGone || reader?.destroyed === true;
    },
    get headersSent() {
      return hasHead;
    },
    get isFull() {
      return isFull;
    },
    get bytes() {
      return bytes;
    },
    get status() {
      return status;
    },
    setHeader: (name, value) => {
      headers[name] = value;
    },
    writeHead(given, more) {
      status = given;
      hasHead = true;
      Object.assign(headers, more);
    },
    write(text) {
      keep(Buffer.from(text, 'utf8'));
      return true;
    },
    end: (body) => keep(Buffer.from(body)),
    destroy() {
      isGone = true;
      events.emit('close');
    },
    once: (event, listener) => events.once(event, listener),
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    deliver(to) {
      const body = Buffer.concat(parts);
      to.writeHead(status, { ...headers, 'content-length': body.length });
      to.end(body);
    },
  };
}
