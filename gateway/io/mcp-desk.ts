import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ToolServer } from '../../src/core/policy/index.ts';
import { createToolPins, type Opaque, type ToolPins } from '../core/index.ts';
import type { Family } from './metrics.ts';
import { createPosts, type PostOptions, type Posts } from './posts.ts';

/** What a gateway keeps for its tool servers: connections, digests of tools, and a key that binds sessions. */
export interface ToolDesk {
  readonly posts: Posts;
  readonly pins: ToolPins;
  readonly counters: { calls: number; withheld: number };
  /**
   * Streams of notifications that are open, with the names of their tokens: they end when the gateway stops, since nothing in
   * them is ever finished.
   */
  readonly streams: Map<AbortController, string | null>;
  endStreams(): void;
  /** What ends the wait of a call that its caller cancels, by server, token, session and id. */
  readonly waiting: Map<string, () => void>;
  /** What only a server reads, as its caller gets it: of no use to another token, at another server or for anything else. */
  seal(whose: Sealing, text: string): string;
  /** What a server said, or undefined where the caller never got it from this process. */
  unseal(whose: Sealing, sealed: string): string | undefined;
  /** The same for the same text, and without its words. */
  readonly opaque: Opaque;
  families(): readonly Family[];
  close(): Promise<void>;
}

export interface Sealing {
  readonly server: ToolServer;
  readonly token: string | null;
  readonly what: 'session' | 'cursor';
}

/** Of an HMAC of SHA-256 in base64url. */
const MAC_CHARACTERS = 43;
const SEALED = /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{0,6000})$/;

export function createToolDesk(options: PostOptions): ToolDesk {
  const posts = createPosts(options);
  const key = randomBytes(32);
  const counters = { calls: 0, withheld: 0 };
  const streams = new Map<AbortController, string | null>();
  const mac = (said: readonly unknown[]): string =>
    createHmac('sha256', key).update(JSON.stringify(said)).digest('base64url');
  const macOf = ({ server, token, what }: Sealing, written: string): string => mac([server.url, token, what, written]);
  return {
    posts,
    pins: createToolPins(),
    counters,
    streams,
    waiting: new Map(),
    endStreams() {
      for (const stream of streams.keys()) stream.abort();
    },
    seal(whose, text) {
      const written = Buffer.from(text).toString('base64url');
      return `${macOf(whose, written)}.${written}`;
    },
    unseal(whose, sealed) {
      if (!SEALED.test(sealed)) return undefined;
      const written = sealed.slice(MAC_CHARACTERS + 1);
      const isOurs = timingSafeEqual(Buffer.from(sealed.slice(0, MAC_CHARACTERS)), Buffer.from(macOf(whose, written)));
      return isOurs ? Buffer.from(written, 'base64url').toString() : undefined;
    },
    opaque: (id) => (typeof id === 'number' ? id : mac(['id', id])),
    families: () => [
      counter('tool_messages', 'Messages sent to tool servers.', counters.calls),
      counter('tools_withheld', 'Tools not shown because they are not what was pinned.', counters.withheld),
      { ...counter('tool_streams', 'Streams of tool servers that are open.', streams.size), type: 'gauge' },
    ],
    close: posts.close,
  };
}

function counter(name: string, help: string, value: number): Family {
  return { name: `tenantry_gateway_${name}`, type: 'counter', help, samples: [{ value }] };
}
