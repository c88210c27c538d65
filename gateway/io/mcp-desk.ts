import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ToolServer } from '../../src/core/policy/index.ts';
import { createToolPins, type ToolPins } from '../core/index.ts';
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
  /** The session of a server as its caller gets it: of no use to another token or at another server. */
  seal(server: ToolServer, token: string | null, session: string): string;
  /** The session of a server, or undefined where the caller never got it from this process. */
  unseal(server: ToolServer, token: string | null, sealed: string): string | undefined;
  families(): readonly Family[];
  close(): Promise<void>;
}

/** Of an HMAC of SHA-256 in base64url. */
const MAC_CHARACTERS = 43;
const SEALED = /^([A-Za-z0-9_-]{43})\.([\x21-\x7e]{1,256})$/;

export function createToolDesk(options: PostOptions): ToolDesk {
  const posts = createPosts(options);
  const key = randomBytes(32);
  const counters = { calls: 0, withheld: 0 };
  const streams = new Map<AbortController, string | null>();
  const macOf = (server: ToolServer, token: string | null, session: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([server.url, token, session]))
      .digest('base64url');
  return {
    posts,
    pins: createToolPins(),
    counters,
    streams,
    waiting: new Map(),
    endStreams() {
      for (const stream of streams.keys()) stream.abort();
    },
    seal: (server, token, session) => `${macOf(server, token, session)}.${session}`,
    unseal(server, token, sealed) {
      if (!SEALED.test(sealed)) return undefined;
      const mac = sealed.slice(0, MAC_CHARACTERS);
      const session = sealed.slice(MAC_CHARACTERS + 1);
      return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(server, token, session))) ? session : undefined;
    },
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
