import { canonicalAddress, WILDCARD } from './address.ts';

const NAMES = /^(?:localhost|.*\.(?:localhost|local|internal|intranet|lan|home\.arpa|svc|cluster\.local))$/;

/** What a literal address or a name is that no gateway may be sent to; null for what is public, as far as its text says. */
export function privateHost(host: string): string | null {
  if (NAMES.test(host) || host === 'metadata') return 'a name inside a private network';
  if (host === WILDCARD) return 'every address';
  if (host.startsWith('[') || host.includes(':')) return privateIpv6(canonicalAddress(host));
  const number = ipv4Number(host);
  return number === null ? null : privateIpv4(number);
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

const at = (a: number, b = 0, c = 0): number => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8;

const IPV4: readonly { readonly from: number; readonly bits: number; readonly what: string }[] = [
  { from: at(0), bits: 8, what: 'this host' },
  { from: at(10), bits: 8, what: 'a private address' },
  { from: at(100, 64), bits: 10, what: 'a private address' },
  { from: at(127), bits: 8, what: 'a loopback address' },
  { from: at(169, 254), bits: 16, what: 'a link-local address, where clouds keep their metadata' },
  { from: at(172, 16), bits: 12, what: 'a private address' },
  { from: at(192, 0, 0), bits: 24, what: 'a reserved address' },
  { from: at(192, 168), bits: 16, what: 'a private address' },
  { from: at(198, 18), bits: 15, what: 'a reserved address' },
  { from: at(224), bits: 4, what: 'a multicast address' },
  { from: at(240), bits: 4, what: 'a reserved address' },
];

function privateIpv4(number: number): string | null {
  return IPV4.find(({ from, bits }) => number >= from && number < from + 2 ** (32 - bits))?.what ?? null;
}

/** `text` as canonicalAddress gives it: eight groups, or IPv4 where it maps one. */
function privateIpv6(text: string): string | null {
  if (!text.includes(':')) return text === WILDCARD ? 'every address' : privateIpv4(ipv4Number(text) ?? 0);
  const groups = text.split(':').map((group) => Number.parseInt(group, 16));
  const [first = 0] = groups;
  if (text === '0:0:0:0:0:0:0:1') return 'a loopback address';
  if ((first & 0xffc0) === 0xfe80) return 'a link-local address';
  if ((first & 0xfe00) === 0xfc00) return 'a private address';
  if ((first & 0xff00) === 0xff00) return 'a multicast address';
  // 64:ff9b::/96 and 2002::/16 carry an IPv4 address.
  const carried = first === 0x64 && groups[1] === 0xff9b ? groups.slice(6) : first === 0x2002 ? groups.slice(1, 3) : [];
  return carried.length === 2 ? privateIpv4((carried[0] ?? 0) * 65_536 + (carried[1] ?? 0)) : null;
}
