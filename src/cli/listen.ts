import { isLoopback } from '../core/model/index.ts';
import { CommandError, EXIT } from './terminal.ts';

/** An address to listen on, as a socket takes it: IPv6 without brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `<host>:<port>`, IPv6 in brackets; `where` says who said so. */
export function listenAddress(text: string, where: string): ListenAddress {
  const [, inner, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = inner ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new CommandError(
    EXIT.usage,
    'USAGE',
    `expected ${where} to be <host>:<port>, such as 127.0.0.1:4100 or [::1]:4100, found ${JSON.stringify(text)}`,
  );
}

/** The origin of a simulated provider, which is on this machine: a gateway takes no other one. */
export function simulatorOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && isLoopback(url.hostname)) return url.origin;
  throw new CommandError(
    EXIT.usage,
    'USAGE',
    `expected --simulator to be http://127.0.0.1:<port>, found ${JSON.stringify(text)}`,
  );
}

/** The URL of who listens there: IPv6 in brackets. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
