import { holds, type Network, type NetworkAddress, parseAddress } from '../../src/core/model/index.ts';

/** More proxies than this in a row are nobody's network. */
const MOST_PROXIES = 20;

/**
 * Whose request it is: the address of the socket, or behind proxies that this machine's operator trusts the rightmost address
 * of X-Forwarded-For that is none of theirs. What stands left of that, the client itself may have written. Null where it is
 * not known: a trusted proxy wrote something that is no address.
 */
export function clientAddress(
  socket: string | undefined,
  forwarded: string | undefined,
  trusted: readonly Network[],
): NetworkAddress | null {
  let address = parseAddress((socket ?? '').replace(/%.*$/, ''));
  if (address === undefined) return null;
  if (forwarded === undefined || trusted.length === 0) return address;
  const hops = forwarded.split(',');
  for (let at = hops.length - 1; at >= 0 && isTrusted(address, trusted); at -= 1) {
    if (hops.length - at > MOST_PROXIES) return null;
    address = parseAddress(withoutPort((hops[at] ?? '').trim()));
    if (address === undefined) return null;
  }
  return address;
}

function isTrusted(address: NetworkAddress, trusted: readonly Network[]): boolean {
  return trusted.some((network) => holds(network, address));
}

/** Some proxies write the port too: 192.0.2.1:443, [2001:db8::1]:443, and IPv6 in brackets without one. */
function withoutPort(text: string): string {
  const [, v6, v4] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(text) ?? [];
  return v6 ?? v4 ?? text;
}
