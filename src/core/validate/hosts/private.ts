import { type AddressKind, kindOfAddress } from '../../model/index.ts';
import { WILDCARD } from './address.ts';

const NAMES = /^(?:localhost|.*\.(?:localhost|local|internal|intranet|lan|home\.arpa|svc|cluster\.local))$/;

/** What gateways refuse to connect to, as they judge it. */
const WHAT: { readonly [K in Exclude<AddressKind, 'public'>]: string } = {
  private: 'a private address',
  loopback: 'a loopback address',
  never: 'a reserved, multicast or link-local address, or one where a cloud keeps its metadata',
  disguised: 'an IPv4 address written as IPv6',
};

/** What a literal address or a name is that no gateway may be sent to; null for what is public, as far as its text says. */
export function privateHost(host: string): string | null {
  if (NAMES.test(host) || host === 'metadata') return 'a name inside a private network';
  if (host === WILDCARD) return 'every address';
  const kind = kindOfHost(host);
  return kind === 'public' ? null : WHAT[kind];
}

/** What a literal address is that nobody is sent to, whatever an operator allows; null for every other host. */
export function neverHost(host: string): string | null {
  if (host === WILDCARD) return 'every address';
  const kind = kindOfHost(host);
  return kind === 'never' || kind === 'disguised' ? WHAT[kind] : null;
}

/** Names are public here: what they resolve to is judged when it is connected to. */
function kindOfHost(host: string): AddressKind {
  const bare = host.replace(/^\[|\]$/g, '');
  const address = bare.includes(':') ? bare : dotted(ipv4Number(bare));
  return address === null ? 'public' : kindOfAddress(address);
}

function dotted(number: number | null): string | null {
  return number === null ? null : [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** An IPv4 address in any spelling that systems accept (`127.1`, `0x7f000001`, `017700000001`); null for a name. */
function ipv4Number(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const values = parts.map(partValue);
  if (values.some((value) => value === null)) return null;
  const last = values.pop() ?? 0;
  const high = values.reduce<number>((sum, value, index) => sum + (value ?? 0) * 256 ** (3 - index), 0);
  return high + last;
}

function partValue(part: string): number | null {
  if (/^0x[0-9a-f]+$/i.test(part)) return Number.parseInt(part.slice(2), 16);
  if (/^0[0-7]+$/.test(part)) return Number.parseInt(part, 8);
  return /^[0-9]+$/.test(part) ? Number(part) : null;
}
