import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrgUid, orgUid } from '../core/model/index.ts';
import { decodeSecret, encodeSecret, formatToken, parseToken, tokenDigest } from './token.ts';

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
const ids = fc.stringMatching(/^[a-z0-9]{4,32}$/);
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ORG = orgUid('aaaabbbbccccddddeeee') as OrgUid;
const OTHER = orgUid('zzzzbbbbccccddddeeee') as OrgUid;

describe('token text', () => {
  test('what is formatted parses back to the same id and secret, with the CRC of zlib at its end', () => {
    fc.assert(
      fc.property(ids, secrets, (id, secret) => {
        const text = formatToken(id, secret);
        expect(text).toMatch(/^tnt_[a-z0-9]+_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
        expect(parseToken(text)).toEqual({ id, secret });
        expect(decodeSecret(encodeSecret(secret))).toEqual(secret);
      }),
    );
    const text = formatToken('abcd', new Uint8Array(32));
    const crc = [...text.slice(-6)].reduce((sum, digit) => sum * 62 + DIGITS.indexOf(digit), 0);
    expect(crc).toBe(crc32(text.slice(0, -7)));
  });

  test('one changed character never parses', () => {
    fc.assert(
      fc.property(ids, secrets, fc.nat(), fc.constantFrom('0', 'z', 'A', '_', ' '), (id, secret, at, other) => {
        const text = formatToken(id, secret);
        const index = at % text.length;
        fc.pre(text[index] !== other);
        expect(parseToken(text.slice(0, index) + other + text.slice(index + 1))).toBeUndefined();
      }),
    );
  });

  test('what has its CRC right is still looked at', () => {
    const sealed = (body: string): string => {
      let [rest, digits] = [crc32(body), ''];
      for (let at = 0; at < 6; at += 1) [digits, rest] = [(DIGITS[rest % 62] ?? '') + digits, Math.floor(rest / 62)];
      return `${body}_${digits}`;
    };
    const zeros = '0'.repeat(43);
    expect(parseToken(sealed(`tnt_abcd_${zeros}`))).toEqual({ id: 'abcd', secret: new Uint8Array(32) });
    const others = [
      `tne_abcd_${zeros}`,
      `tnt_ABCD_${zeros}`,
      `tnt_abc_${zeros}`,
      `tnt_${'a'.repeat(33)}_${zeros}`,
      `tnt_abcd_${zeros}0`,
      `tnt_abcd_${zeros.slice(1)}`,
      `tnt_abcd_${'z'.repeat(43)}`,
      `tnt_abcd_more_${zeros}`,
      zeros,
    ];
    for (const other of others) expect(parseToken(sealed(other)), other).toBeUndefined();
  });

  test('a secret has its 43 digits and no others', () => {
    for (const digits of ['0'.repeat(42), '0'.repeat(44), `${'0'.repeat(42)}!`]) {
      expect(decodeSecret(digits), digits).toBeUndefined();
    }
  });

  test('a secret above 256 bits, a bad id and an overlong text are refused', () => {
    expect(decodeSecret('z'.repeat(43))).toBeUndefined();
    expect(() => formatToken('has_underscore', new Uint8Array(32))).toThrow(RangeError);
    expect(() => formatToken('abcd', new Uint8Array(31))).toThrow(RangeError);
    expect(parseToken(`tnt_${'a'.repeat(400)}`)).toBeUndefined();
  });

  test('the digest binds org, id and secret', () => {
    const secret = new Uint8Array(32).fill(7);
    const digest = tokenDigest(ORG, 'abcd', secret);
    const expected = createHash('sha256').update(`tenantry/token/v1\0${ORG}\0abcd\0`).update(secret).digest('hex');
    expect(digest).toBe(expected);
    expect(tokenDigest(OTHER, 'abcd', secret)).not.toBe(digest);
    expect(tokenDigest(ORG, 'abce', secret)).not.toBe(digest);
  });
});
