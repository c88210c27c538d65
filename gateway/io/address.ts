import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction, SocketAddress } from 'node:net';
import {
  LOOPBACK_V4,
  NAT64,
  NEVER_V4,
  NEVER_V6,
  type Net,
  PRIVATE_V4,
  throughNat64,
} from '../../src/core/model/index.ts';

// Where a connection to a provider may lead. The name is resolved here, all of its addresses are judged, and exactly those
// are connected to: a name that answers differently a moment later changes nothing (DNS rebinding).

/** `public`: the default; `loopback`: the document names a loopback address; `private`: this host's operator allowed it. */
export type AddressRule = 'public' | 'loopback' | 'private';

const listOf = (v4: readonly Net[], v6: readonly Net[]): BlockList => {
  const list = new BlockList();
  for (const [net, bits] of v4) list.addSubnet(net, bits, 'ipv4');
  for (const [net, bits] of v6) list.addSubnet(net, bits, 'ipv6');
  return list;
};

const never = listOf(NEVER_V4, [...NEVER_V6, ...throughNat64([...NEVER_V4, ...LOOPBACK_V4])]);
const loopback = listOf(LOOPBACK_V4, [['::1', 128]]);
const privately = listOf(PRIVATE_V4, [
  ['fc00::', 7],
  [NAT64, 96],
]);

/** Why a connection to the address is refused, in words without the address; null where it is allowed. */
export function addressFault(address: string, rule: AddressRule): string | null {
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(plain) === 0) return 'no address';
  // An address of the one family written as the other is a way around lists, never a provider's.
  if (family === 'ipv6' && new SocketAddress({ address: plain, family }).address.includes('.'))
    return 'IPv4 written as IPv6';
  if (never.check(plain, family)) return 'reserved, link-local, multicast or of a metadata service';
  if (loopback.check(plain, family)) return rule === 'public' ? 'loopback' : null;
  if (rule === 'loopback') return 'not loopback';
  return privately.check(plain, family) && rule !== 'private' ? 'private' : null;
}

/** The name of a host, or its address without brackets, leads to addresses under this rule. */
export function ruleFor(hostname: string, privateHosts: ReadonlySet<string>): AddressRule {
  if (hostname === 'localhost' || loopbackText(hostname)) return 'loopback';
  return privateHosts.has(hostname) ? 'private' : 'public';
}

function loopbackText(hostname: string): boolean {
  const family = isIP(hostname);
  return family !== 0 && loopback.check(hostname, family === 6 ? 'ipv6' : 'ipv4');
}

/** Of the error that refuses an address. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

/** A resolver that answers with addresses only where the rule allows every one of them. */
export function guardedLookup(rule: AddressRule, lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const fault = addresses.map(({ address }) => addressFault(address, rule)).find((item) => item !== null);
      const [first] = addresses;
      if (fault !== undefined || first === undefined) {
        const refused: NodeJS.ErrnoException = new Error(`the host has an address that is ${fault ?? 'missing'}`);
        refused.code = fault === undefined ? 'ENOTFOUND' : ADDRESS_REFUSED;
        callback(refused, '', 0);
        return;
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
