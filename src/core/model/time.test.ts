import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedInstantMs, instantMs, instantText, isBetween } from './index.ts';

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

describe('a checked instant', () => {
  it('is read, or is a bug that shows', () => {
    expect(checkedInstantMs('1970-01-01T00:00:01Z')).toBe(1000);
    expect(() => checkedInstantMs('2027-09-31T00:00:00Z')).toThrow('found 2027-09-31');
  });
});

describe('between two instants', () => {
  const [one, two] = ['1970-01-01T00:00:01Z', '1970-01-01T00:00:02Z'];
  it.each([
    [999, one, two, false],
    [1000, one, two, true],
    [1999, one, two, true],
    [2000, one, two, false],
    [-5, null, two, true],
    [2000, null, two, false],
    [1500, 'never', two, false],
    [1500, one, '2027-09-31T00:00:00Z', false],
  ])('%d from %j until %j: %j', (timeMs, from, until, expected) => {
    expect(isBetween(timeMs, from, until)).toBe(expected);
  });
});
