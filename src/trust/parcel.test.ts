import { describe, expect, it } from 'vitest';
import type { Sha256Hex } from '../core/model/index.ts';
import { type KnownFiles, knownFiles, PARCEL_BYTES, packParcel, parcelPath, unpackParcel } from './parcel.ts';
import { codeOf } from './trust.testkit.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const FILES = new Map([
  ['timestamp.json', bytesOf('one')],
  ['targets/desk/0a.bundle.tar', Uint8Array.of(0, 10, 255)],
  ['7.snapshot.json', bytesOf('')],
]);

describe('a parcel', () => {
  it('gives back the files that were put in, byte for byte', () => {
    const packed = packParcel(FILES) ?? new Uint8Array(0);
    expect([...unpackParcel(packed)].map(([name, bytes]) => [name, [...bytes]])).toEqual(
      [...FILES].map(([name, bytes]) => [name, [...bytes]]),
    );
    expect(new TextDecoder().decode(packed)).toMatch(/^\{"format":"tenantry\/parcel\/v1","files":\[.*\]\}\none/);
  });

  it('is none where the files are too many or too large', () => {
    const many = (count: number) =>
      new Map(Array.from({ length: count }, (_, index) => [`${index + 1}.root.json`, bytesOf('x')]));
    expect([packParcel(many(128)) === undefined, packParcel(many(129))]).toEqual([false, undefined]);
    expect(packParcel(new Map([['a', new Uint8Array(PARCEL_BYTES)]]))).toBeUndefined();
    expect(unpackParcel(packParcel(many(128)) ?? new Uint8Array(0)).size).toBe(128);
  });

  const file = (name: unknown, length: unknown, more = {}) => ({ name, length, ...more });
  const parcel = (files: unknown, rest = 'abc', more = {}): Uint8Array =>
    bytesOf(`${JSON.stringify({ format: 'tenantry/parcel/v1', files, ...more })}\n${rest}`);

  /** Would give itself as a file, if its last byte counted for the line feed. */
  function unended(): Uint8Array {
    const header = (length: number) => JSON.stringify({ format: 'tenantry/parcel/v1', files: [file('a', length)] });
    return bytesOf(`${header(header(10).length + 1)}x`);
  }

  it.each([
    ['nothing', bytesOf('')],
    ['no line', bytesOf('{}')],
    ['no line, and a file that is all of it', unended()],
    ['a first line that is too long', bytesOf(`${' '.repeat(64 * 1024)}{}\n`)],
    ['no JSON', bytesOf('{\n')],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22, 10)],
    ['another format', parcel([file('a', 3)], 'abc', { format: 'tenantry/parcel/v2' })],
    ['a field more', parcel([file('a', 3)], 'abc', { more: 1 })],
    ['a field more of a file', parcel([file('a', 3, { more: 1 })])],
    ['files that are no list', parcel({})],
    ['a file twice', parcel([file('a', 1), file('a', 2)])],
    ['a name that is no path', parcel([file('../a', 3)])],
    ['a length below zero', parcel([file('a', 4), file('b', -1)])],
    ['a length that is no number', parcel([file('a', '3')])],
    [
      'too many files',
      parcel(
        Array.from({ length: 129 }, (_, index) => file(`a${index}`, 0)),
        '',
      ),
    ],
    ['bytes too few', parcel([file('a', 4)])],
    ['bytes too many', parcel([file('a', 2)])],
  ])('with %s is refused', (_, bytes) => {
    expect(codeOf(() => unpackParcel(bytes))).toBe('TRUST_ARCHIVE');
  });

  it('passes as they are written here', () => {
    expect(unpackParcel(parcel([file('a', 1), file('b', 2)])).size).toBe(2);
  });
});

describe('what a gateway has', () => {
  const digest = 'a'.repeat(64) as Sha256Hex;
  it.each<KnownFiles>([
    { root: 1, snapshot: null, bundle: null },
    { root: 40, snapshot: 7, bundle: digest },
  ])('is read from the path as it was written: %j', (known) => {
    expect(knownFiles(new URL(parcelPath(known), 'http://a').searchParams)).toEqual(known);
  });

  it.each([
    'snapshot=1',
    'root=0',
    'root=01',
    'root=x',
    'root=1&snapshot=',
    'root=1&snapshot=-1',
    'root=1&bundle=',
    `root=1&bundle=${'A'.repeat(64)}`,
    `root=1&bundle=${digest}a`,
    'root=1000000000000000',
  ])('is not known from %s', (query) => {
    expect(knownFiles(new URLSearchParams(query))).toBeUndefined();
  });
});
