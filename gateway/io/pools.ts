import { isIP, type LookupFunction } from 'node:net';
import { Pool } from 'undici';
import type { OrgUid } from '../../src/core/model/index.ts';
import { type AddressRule, addressFault, guardedLookup, ruleFor } from './address.ts';

// Connections to providers. A pool has one owner, and as many requests at once as connections; who comes when all are taken
// waits in line here and not in the client, whose queue knows no time and keeps what was given up.

/** Whose connections they are: no two orgs, and no two targets of an org, share any, wherever they lead. */
export interface PoolOwner {
  /** Null: a stand-alone gateway, whose process has no other org either. */
  readonly org: OrgUid | null;
  /** The id of a target, or who else asks. */
  readonly target: string;
}

export interface PoolOptions {
  /** Until the headers of the answer have come. */
  readonly headersTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Connections of one owner to one origin, and requests that use them. */
  readonly connections?: number;
  /** Names or addresses of hosts, as base_url has them, that this machine's operator allows at private addresses. */
  readonly privateHosts?: readonly string[];
  /** Resolves names; the system's resolver unless a test takes its place. */
  readonly lookup?: LookupFunction;
}

/** The longest silence of a provider, where nobody says another. */
export const SILENCE_MS = 120_000;
/** A connection, with the look-up of its name and TLS. */
export const CONNECT_MS = 10_000;
const MOST_CONNECTIONS = 512;
/** Pools that are kept; a configuration has few, and idle ones of former ones go first. */
const MOST_POOLS = 200;
const MOST_HEADER_BYTES = 16 * 1024;

/** Of one request in a pool. */
export interface Place {
  /** Runs `start` when there is room, at once or later, unless the place was left before. To be called once. */
  enter(start: (pool: Pool) => void): void;
  /** Makes room, or leaves the line; after the first time nothing. */
  leave(): void;
}

/** A pool, and who waits for room in it. */
export interface Lane {
  place(): Place;
}

export interface Pools {
  /** Null: the origin is an address that no connection may lead to. */
  of(owner: PoolOwner, origin: string): Lane | null;
  close(): Promise<void>;
}

interface OpenLane extends Lane {
  isIdle(): boolean;
  readonly pool: Pool;
}

/** No connection is made before one is needed. */
export function createPools(options: PoolOptions): Pools {
  const privateHosts = new Set(options.privateHosts);
  const lanes = new Map<string, OpenLane | null>();
  const made = (origin: string): OpenLane | null => {
    const hostname = new URL(origin).hostname.replace(/^\[|\]$/g, '');
    const rule = ruleFor(hostname, privateHosts);
    if (isIP(hostname) !== 0 && addressFault(hostname, rule) !== null) return null;
    return createLane(guardedPool(origin, rule, options), options.connections ?? MOST_CONNECTIONS);
  };
  return {
    of({ org, target }, origin) {
      const key = JSON.stringify([org, target, origin]);
      const known = lanes.get(key);
      if (known !== undefined) return known;
      const lane = made(origin);
      if (lanes.size >= MOST_POOLS) forgetOne(lanes);
      lanes.set(key, lane);
      return lane;
    },
    async close() {
      await Promise.all([...lanes.values()].map((lane) => lane?.pool.destroy()));
    },
  };
}

function forgetOne(lanes: Map<string, OpenLane | null>): void {
  const [oldest = ''] = lanes.keys();
  const [idle = oldest] = [...lanes].find(([, lane]) => lane?.isIdle() !== false) ?? [];
  // What it is answering ends first.
  void lanes.get(idle)?.pool.close();
  lanes.delete(idle);
}

function createLane(pool: Pool, most: number): OpenLane {
  const waiting = new Set<() => void>();
  let taken = 0;
  let isFilling = false;
  const fill = (): void => {
    // Who fails at once leaves within its own start.
    if (isFilling) return;
    isFilling = true;
    for (const begin of waiting) {
      if (taken >= most) break;
      begin();
    }
    isFilling = false;
  };
  return {
    pool,
    isIdle: () => taken === 0,
    place() {
      let isIn = false;
      let begin = (): void => {};
      return {
        enter(start) {
          begin = () => {
            waiting.delete(begin);
            isIn = true;
            taken += 1;
            start(pool);
          };
          waiting.add(begin);
          fill();
        },
        leave() {
          waiting.delete(begin);
          if (!isIn) return;
          isIn = false;
          taken -= 1;
          fill();
        },
      };
    },
  };
}

/** Connections to one origin, at addresses that the rule allows. */
function guardedPool(origin: string, rule: AddressRule, options: PoolOptions): Pool {
  const { connectTimeoutMs = CONNECT_MS, headersTimeoutMs = SILENCE_MS, lookup } = options;
  return new Pool(origin, {
    connections: options.connections ?? MOST_CONNECTIONS,
    pipelining: 1,
    bodyTimeout: 0,
    maxHeaderSize: MOST_HEADER_BYTES,
    connect: { timeout: connectTimeoutMs, lookup: guardedLookup(rule, lookup) },
    headersTimeout: headersTimeoutMs,
  });
}
