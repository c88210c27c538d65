import { expect, test } from 'vitest';
import { callerText, type Network, parseNetwork } from '../../src/core/model/index.ts';
import { clientAddress } from './index.ts';

const trusted = ['10.0.0.0/8', '2001:db8:f::/48'].map((text) => parseNetwork(text)) as readonly Network[];
const who = (socket: string | undefined, forwarded: string | undefined, proxies: readonly Network[]): string | null => {
  const address = clientAddress(socket, forwarded, proxies);
  return address === null ? null : callerText(address);
};

test.each([
  ['the socket, where there is no proxy', '192.0.2.1', undefined, '192.0.2.1'],
  ['the socket, in whatever writing', '::ffff:192.0.2.1', undefined, '192.0.2.1'],
  ['the socket, without its zone', 'fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
  ['the socket, whatever a client says of itself', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['what the proxy says', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['what the proxy says, not what the client said to it', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  [
    'the first that is no proxy, from the right',
    '10.0.0.1',
    '198.51.100.1, 203.0.113.9 ,10.0.0.2,::ffff:10.0.0.3',
    '203.0.113.9',
  ],
  ['the farthest proxy, where all are', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['the proxy, where it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
  ['an address with a port', '2001:db8:f::1', '203.0.113.9:4411', '203.0.113.9'],
  ['an address of IPv6 in brackets', '10.0.0.1', '[2001:db8::1]:443', '2001:db8:0:0::/64'],
  ['nobody, where a proxy says no address', '10.0.0.1', '203.0.113.9, unknown', null],
  ['nobody, where a proxy says nothing', '10.0.0.1', '203.0.113.9, ', null],
  ['nobody, behind too many proxies', '10.0.0.1', `203.0.113.9${', 10.0.0.2'.repeat(25)}`, null],
  ['nobody, without a socket', undefined, undefined, null],
])('a request is of %s', (_, socket, forwarded, expected) => {
  expect(who(socket, forwarded, trusted)).toBe(expected);
});

test('without trusted proxies nobody is believed', () => {
  expect(who('10.0.0.1', '203.0.113.9', [])).toBe('10.0.0.1');
});
