import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { kindOfAddress } from '../../core/model/index.ts';

// Where a message may go. Unlike providers on a customer's gateway, webhooks leave the machine of the control plane: what
// is private or loopback there is for its operator to allow, host by host, and not for a file of an org.

/** Why no message is sent to the address, in words without it; null where one is. */
export function addressFault(address: string, isAllowed: boolean): string | null {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) === 0) return 'no address';
  const kind = kindOfAddress(plain);
  if (kind === 'disguised') return 'IPv4 written as IPv6';
  if (kind === 'never') return 'reserved, link-local, multicast or of a metadata service';
  return kind === 'public' || isAllowed ? null : 'private or loopback';
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
