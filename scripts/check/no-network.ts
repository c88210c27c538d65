// Set up before every test file: a test that leaves this machine fails, and says where it wanted to go.
// It covers this process (TCP, TLS, HTTP, fetch, DNS, UDP); a child process that a test starts is on its own.

import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3}|\[::1\])$/i;

/** May a test talk to this host? No host means the default, which is loopback; `0.0.0.0` is not a place to connect to. */
export const isLoopback = (host: string | undefined): boolean =>
  host === undefined || host === '' || LOOPBACK.test(host);

const refusal = (what: string): Error =>
  Object.assign(
    new Error(
      `Tests run without network: expected a loopback address, found ${what}. Start a server on 127.0.0.1, or pass in a fake.`,
    ),
    { code: 'NO_NETWORK_IN_TESTS' },
  );

interface Target {
  readonly host?: string;
  readonly path?: string | null;
}

const isTarget = (value: unknown): value is Target =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The host in the arguments of `Socket.connect`, in each of its forms; undefined for a Unix socket or the default host. */
const hostOf = (args: readonly unknown[]): string | undefined => {
  // net.connect passes its normalised arguments on as one array: [options, callback].
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (isTarget(first)) return first.path ? undefined : first.host;
  const isPort = typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first));
  return isPort && typeof second === 'string' ? second : undefined;
};

type AnyFunction = (...args: never[]) => unknown;

/** Replace `owner[key]` by what `wrap` makes of it, once, also when several test files share one thread. */
const replace = <Owner extends object>(
  owner: Owner,
  key: keyof Owner,
  wrap: (real: AnyFunction) => AnyFunction,
): void => {
  const marker = Symbol.for('tenantry.no-network');
  const real = owner[key] as AnyFunction & { [marker]?: boolean };
  if (real[marker]) return;
  owner[key] = Object.assign(wrap(real), { [marker]: true }) as Owner[keyof Owner];
};

replace(
  net.Socket.prototype,
  'connect',
  (real) =>
    function (this: net.Socket, ...args: never[]): unknown {
      const host = hostOf(args);
      return isLoopback(host) ? real.apply(this, args) : this.destroy(refusal(String(host)));
    },
);

replace(
  dgram.Socket.prototype,
  'connect',
  (real) =>
    function (this: dgram.Socket, ...args: never[]): unknown {
      const host = args.find((value: unknown) => typeof value === 'string');
      if (!isLoopback(host)) throw refusal(String(host));
      return real.apply(this, args);
    },
);

replace(
  dgram.Socket.prototype,
  'send',
  (real) =>
    function (this: dgram.Socket, ...args: never[]): unknown {
      const host = args.slice(1).find((value: unknown) => typeof value === 'string');
      if (!isLoopback(host)) throw refusal(String(host));
      return real.apply(this, args);
    },
);

replace(dns, 'lookup', (real) => (...args: never[]) => {
  const [host] = args as unknown as [string];
  const callback = (args as readonly unknown[]).findLast((value) => typeof value === 'function');
  if (isLoopback(host) || net.isIP(host) !== 0) return real(...args);
  queueMicrotask(() => (callback as (error: Error) => void)(refusal(host)));
  return {};
});

replace(dns.promises, 'lookup', (real) => async (...args: never[]) => {
  const [host] = args as unknown as [string];
  if (isLoopback(host) || net.isIP(host) !== 0) return real(...args);
  throw refusal(host);
});
