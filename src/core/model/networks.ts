import { holds, type NetworkAddress, parseAddress, parseNetwork } from './network-address.ts';

// What stands behind an address, for those who judge where a connection may lead: of IPv6 nothing is open but what is global
// unicast, so that a range nobody has heard of is closed, and an IPv4 address counts in whatever form IPv6 carries it.

/** `never` and `disguised`, IPv4 written as IPv6: nobody's provider, whoever allows it. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'never' | 'disguised';

type Judged = (address: NetworkAddress) => boolean;

function within(...texts: readonly string[]): Judged {
  const networks = texts.flatMap((text) => parseNetwork(text) ?? []);
  return (address) => networks.some((network) => holds(network, address));
}

/** Special ranges, and metadata services that hand out credentials of the machine (IANA special-purpose registries). */
const isNeverV4 = within(
  '0.0.0.0/8',
  '100.100.100.200',
  '168.63.129.16',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
);
const isPrivateV4 = within('10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16');
const isLoopbackV4 = within('127.0.0.0/8');

const isLoopbackV6 = within('::1');
/** Compatible (RFC 4291 2.5.5.1), mapped (2.5.5.2) and translated (RFC 2765 2.1). */
const isDisguised = within('::/96', '::ffff:0:0/96', '::ffff:0:0:0/96');
const isGlobalV6 = within('2000::/3');
/** Within what is global or private: Teredo and other protocols' own, documentation, 6to4, metadata services. */
const isNeverV6 = within('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', 'fd00:ec2::254', 'fd20:ce::254');
const isPrivateV6 = within('fc00::/7');
/** A translator turns these into the IPv4 address of their last 32 bits (RFC 6052). */
const isTranslated = within('64:ff9b::/96');

/** The kind of an address without zone, port or brackets; what is no address is one for nobody. */
export function kindOfAddress(text: string): AddressKind {
  const address = parseAddress(text);
  if (address === undefined) return 'never';
  return text.includes(':') ? kindV6(address) : kindV4(address);
}

function kindV4(address: NetworkAddress): AddressKind {
  if (isNeverV4(address)) return 'never';
  if (isLoopbackV4(address)) return 'loopback';
  return isPrivateV4(address) ? 'private' : 'public';
}

function kindV6(address: NetworkAddress): AddressKind {
  if (isLoopbackV6(address)) return 'loopback';
  // A way around lists, and the way to no provider.
  if (isDisguised(address)) return 'disguised';
  const isPrivate = isPrivateV6(address) || isTranslated(address);
  if ((!isPrivate && !isGlobalV6(address)) || isNeverV6(address)) return 'never';
  const carried = carriedBy(address);
  const kind = carried === null ? 'public' : kindV4(carried);
  if (kind === 'never' || kind === 'loopback') return 'never';
  return isPrivate ? 'private' : kind;
}

/** The IPv4 address that a translator, or the end of a tunnel (ISATAP, RFC 5214 6.1), makes of an IPv6 address; null: none. */
function carriedBy(address: NetworkAddress): NetworkAddress | null {
  const [, , interfaceId, last] = address.words;
  const isTunnel = interfaceId === 0x0000_5efe || interfaceId === 0x0200_5efe;
  return isTunnel || isTranslated(address) ? { family: 4, words: [0, 0, 0xffff, last] } : null;
}
