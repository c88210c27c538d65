import { type Detector, regexDetector, type TextView } from './detector.ts';

// What the Safe Harbor method names beside the types of `personal.ts` (45 CFR 164.514(b)(2)(i)), as far as it has a shape or
// stands next to its keyword. Repetitions are bounded and their classes disjoint, so no text makes them slow.

const DIGIT = /\d/;
const hasDigit = ({ text }: TextView): boolean => DIGIT.test(text);
const hasScheme = ({ lower }: TextView): boolean => lower.includes('://');
const hasPatient = ({ lower }: TextView): boolean => lower.includes('patient');
// Lower-case forms are searched: that is quicker than to ignore case, and lets through no less.
const NUMBER_WORD = /accoun|acct|licen|certif|dea|serial|device|implant|udi|plate|zip/;
const hasNumberWord = (view: TextView): boolean => DIGIT.test(view.text) && NUMBER_WORD.test(view.lower);
const AGE_WORD = /age|year|yrs|y(?:\/|\. ?)?o/;
const hasAgeWord = (view: TextView): boolean => DIGIT.test(view.text) && AGE_WORD.test(view.lower);

/** Between the parts of a date: hyphens, dashes and the minus sign are one. */
const DASH = '[-\\u2010-\\u2013\\u2212]';
const DAY = '(?:0?[1-9]|[12]\\d|3[01])';
const YEAR = '(?:19|20)\\d{2}';
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

const MONTH_DAY = ['(?:0[1-9]|1[0-2])', '(?:0[1-9]|[12]\\d|3[01])'];

/** Every element of a date but the year; a year alone stays. */
const dates: readonly Detector[] = [
  regexDetector({
    type: 'DATE',
    reach: 13,
    gate: hasDigit,
    pattern: new RegExp(
      `(?<![\\d/.-])(?:${DAY}/${DAY}/(?:${YEAR}|\\d{2})|${DAY}${DASH}${DAY}${DASH}${YEAR}|${DAY}\\.${DAY}\\.${YEAR}|${[YEAR, ...MONTH_DAY].join(DASH)}|${[YEAR, ...MONTH_DAY].join('/')})(?![\\d/-])`,
      'g',
    ),
    valid: hasMonth,
  }),
  regexDetector({
    type: 'DATE',
    reach: 27,
    gate: hasDigit,
    pattern: new RegExp(
      `(?<![\\p{L}\\d])(?:${MONTH}\\.? ${DAY}(?:st|nd|rd|th)?(?:,? ${YEAR})?|${DAY}(?:st|nd|rd|th|\\.)? (?:of )?${MONTH}\\.?(?:,? ${YEAR})?)(?![\\p{L}\\d])`,
      'giu',
    ),
  }),
];

/** One of the two first numbers of a date is a month. */
function hasMonth(text: string): boolean {
  const [one = 0, two = 0, three = 0] = text.split(/\D/).map(Number);
  return one > 31 ? two <= 12 && three <= 31 : one <= 12 || two <= 12;
}

const STATES =
  'A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]';

const zips: readonly Detector[] = [
  regexDetector({
    type: 'ZIP_CODE',
    reach: 16,
    gate: hasDigit,
    pattern: new RegExp(`(?<![\\p{L}\\d])(?:${STATES})[ ,]{1,2}(\\d{5}(?:-\\d{4})?)(?![\\d-])`, 'gu'),
  }),
  regexDetector({
    type: 'ZIP_CODE',
    reach: 26,
    gate: hasNumberWord,
    pattern: /\bzip(?: ?code)?[^\w\n]{1,4}(\d{5}(?:-\d{4})?)(?![\d-])/gi,
  }),
];

const url = regexDetector({
  type: 'URL',
  reach: 2_012,
  gate: hasScheme,
  pattern: /(?<![A-Za-z])https?:\/\/[^\s<>"'\\]{1,2000}/gi,
});

/** A number next to the word that says what it is: of at least three digits, so that words alone are none. */
const numberAfter = (type: string, words: string, reach: number): Detector =>
  regexDetector({
    type,
    reach,
    gate: hasNumberWord,
    pattern: new RegExp(
      `\\b(?:${words})(?: (?:number|no\\.?|id|identifier|#))?[^\\w\\n]{1,5}(?:is )?((?=[a-z0-9-]{0,20}\\d{3})[a-z0-9][a-z0-9-]{3,22}[a-z0-9])(?![\\w-])`,
      'gi',
    ),
  });

const vin = regexDetector({
  type: 'VEHICLE_ID',
  reach: 19,
  gate: hasDigit,
  // Not behind a dot: one in eleven decimals of seventeen digits passes the check.
  pattern: /(?<![A-Za-z0-9]|\d\.)[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/g,
  valid: isVin,
});

const VIN_VALUES: ReadonlyMap<string, number> = new Map(
  ['0', '1AJ', '2BKS', '3CLT', '4DMU', '5ENV', '6FW', '7GPX', '8HY', '9RZ'].flatMap((letters, value) =>
    [...letters].map((letter) => [letter, value] as const),
  ),
);
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** The check digit of a vehicle identification number, its ninth character (49 CFR 565.15). */
function isVin(text: string): boolean {
  const sum = VIN_WEIGHTS.reduce((total, weight, at) => total + weight * (VIN_VALUES.get(text.charAt(at)) ?? 0), 0);
  return text.charAt(8) === (sum % 11 === 10 ? 'X' : String(sum % 11));
}

const plate = regexDetector({
  type: 'VEHICLE_ID',
  reach: 48,
  gate: hasNumberWord,
  pattern:
    /\blicen[cs]e plate(?: (?:number|no\.?))?[^\w\n]{1,5}(?:is )?((?=[A-Z0-9 -]{0,9}\d)[A-Z0-9][A-Z0-9 -]{2,8}[A-Z0-9])(?![\w-])/gi,
});

/** Ages over 89 (45 CFR 164.514(b)(2)(i)(C)). */
const ages: readonly Detector[] = [
  regexDetector({
    type: 'AGE',
    reach: 20,
    gate: hasAgeWord,
    pattern: /\bage(?:d|:| is| of)? {1,2}(9\d|1[0-2]\d)(?!\d)/gi,
  }),
  regexDetector({
    type: 'AGE',
    reach: 20,
    gate: hasAgeWord,
    pattern: /(?<!\d)(?:9\d|1[0-2]\d)(?=(?:-| )?(?:(?:years?|yrs?|y\/o)(?:-| )?o?|y(?:\. ?)?o(?![a-z]|-y)))/gi,
  }),
];

const patient = regexDetector({
  type: 'PATIENT_NAME',
  reach: 240,
  gate: hasPatient,
  pattern:
    /\b(?:[Pp]atient(?:'s)?|PATIENT)(?: (?:[Nn]ame|NAME))? {0,2}(?:[:=]|(?<=[Nn]ame )is) {0,2}(\p{Lu}[\p{L}'.-]{0,24}(?: \p{Lu}[\p{L}'.-]{0,24}){0,3})/gu,
});

/** Of the eighteen identifiers of Safe Harbor, those beside `PERSONAL` and `HEALTH`. */
export const SAFE_HARBOR: readonly Detector[] = [
  patient,
  ...dates,
  ...ages,
  ...zips,
  url,
  numberAfter('ACCOUNT_NUMBER', 'account|acct\\.?', 62),
  numberAfter('LICENSE_NUMBER', "driver'?s? licen[cs]e|medical licen[cs]e|licen[cs]e|certificate|dea", 68),
  numberAfter('DEVICE_ID', '(?:device|implant|pacemaker) serial|serial|device|implant|udi', 68),
  vin,
  plate,
];
