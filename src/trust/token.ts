import { hash } from 'node:crypto';
import type { OrgUid, Sha256Hex } from '../core/model/index.ts';

// The text of bearer tokens. It ends in a CRC, so that a typing or copying error is told apart from a wrong secret,
// and carries 256 random bits (rulings 26).

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));
const SECRET_BYTES = 32;
/** 256 bits in base 62, zero-padded. */
const SECRET_DIGITS = 43;
/** 32 bits in base 62, zero-padded. */
const CRC_DIGITS = 6;
const TOKEN_ID = /^[a-z0-9]{4,32}$/;
/** A whole token, and no longer. */
const TOKEN = /^tnt_([a-z0-9]{4,32})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;

/** A bearer token's parts; `secret` is 32 bytes. */
export interface TokenParts {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** `tnt_<id>_<secret>_<crc>`. Throws RangeError when the id is not ^[a-z0-9]{4,32}$ or the secret is not 32 bytes. */
export function formatToken(id: string, secret: Uint8Array): string {
  if (!TOKEN_ID.test(id)) throw new RangeError('expected a token id of 4 to 32 characters a-z0-9');
  return sealed(`tnt_${id}_${encodeSecret(secret)}`);
}

/** The parts of a token's text, or undefined when it is not one or its CRC does not fit. Says nothing about validity. */
export function parseToken(text: string): TokenParts | undefined {
  const [, id = '', digits = '', crc] = TOKEN.exec(text) ?? [];
  if (crc !== crcDigits(text.slice(0, -(CRC_DIGITS + 1)))) return undefined;
  const secret = decodeSecret(digits);
  return secret === undefined ? undefined : { id, secret };
}

/** SHA-256 of "tenantry/token/v1" 0 org uid 0 token id 0 secret: copied to another org it opens nothing (architecture 4). */
export function tokenDigest(org: OrgUid, id: string, secret: Uint8Array): Sha256Hex {
  const words = Buffer.from(`tenantry/token/v1\0${org}\0${id}\0`, 'utf8');
  return hash('sha256', Buffer.concat([words, secret]), 'hex') as Sha256Hex;
}

/** 32 bytes as 43 digits of base 62. */
export function encodeSecret(secret: Uint8Array): string {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`expected a secret of ${SECRET_BYTES} bytes`);
  let rest = BigInt(`0x${Buffer.from(secret).toString('hex')}`);
  return inBase62(() => {
    const digit = Number(rest % 62n);
    rest /= 62n;
    return digit;
  }, SECRET_DIGITS);
}

/** The 32 bytes of 43 base 62 digits, or undefined when it is not that or does not fit in 256 bits. */
export function decodeSecret(digits: string): Uint8Array | undefined {
  if (digits.length !== SECRET_DIGITS) return undefined;
  const bytes = new Uint8Array(SECRET_BYTES);
  for (const digit of digits) {
    let carry = VALUES.get(digit);
    if (carry === undefined) return undefined;
    for (let at = SECRET_BYTES - 1; at >= 0; at -= 1) {
      carry += (bytes[at] ?? 0) * 62;
      bytes[at] = carry & 0xff;
      carry >>>= 8;
    }
    if (carry !== 0) return undefined;
  }
  return bytes;
}

function sealed(body: string): string {
  return `${body}_${crcDigits(body)}`;
}

function crcDigits(body: string): string {
  let rest = crc32(body);
  return inBase62(() => {
    const digit = rest % 62;
    rest = Math.floor(rest / 62);
    return digit;
  }, CRC_DIGITS);
}

/** `count` digits, least significant first from `next`, written most significant first. */
function inBase62(next: () => number, count: number): string {
  let text = '';
  for (let index = 0; index < count; index += 1) text = (DIGITS[next()] ?? '') + text;
  return text;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (IEEE 802.3, reflected) of the text's UTF-8 bytes. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text, 'utf8')) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
