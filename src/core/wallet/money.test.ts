import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from './money.ts';

describe('money', () => {
  it.each([
    ['0', 0],
    ['0.000001', 1],
    ['0.1', 100_000],
    ['12.50', 12_500_000],
    ['0.29', 290_000],
    ['1.005', 1_005_000],
    ['999999999.999999', 999_999_999_999_999],
  ])('reads %s as %i micro-units, exactly', (text, micros) => {
    expect(parseMoney(text)).toBe(micros);
    expect(Number.isSafeInteger(parseMoney(text))).toBe(true);
  });

  it.each(['', '-1', '+1', '1.', '.5', '1e3', '1,5', '1234567890', '0.1234567', ' 1', '1\n', '٣', '0x10', 'NaN'])(
    'refuses %j',
    (text) => {
      expect(parseMoney(text)).toBeUndefined();
    },
  );

  it('comes back unchanged', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (micros) => {
        expect(parseMoney(formatMoney(micros))).toBe(micros);
      }),
    );
  });

  it('writes the shortest text', () => {
    expect(formatMoney(12_500_000)).toBe('12.5');
    expect(formatMoney(3_000_000)).toBe('3');
    expect(formatMoney(-1)).toBe('-0.000001');
  });
});
