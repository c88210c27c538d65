import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

// Facts about JSON values that the keywords of a schema ask for. Each takes time that grows with the value alone.

/** A text that two values share exactly when JSON Schema calls them equal: the order of keys is no part of it. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalText).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/** Characters (Unicode code points) of a text. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const before = text.charCodeAt(index - 1);
    if (unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff) count--;
  }
  return count;
}

/** Whether a number is a whole multiple of another, as the decimals that they are written as: 19.99 is one of 0.01. */
export function isMultiple(value: number, of: number): boolean {
  if (!Number.isFinite(value)) return false;
  const a = decimalOf(value);
  const b = decimalOf(of);
  const shift = Math.min(a.exponent, b.exponent);
  return (a.digits * 10n ** BigInt(a.exponent - shift)) % (b.digits * 10n ** BigInt(b.exponent - shift)) === 0n;
}

/** `digits` times ten to the power of `exponent`. No double is longer than 17 digits, or further than 324 places away. */
function decimalOf(value: number): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

export type TypeName = 'null' | 'boolean' | 'string' | 'number' | 'integer' | 'array' | 'object';

export const TYPE_NAMES: readonly string[] = ['null', 'boolean', 'string', 'number', 'integer', 'array', 'object'];

export function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** The members of an object, none of anything else. */
export const membersOf = (value: Json): readonly (readonly [key: string, value: Json])[] =>
  isJsonObject(value) ? Object.entries(value as JsonObject) : [];
