import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantMs, instantText } from './index.ts';

describe('instants', () => {
  it('agree with the host calendar over ten thousand years, both ways', () => {
    const second = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
    fc.assert(
      fc.property(second, (seconds) => {
        const text = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
        expect(instantText(seconds * 1000)).toBe(text);
        expect(instantMs(text)).toBe(seconds * 1000);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '9999',
    'Jan 1 2099',
    '2026-01-31T00:00:00',
    '2026-01-31T00:00:00+00:00',
    '2026-01-31T00:00:00.000Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    '',
  ])('refuses %j', (text) => {
    expect(instantMs(text)).toBeUndefined();
  });
});
