// gzip (RFC 1952) without compression: stored blocks alone, so that the same content gives the same bytes whatever
// library the reader or another writer uses.

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const MOST_STORED = 0xffff;
const BLOCK_HEAD = 5;
const TRAILER = 8;
const POLYNOMIAL = 0xedb88320;

/** The bytes as a gzip file of stored blocks. */
export function storedGzip(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / MOST_STORED));
  const file = new Uint8Array(HEADER.length + blocks * BLOCK_HEAD + bytes.length + TRAILER);
  const view = new DataView(file.buffer);
  file.set(HEADER);
  let at = HEADER.length;
  for (let block = 0; block < blocks; block += 1) {
    const part = bytes.subarray(block * MOST_STORED, (block + 1) * MOST_STORED);
    file[at] = block === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, part.length, true);
    view.setUint16(at + 3, MOST_STORED - part.length, true);
    file.set(part, at + BLOCK_HEAD);
    at += BLOCK_HEAD + part.length;
  }
  view.setUint32(at, crc32(bytes), true);
  view.setUint32(at + 4, bytes.length >>> 0, true);
  return file;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
