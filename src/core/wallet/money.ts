const MONEY = /^(\d{1,9})(?:\.(\d{1,6}))?$/;
const MICROS = 1_000_000;

/**
 * Integer micro-units of a decimal text with at most nine digits before and six after the point, exact;
 * undefined for anything else. The largest is 999999999.999999, below 2^53 micro-units.
 */
export function parseMoney(text: string): number | undefined {
  const parts = MONEY.exec(text);
  if (parts === null) return undefined;
  const [, whole = '', fraction = ''] = parts;
  return Number(whole) * MICROS + Number(fraction.padEnd(6, '0'));
}

/** The shortest decimal text of micro-units (`12.5`, `-0.000001`): the way back from `parseMoney`. */
export function formatMoney(micros: number): string {
  const size = Math.abs(micros);
  const whole = Math.floor(size / MICROS);
  const fraction = String(size - whole * MICROS)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${micros < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
