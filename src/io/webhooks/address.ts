import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction, SocketAddress } from 'node:net';
import { LOOPBACK_V4, NAT64, NEVER_V4, NEVER_V6, type Net, PRIVATE_V4, throughNat64 } from '../../core/model/index.ts';

// Where a message may go. Unlike providers on a customer's gateway, webhooks leave the machine of the control plane: what
// is private or loopback there is for its operator to allow, host by host, and not for a file of an org.

const listOf = (v4: readonly Net[], v6: readonly Net[]): BlockList => {
  const list = new BlockList();
  for (const [net, bits] of v4) list.addSubnet(net, bits, 'ipv4');
  for (const [net, bits] of v6) list.addSubnet(net, bits, 'ipv6');
  return list;
};

const never = listOf(NEVER_V4, [...NEVER_V6, ...throughNat64(NEVER_V4)]);
const inside = listOf(
  [...PRIVATE_V4, ...LOOPBACK_V4],
  [
    ['::1', 128],
    ['fc00::', 7],
    [NAT64, 96],
  ],
);

/** Why no message is sent to the address, in words without it; null where one is. */
export function addressFault(address: string, isAllowed: boolean): string | null {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) === 0) return 'no address';
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (family === 'ipv6' && new SocketAddress({ address: plain, family }).address.includes('.'))
    return 'IPv4 written as IPv6';
  if (never.check(plain, family)) return 'reserved, link-local, multicast or of a metadata service';
  return inside.check(plain, family) && !isAllowed ? 'private or loopback' : null;
}

/** A resolver that answers only where every address is allowed; exactly those are connected to. */
export function guardedLookup(isAllowed: boolean, lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const fault = addresses.map(({ address }) => addressFault(address, isAllowed)).find((item) => item !== null);
      const [first] = addresses;
      if (first === undefined || fault !== undefined)
        return callback(new Error(`the host has an address that is ${fault ?? 'missing'}`), '', 0);
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
