import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTar, unpackTar } from './tar.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const FILES = new Map([
  ['b.txt', bytes('bee')],
  ['a.txt', new Uint8Array(512).fill(65)],
  ['c.txt', new Uint8Array(0)],
]);
const LIMITS = { maxBytes: 10_000, names: ['a.txt', 'b.txt', 'c.txt'] };
const HEADERS = { a: 0, b: 1024, c: 2048, end: 2560 } as const;

/** The archive with a change, and every header's checksum made right again: only the change itself is wrong. */
function forged(change: (archive: Uint8Array) => void, header: number): Uint8Array {
  const archive = packTar(FILES);
  change(archive);
  const block = archive.subarray(header, header + 512);
  block.set(bytes('        '), 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(bytes(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return archive;
}

describe('packTar', () => {
  it('gives the same bytes whatever the order of the files, sorted by name', () => {
    const backwards = new Map([...FILES].reverse());
    expect(packTar(backwards)).toEqual(packTar(FILES));
    expect(packTar(FILES)).toHaveLength(HEADERS.end + 1024);
  });

  it('is read back by its own reader, for any content', () => {
    const content = fc.uint8Array({ maxLength: 1600 });
    fc.assert(
      fc.property(content, content, (one, two) => {
        const files = new Map([
          ['one', one],
          ['two', two],
        ]);
        const read = unpackTar(packTar(files), { maxBytes: 10_000, names: ['two', 'one'] });
        expect(read.ok && [...read.value]).toEqual([...files]);
      }),
    );
  });

  it.each(['', '../x', 'a/b', '/x', 'ä', '.', '..', '..hidden', 'x'.repeat(101)])(
    'refuses to write the name %j',
    (name) => {
      expect(() => packTar(new Map([[name, bytes('')]]))).toThrow(RangeError);
    },
  );
});

describe('unpackTar', () => {
  const put = (at: number, text: string) => (archive: Uint8Array) => archive.set(bytes(text), at);

  it.each([
    ['a symbolic link', forged(put(156, '2'), HEADERS.a)],
    ['a hard link', forged(put(156, '1'), HEADERS.a)],
    ['a directory', forged(put(156, '5'), HEADERS.a)],
    ['a device', forged(put(156, '3'), HEADERS.a)],
    ['a pax record', forged(put(156, 'x'), HEADERS.a)],
    ['a long-name record', forged(put(156, 'L'), HEADERS.a)],
    ['the old spelling of a regular file', forged(put(156, '\0'), HEADERS.a)],
    ['a traversing name', forged(put(0, '../.txt'), HEADERS.a)],
    ['a name with a prefix', forged(put(345, 'etc'), HEADERS.a)],
    ['the same name twice', forged(put(HEADERS.b, 'a.txt'), HEADERS.b)],
    ['other modes', forged(put(100, '0004755'), HEADERS.a)],
    ['an owner', forged(put(265, 'root'), HEADERS.a)],
    ['a time', forged(put(136, '00000000001'), HEADERS.a)],
    ['a negative size', forged(put(124, '-0000000001'), HEADERS.a)],
    ['a size past the end', forged(put(124, '77777777777'), HEADERS.a)],
    ['a size in digits that are none', forged(put(124, '0000000100 '), HEADERS.a)],
    ['a size in digits above seven', forged(put(124, '00000000:00'), HEADERS.a)],
    ['a base-256 size', forged((archive) => archive.set([0x80], 124), HEADERS.a)],
    ['padding that is not zero', forged((archive) => archive.set([1], HEADERS.b + 512 + 3), HEADERS.b)],
  ])('refuses %s', (_, archive) => {
    expect(unpackTar(archive, LIMITS)).toMatchObject({ ok: false, code: 'TRUST_ARCHIVE' });
  });

  it('refuses a missing, an added and a cut file', () => {
    const archive = packTar(FILES);
    expect(unpackTar(archive, { ...LIMITS, names: ['a.txt', 'b.txt'] }).ok).toBe(false);
    expect(unpackTar(archive, { ...LIMITS, names: [...LIMITS.names, 'd.txt'] }).ok).toBe(false);
    expect(unpackTar(new Uint8Array([...archive, ...new Uint8Array(512)]), LIMITS).ok).toBe(false);
    for (const length of [0, 1, 511, 512, 700, 1024, archive.length - 512, archive.length - 1]) {
      expect(unpackTar(archive.subarray(0, length), LIMITS).ok, `cut to ${length}`).toBe(false);
    }
  });

  it('says what it found instead of a plain file', () => {
    const detail = (archive: Uint8Array) => unpackTar(archive, LIMITS);
    expect(detail(forged(put(156, '2'), HEADERS.a))).toMatchObject({
      detail: 'expected the regular file a.txt at byte 0, found another type of entry',
    });
    expect(detail(forged(put(124, '77777777777'), HEADERS.a))).toMatchObject({
      detail: 'expected 8589934591 bytes of a.txt, found the end of the archive',
    });
    expect(detail(packTar(FILES).subarray(0, HEADERS.b + 511))).toMatchObject({
      detail: 'expected the file b.txt at byte 1024, found the end of the archive',
    });
    expect(detail(packTar(FILES).subarray(0, HEADERS.b + 512 + 2))).toMatchObject({
      detail: 'expected 3 bytes of b.txt, found the end of the archive',
    });
  });

  it('looks at the size before anything else', () => {
    const read = unpackTar(new Uint8Array(10_001), LIMITS);
    expect(read).toMatchObject({
      ok: false,
      code: 'TRUST_ARCHIVE',
      detail: 'expected at most 10000 bytes, found 10001',
    });
  });

  it('refuses every flipped bit of a header, of the padding and of the end', () => {
    const archive = packTar(FILES);
    const content = (at: number): boolean =>
      (at >= 512 && at < 1024) || (at >= HEADERS.b + 512 && at < HEADERS.b + 515);
    for (let at = 0; at < archive.length; at += 1) {
      const flipped = archive.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect(unpackTar(flipped, LIMITS).ok, `byte ${at}`).toBe(content(at));
    }
  });
});
