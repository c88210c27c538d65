import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressKind, kindOfAddress } from './index.ts';

const KINDS: readonly (readonly [AddressKind, readonly string[]])[] = [
  [
    'public',
    ['8.8.8.8', '172.32.0.1', '2606:4700::1', '2a00:1450:4001:81b::200e', '2000::1', '3ffe::1', '2600::5efe:808:808'],
  ],
  [
    'private',
    [
      '10.0.0.1',
      '100.64.0.1',
      '172.31.255.255',
      '192.168.0.1',
      'fc00::1',
      'fdff::1',
      '64:ff9b::808:808',
      '64:ff9b::a00:1',
    ],
  ],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']],
  [
    'disguised',
    [
      // Compatible, mapped, translated.
      ...[
        '::',
        '::2',
        '::1:1',
        '::8.8.8.8',
        '::a9fe:a9fe',
        '::ffff:8.8.8.8',
        '::ffff:7f00:1',
        '::ffff:0:a9fe:a9fe',
        '::ffff:0:8.8.8.8',
      ],
    ],
  ],
  [
    'never',
    [
      ...[
        '0.0.0.0',
        '169.254.169.254',
        '168.63.129.16',
        '100.100.100.200',
        '192.0.0.192',
        '224.0.0.1',
        '255.255.255.255',
      ],
      // Outside of what is global: local translation, discard, segment routing, link-local, site-local, multicast, and what nobody has.
      ...[
        '64:ff9b:1::1',
        '100::1',
        '5f00::1',
        'fe80::1',
        'fec0::1',
        'ff02::1',
        '1fff::1',
        '4000::1',
        'bfff::1',
        'fbff::1',
        '200::1',
      ],
      // Within it: Teredo, documentation, 6to4.
      ...['2001::1', '2001:1::1', '2001:db8::1', '3fff::1', '2002:808:808::1'],
      // Metadata services, and what a translator or a tunnel makes of an address.
      ...[
        'fd00:ec2::254',
        'fd20:ce::254',
        '64:ff9b::a9fe:a9fe',
        '64:ff9b::7f00:1',
        '2600::5efe:a9fe:a9fe',
        '2600::200:5efe:7f00:1',
        'fd00::5efe:127.0.0.1',
      ],
      ...['', 'provider.example', '127.1', '0x7f000001', '::1%lo', '[::1]', '8.8.8.8:80'],
    ],
  ],
];

describe('an address', () => {
  test.each(KINDS.flatMap(([kind, texts]) => texts.map((text) => [text, kind] as const)))('%s is %s', (text, kind) => {
    expect(kindOfAddress(text)).toBe(kind);
  });

  test('law: of IPv6 nothing outside of 2000::/3 is public', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }),
        ([first = 0, ...rest]) => {
          const text = [first, ...rest].map((group) => group.toString(16)).join(':');
          if (kindOfAddress(text) === 'public') expect(first >>> 13).toBe(1);
          const global = [0x2600, ...rest.slice(0, 6), 1].map((group) => group.toString(16)).join(':');
          expect(kindOfAddress(global)).toBe('public');
        },
      ),
    );
  });

  test('law: an IPv4 address that is not public is so in no form that IPv6 carries it in', () => {
    const first = fc.constantFrom([10, 8], [127, 8], [169 * 256 + 254, 16], [192 * 256 + 168, 16], [0xac1, 12]);
    fc.assert(
      fc.property(first, fc.integer({ min: 0, max: 2 ** 24 - 1 }), ([prefix = 0, bits = 0], rest) => {
        const number = prefix * 2 ** (32 - bits) + (rest % 2 ** (32 - bits));
        const [high, low] = [Math.floor(number / 0x10000).toString(16), (number % 0x10000).toString(16)];
        for (const around of [
          '::',
          '::ffff:',
          '::ffff:0:',
          '64:ff9b::',
          '64:ff9b:1::',
          '2600::5efe:',
          '2600::200:5efe:',
        ])
          expect([around, kindOfAddress(`${around}${high}:${low}`)]).not.toEqual([around, 'public']);
        expect(kindOfAddress(`2002:${high}:${low}::1`)).toBe('never');
      }),
    );
  });
});
