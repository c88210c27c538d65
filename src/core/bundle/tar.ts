import { byCodeUnit } from '../model/index.ts';
import { type Decoded, refused } from './decode.ts';

// POSIX ustar, the one form that a bundle uses: regular files, mode 0644, times and owners zero, names sorted,
// two zero blocks at the end and nothing after. Reading compares each header with the one that writing would give,
// so links, odd types, pax records, wrong checksums and every other spelling of the same archive are refused at once.

const BLOCK = 512;
const NAME = /^\.?[A-Za-z0-9][A-Za-z0-9._-]{0,98}$/;
const SIZE_AT = 124;
const SIZE_DIGITS = 11;
const CHECKSUM_AT = 148;
const TYPE_AT = 156;

/** What an archive may be, before anything of it is read. */
export interface TarLimits {
  /** Bytes of the whole archive. */
  readonly maxBytes: number;
  /** The archive holds exactly these files. */
  readonly names: readonly string[];
}

/** The archive of the files, sorted by name: the same files give the same bytes everywhere. Throws RangeError on a name that is not plain. */
export function packTar(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const names = [...files.keys()].sort(byCodeUnit);
  const size = names.reduce((sum, name) => sum + BLOCK + padded(files.get(name)?.length ?? 0), 2 * BLOCK);
  const archive = new Uint8Array(size);
  let at = 0;
  for (const name of names) {
    const content = files.get(name) ?? new Uint8Array(0);
    archive.set(header(name, content.length), at);
    archive.set(content, at + BLOCK);
    at += BLOCK + padded(content.length);
  }
  return archive;
}

/** The files of an archive that `packTar` wrote, byte for byte; TRUST_ARCHIVE for every other input. */
export function unpackTar(bytes: Uint8Array, limits: TarLimits): Decoded<ReadonlyMap<string, Uint8Array>> {
  if (bytes.length > limits.maxBytes) {
    return refused('TRUST_ARCHIVE', `expected at most ${limits.maxBytes} bytes, found ${bytes.length}`);
  }
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (const name of [...limits.names].sort(byCodeUnit)) {
    const entry = readEntry(bytes, at, name);
    if (typeof entry === 'string') return refused('TRUST_ARCHIVE', entry);
    files.set(name, entry);
    at += BLOCK + padded(entry.length);
  }
  if (bytes.length !== at + 2 * BLOCK || !isZero(bytes.subarray(at))) {
    return refused('TRUST_ARCHIVE', `expected the end of the archive at byte ${at}, found more or other bytes`);
  }
  return { ok: true, value: files };
}

/** The content of the entry at `at`, which must be `name`; or what is wrong with it. */
function readEntry(bytes: Uint8Array, at: number, name: string): Uint8Array | string {
  if (bytes.length < at + BLOCK) return `expected the file ${name} at byte ${at}, found the end of the archive`;
  const found = bytes.subarray(at, at + BLOCK);
  const size = octal(found.subarray(SIZE_AT, SIZE_AT + SIZE_DIGITS));
  if (found[TYPE_AT] !== 0x30) return `expected the regular file ${name} at byte ${at}, found another type of entry`;
  if (!same(found, header(name, size))) {
    return `expected the plain ustar header of ${name} at byte ${at}, found another`;
  }
  const start = at + BLOCK;
  if (bytes.length < start + padded(size)) return `expected ${size} bytes of ${name}, found the end of the archive`;
  if (!isZero(bytes.subarray(start + size, start + padded(size)))) return `expected zero padding after ${name}`;
  return bytes.slice(start, start + size);
}

function header(name: string, size: number): Uint8Array {
  if (!NAME.test(name)) throw new RangeError(`expected a plain file name, found ${name}`);
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, value: string): void => block.set(new TextEncoder().encode(value), offset);
  put(0, name);
  put(100, '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(SIZE_AT, `${size.toString(8).padStart(SIZE_DIGITS, '0')}\0`);
  put(136, '00000000000\0');
  put(CHECKSUM_AT, '        ');
  put(TYPE_AT, '0');
  put(257, 'ustar\x0000');
  put(329, '0000000\0');
  put(337, '0000000\0');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(CHECKSUM_AT, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** The number that octal digits spell. Other bytes give some number, whose header then has other digits. */
function octal(digits: Uint8Array): number {
  return digits.reduce((value, digit) => value * 8 + (digit & 7), 0);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
