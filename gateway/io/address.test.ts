import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressRule, addressFault, guardedLookup, ruleFor } from './address.ts';

const RULES: readonly AddressRule[] = ['public', 'loopback', 'private'];
/** By which rules each address may be connected to. */
const ALLOWED: readonly (readonly [string, readonly AddressRule[]])[] = [
  ['93.184.215.14', ['public', 'private']],
  ['2606:4700::6810:84e5', ['public', 'private']],
  ['127.0.0.1', ['loopback', 'private']],
  ['127.255.255.254', ['loopback', 'private']],
  ['::1', ['loopback', 'private']],
  ['10.0.0.1', ['private']],
  ['172.16.0.1', ['private']],
  ['172.31.255.255', ['private']],
  ['172.32.0.1', ['public', 'private']],
  ['192.168.1.1', ['private']],
  ['100.64.0.1', ['private']],
  ['100.127.255.255', ['private']],
  ['fd12:3456::1', ['private']],
  ['64:ff9b::808:808', ['private']],
  ['64:ff9b::a00:1', ['private']],
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '2001:db8::1',
    '2001::1',
    '2002:a00:1::1',
    '64:ff9b:1::1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::7f00:1',
    '::ffff:8.8.8.8',
    '::8.8.8.8',
    '::7f00:1',
    '::2',
    '::ffff:0:a9fe:a9fe',
    '5f00::1',
    '2600::5efe:a9fe:a9fe',
    '::ffff:10.0.0.1',
    '::FFFF:127.0.0.1',
    '0:0:0:0:0:ffff:0a00:0001',
    'provider.example',
    '',
  ].map((address) => [address, []] as const),
];

describe('an address', () => {
  test.each(ALLOWED)('%s may be connected to by %j', (address, rules) => {
    expect(RULES.filter((rule) => addressFault(address, rule) === null)).toEqual(rules);
  });

  test('law: no private, loopback or link-local one is public, in whatever way it is written as IPv6', () => {
    const first = fc.constantFrom([10, 8], [127, 8], [169 * 256 + 254, 16], [192 * 256 + 168, 16], [0xac1, 12]);
    fc.assert(
      fc.property(first, fc.integer({ min: 0, max: 2 ** 24 - 1 }), ([prefix = 0, bits = 0], rest) => {
        const number = prefix * 2 ** (32 - bits) + (rest % 2 ** (32 - bits));
        const bytes = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
        const [a = 0, b = 0, c = 0, d = 0] = bytes;
        const high = (a * 256 + b).toString(16);
        const low = (c * 256 + d).toString(16);
        const spellings = [
          bytes.join('.'),
          `::ffff:${bytes.join('.')}`,
          `::${bytes.join('.')}`,
          `::ffff:${high}:${low}`,
          `64:ff9b::${high}:${low}`,
          `2002:${high}:${low}::1`,
        ];
        for (const text of spellings) expect(addressFault(text, 'public')).not.toBeNull();
      }),
    );
  });
});

test('the rule is that of the host as the document has it', () => {
  const hosts = new Set(['models.internal', '10.1.2.3']);
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].map((name) => ruleFor(name, hosts))).toEqual(
    Array(4).fill('loopback'),
  );
  expect(['models.internal', '10.1.2.3'].map((name) => ruleFor(name, hosts))).toEqual(['private', 'private']);
  expect(['api.openai.com', 'localhost.example', '10.1.2.4'].map((name) => ruleFor(name, hosts))).toEqual(
    Array(3).fill('public'),
  );
});

describe('a resolver', () => {
  const answering = (found: readonly LookupAddress[] | string | Error): LookupFunction =>
    ((_name: string, _options: object, callback: (...answer: unknown[]) => void) => {
      if (found instanceof Error) callback(found);
      else callback(null, found, 4);
    }) as unknown as LookupFunction;
  const resolve = (found: Parameters<typeof answering>[0], rule: AddressRule, all = true): Promise<unknown> =>
    new Promise((settle) => {
      guardedLookup(rule, answering(found))('provider.example', { all }, (error, address) => {
        settle(error === null ? address : `${error.code ?? ''} ${error.message}`.trim());
      });
    });
  const open = { address: '93.184.215.14', family: 4 };

  test('answers what was judged, and nothing where one address of many is refused', async () => {
    expect(await resolve([open], 'public')).toEqual([open]);
    expect(await resolve([open], 'public', false)).toBe(open.address);
    expect(await resolve(open.address, 'public', false)).toBe(open.address);
    expect(await resolve([open, { address: '10.0.0.1', family: 4 }], 'public')).toMatch(
      /^ERR_ADDRESS_REFUSED .* (?:private|not loopback)$/,
    );
    expect(await resolve([{ address: '10.0.0.1', family: 4 }], 'private')).toHaveLength(1);
    expect(await resolve([open], 'loopback')).toMatch(/^ERR_ADDRESS_REFUSED .* (?:private|not loopback)$/);
    expect(await resolve([], 'public')).toBe('ENOTFOUND the host has an address that is missing');
    expect(await resolve(new Error('away'), 'public')).toBe('away');
  });
});
