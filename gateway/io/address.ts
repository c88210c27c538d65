import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressKind, kindOfAddress } from '../../src/core/model/index.ts';

// Where a connection to a provider may lead. The name is resolved here, all of its addresses are judged, and exactly those
// are connected to: a name that answers differently a moment later changes nothing (DNS rebinding).

/** `public`: the default; `loopback`: the document names a loopback address; `private`: this host's operator allowed it. */
export type AddressRule = 'public' | 'loopback' | 'private';

const ALLOWED: { readonly [R in AddressRule]: ReadonlySet<AddressKind> } = {
  public: new Set(['public']),
  loopback: new Set(['loopback']),
  private: new Set(['public', 'loopback', 'private']),
};

const FAULTS: { readonly [K in AddressKind]: string } = {
  public: 'not loopback',
  private: 'private',
  loopback: 'loopback',
  never: 'reserved, link-local, multicast, of a metadata service, or none',
  disguised: 'IPv4 written as IPv6',
};

/** Why a connection to the address is refused, in words without the address; null where it is allowed. */
export function addressFault(address: string, rule: AddressRule): string | null {
  const kind = kindOfAddress(address.replace(/%.*$/, ''));
  return ALLOWED[rule].has(kind) ? null : FAULTS[kind];
}

/** The name of a host, or its address without brackets, leads to addresses under this rule. */
export function ruleFor(hostname: string, privateHosts: ReadonlySet<string>): AddressRule {
  if (hostname === 'localhost' || kindOfAddress(hostname) === 'loopback') return 'loopback';
  return privateHosts.has(hostname) ? 'private' : 'public';
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
