import { type Detector, regexDetector, type TextView } from './detector.ts';
import { passesLuhn } from './personal.ts';

// Numbers of accounts and persons whose check digits tell them from other numbers. A format that other numbers have too counts
// only next to its keyword. Repetitions are bounded and their classes disjoint, so no text makes them slow.

const digitsOf = (text: string): readonly number[] => [...text.replace(/\D/g, '')].map(Number);
const weigh = (digits: readonly number[], weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * (digits[at] ?? 0), 0);

// Lengths by country: the registry of ISO 13616.
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  `NO15 BE16 DK18 FI18 FK18 FO18 GL18 NL18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 LV21 BG22 BH22 CR22 DE22
  GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25
  ST25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29
  UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33`
    .trim()
    .split(/\s+/)
    .map((entry): [string, number] => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** True for a country's length and a remainder of 1 by 97 (ISO 7064), spaces left out. */
export function isIban(text: string): boolean {
  const plain = text.replace(/ /g, '').toUpperCase();
  if (plain.length !== IBAN_LENGTHS.get(plain.slice(0, 2))) return false;
  let remainder = 0;
  for (const letter of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

const IBAN_START = /[A-Za-z]{2}\d{2} ?[A-Za-z0-9]{4}/;
const hasIban = ({ text }: TextView): boolean => IBAN_START.test(text);

// One for groups of four, whose last is shorter, and one without spaces: a word after it must not count.
const ibans: readonly Detector[] = [
  regexDetector({
    type: 'IBAN',
    reach: 44,
    gate: hasIban,
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?(?![A-Za-z0-9])/g,
    valid: isIban,
  }),
  regexDetector({
    type: 'IBAN',
    reach: 36,
    gate: hasIban,
    pattern: /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,29}(?![A-Za-z0-9])/g,
    valid: isIban,
  }),
];

const SHAPE = /\d{6}|[A-Za-z]\d{2}[A-Za-z]|\d{3}\.\d{3}|[12] \d{2} \d{2}|[A-Z]{2} ?\d{2} ?\d{2}/;
const hasShape = ({ text }: TextView): boolean => SHAPE.test(text);

const byShape = (reach: number, pattern: RegExp, valid: (text: string) => boolean): Detector =>
  regexDetector({ type: 'NATIONAL_ID', reach, gate: hasShape, pattern, valid });

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spain, DNI and NIE: the letter is the number's remainder by 23. */
function isDni(text: string): boolean {
  const plain = text.replace(/[ -]/g, '').toUpperCase();
  const number = plain.slice(0, -1).replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first)));
  return DNI_LETTERS.charAt(Number(number) % 23) === plain.slice(-1);
}

const ODD_VALUES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italy, codice fiscale: a letter over the other fifteen characters, odd places by a table (DM 345/2001). */
function isCodiceFiscale(text: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at++) {
    const value = Number.parseInt(text.charAt(at), 36);
    const plain = value > 9 ? value - 10 : value;
    sum += at % 2 === 0 ? (ODD_VALUES[plain] ?? 0) : plain;
  }
  return text.toUpperCase().charCodeAt(15) - 65 === sum % 26;
}

/** Brazil, CPF: two check digits by 11; eleven equal digits pass the sums and are none. */
function isCpf(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.every((digit) => digit === digits[0])) return false;
  return [9, 10].every((count) => {
    const weights = Array.from({ length: count }, (_, at) => count + 1 - at);
    return ((weigh(digits, weights) * 10) % 11) % 10 === digits[count];
  });
}

/** France, NIR: a key of 97 less the remainder; Corsica has letters. */
function isNir(text: string): boolean {
  const plain = text.replace(/\s/g, '').toUpperCase().replace('2A', '19').replace('2B', '18');
  return 97 - (Number(plain.slice(0, 13)) % 97) === Number(plain.slice(13));
}

/** Sweden, personnummer: a date and Luhn's formula over ten digits. */
function isPersonnummer(text: string): boolean {
  const digits = text.replace(/\D/g, '').slice(-10);
  const month = Number(digits.slice(2, 4));
  const day = Number(digits.slice(4, 6));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && passesLuhn(digits);
}

const shaped: readonly Detector[] = [
  // A small letter that stands apart is a word: of one number in 23 it would be the right one.
  byShape(
    12,
    /(?<![A-Za-z0-9])(?:(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-HJ-NP-TV-Z]|(?:\d{8}|[xyz]-?\d{7})[a-hj-np-tv-z])(?![A-Za-z0-9])/g,
    isDni,
  ),
  byShape(
    18,
    /(?<![A-Za-z0-9])[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z](?![A-Za-z0-9])/gi,
    isCodiceFiscale,
  ),
  byShape(16, /(?<![\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\d.-])/g, isCpf),
  // Not behind a dot: the key of one in a hundred decimals is right.
  byShape(24, /(?<!\d\.?)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)/g, isNir),
  byShape(15, /(?<![\d-])(?:19|20)?\d{6}[-+]\d{4}(?![\d-])/g, isPersonnummer),
  // The United Kingdom's has no check digit; these letters are never first, or never second, or never together.
  byShape(
    17,
    /(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/g,
    () => true,
  ),
];

const NUMBER_WORD = /steuer|idnr|pesel|bsn|burgerservice|social insurance|\bsin\b|aadhaar|aadhar|cpf/;
const DIGITS = /\d{2}/;
const hasNumberWord = (view: TextView): boolean => DIGITS.test(view.text) && NUMBER_WORD.test(view.lower);

/** A number next to its keyword, in groups or not; the check digits are asked of the number alone. */
const byWord = (words: string, number: string, valid: (digits: readonly number[]) => boolean): Detector =>
  regexDetector({
    type: 'NATIONAL_ID',
    reach: 90,
    gate: hasNumberWord,
    pattern: new RegExp(
      `\\b(?:${words})(?:[ -]?(?:number|nummer|numer|n[o\u00ba\u00b0]\\.?|nr\\.?|id))?[^\\w\\n]{1,5}(?:is |ist |jest )?(${number})(?![\\d-])`,
      'gi',
    ),
    valid: (text) => valid(digitsOf(text)),
  });

/** Germany: ISO 7064 modulo 11, 10. */
function isSteuerId(digits: readonly number[]): boolean {
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (digit + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return digits[0] !== 0 && (11 - product) % 10 === digits[10];
}

/** India: the dihedral group of Verhoeff, 1969. */
function isAadhaar(digits: readonly number[]): boolean {
  const turn = (a: number, b: number): number =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
  const moves = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  let check = 0;
  for (const [place, digit] of digits.toReversed().entries()) {
    let moved = digit;
    for (let times = place % 8; times > 0; times--) moved = moves[moved] ?? 0;
    check = turn(check, moved);
  }
  return check === 0;
}

const named: readonly Detector[] = [
  byWord(
    'steuer-?id(?:entifikationsnummer)?|steuerliche identifikationsnummer|idnr\\.?',
    '\\d{2} ?\\d{3} ?\\d{3} ?\\d{3}',
    isSteuerId,
  ),
  byWord(
    'pesel',
    '\\d{11}',
    (digits) => (10 - (weigh(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === digits[10],
  ),
  byWord(
    'bsn|burgerservicenummer',
    '\\d{4}\\.?\\d{2}\\.?\\d{3}',
    (digits) => weigh(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
  ),
  byWord('sin|social insurance', '\\d{3}[ -]?\\d{3}[ -]?\\d{3}', (digits) => passesLuhn(digits.join(''))),
  byWord('aadhaar|aadhar', '[2-9]\\d{3} ?\\d{4} ?\\d{4}', isAadhaar),
  byWord('cpf', '\\d{11}', (digits) => isCpf(digits.join(''))),
];

/** International bank account numbers with a country's length and a remainder of 1 by 97. */
export const BANK: readonly Detector[] = ibans;

/** Numbers of persons in eleven countries, by their check digits, and next to a keyword where other numbers look the same. */
export const NATIONAL: readonly Detector[] = [...shaped, ...named];
