import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { storedGzip } from './gzip.ts';

it.each([0, 1, 65_534, 65_535, 65_536, 131_070, 200_000])('%i bytes come back from any reader of gzip', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) % 251);
  expect(new Uint8Array(gunzipSync(storedGzip(bytes)))).toEqual(bytes);
});

it('is the same everywhere: no time, no system, no compression', () => {
  expect(Buffer.from(storedGzip(new TextEncoder().encode('abc'))).toString('hex')).toBe(
    '1f8b08000000000000ff010300fcff616263c241243503000000',
  );
});
