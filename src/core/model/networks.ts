// Addresses that no provider or webhook of a customer has, for those who judge where a connection may lead.

/** An address and how many of its bits name the network. */
export type Net = readonly [string, number];

/** Nobody's provider, and metadata services that hand out credentials of the machine (IANA special-purpose registries). */
export const NEVER_V4: readonly Net[] = [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
export const NEVER_V6: readonly Net[] = [
  ['::', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];
export const PRIVATE_V4: readonly Net[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
export const LOOPBACK_V4: readonly Net[] = [['127.0.0.0', 8]];
/** Addresses that a translator turns into the IPv4 address of their last 32 bits (RFC 6052). */
export const NAT64 = '64:ff9b::';

/** The same IPv4 networks as a translator's clients write them. */
export const throughNat64 = (nets: readonly Net[]): readonly Net[] =>
  nets.map(([net, bits]) => [`${NAT64}${net}`, 96 + bits]);
