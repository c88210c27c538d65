import { type Detector, regexDetector, type TextView } from './detector.ts';

// Personal data without a language model: shapes plus check digits. Facts: NANP numbering, ISO/IEC 7812 (Luhn), RFC 791/4291,
// the SSA's list of numbers never issued. Repetitions are bounded and their classes disjoint, so no text makes them slow.

// Hyphens, dashes and the minus sign; soft hyphens and what has no width; spaces of every width are read as one of ASCII.
const DASHES = '\\-\\u2010-\\u2015\\u2212';
const HIDDEN = '\\u00ad\\u200b-\\u200d\\u2060\\ufeff';
const SEPARATOR = ` .${DASHES}${HIDDEN}`;

const hasAt = ({ text }: TextView): boolean => text.includes('@');
const LONG_NUMBER = new RegExp(`\\d(?:[${SEPARATOR}\\t()/]{0,2}\\d){6}`);
const hasLongNumber = ({ text }: TextView): boolean => LONG_NUMBER.test(text);
const DOTTED = /\d\.\d|[0-9A-Fa-f]:[0-9A-Fa-f:]/;
const hasAddress = ({ text }: TextView): boolean => DOTTED.test(text);
const DIGIT = /\d/;
// Lower-case forms are searched: that is quicker than to ignore case, and lets through no less.
const CARD_WORD = /cv[vc]|card/;
const hasCardWord = ({ lower }: TextView): boolean => CARD_WORD.test(lower);
const SOCIAL = /ssn|social sec/;
const hasSocialWord = (view: TextView): boolean => DIGIT.test(view.text) && SOCIAL.test(view.lower);

/** True when the digits of `text` satisfy the Luhn formula (ISO/IEC 7812-1 annex B); other characters are skipped. */
export function passesLuhn(text: string): boolean {
  let sum = 0;
  let double = false;
  for (let index = text.length - 1; index >= 0; index--) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) continue;
    const value = double ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
    double = !double;
  }
  return sum % 10 === 0;
}

const ssn = regexDetector({
  type: 'SSN',
  reach: 13,
  gate: hasLongNumber,
  pattern: new RegExp(
    `(?<!\\d-?)(?!000|666|9)\\d{3}[${SEPARATOR}](?!00)\\d{2}[${SEPARATOR}](?!0000)\\d{4}(?!-?\\d)`,
    'g',
  ),
});

const ssnByWord = regexDetector({
  type: 'SSN',
  reach: 60,
  gate: hasSocialWord,
  pattern: /\b(?:ssn|social security(?: (?:number|no\.?))?)\b[^\d\n]{0,12}(\d{9})(?!\d)/gi,
});

const phone = regexDetector({
  type: 'PHONE',
  reach: 23,
  gate: hasLongNumber,
  pattern: new RegExp(
    `(?<![\\d+.-])(?:\\+?1[${SEPARATOR}]?)?(?:\\([2-9]\\d{2}\\)[ ${DASHES}${HIDDEN}]?|[2-9]\\d{2}[${SEPARATOR}])[2-9]\\d{2}[${SEPARATOR}]\\d{4}(?![\\d-])`,
    'g',
  ),
});

const internationalPhone = regexDetector({
  type: 'PHONE',
  reach: 48,
  gate: hasLongNumber,
  // +1.2345 is a number with a sign; +7.495.123 has groups.
  pattern: new RegExp(`(?<![\\w+])\\+[1-9](?!\\.\\d{4})(?:[${SEPARATOR}()]{0,2}\\d){7,14}(?!\\d)`, 'g'),
});

const email = regexDetector({
  type: 'EMAIL',
  reach: 350,
  gate: hasAt,
  pattern:
    /[A-Za-z0-9\u00c0-\u1fff._%+'-]{1,64}@(?:[A-Za-z0-9\u00c0-\u1fff-]{1,63}\.){1,4}[A-Za-z\u00c0-\u1fff]{2,24}/g,
  valid: (matched) => !isFile(matched),
});

// No country or company has one of these for its top-level domain (IANA); of Moldova's and of `zip`, only a version before it tells.
const FILE_SUFFIX =
  /\.(?:png|jpe?g|gif|svg|webp|avif|bmp|tiff?|js|mjs|cjs|jsx|ts|tsx|css|scss|html?|tgz|gz|tar|rar|whl|jar|deb|rpm|exe|dll|dmg|jsonl?|ya?ml|toml|xml|csv|tsv|txt|log|sql|pdf|docx?|xlsx?|pptx?)$|[@.]\d+\.(?:md|zip)$/i;
const SCALED_IMAGE = /@\d+x\./i;

/** Files with an `@` in their name: `icon@2x.png`, `lodash@4.17.21.tgz`. */
const isFile = (text: string): boolean => FILE_SUFFIX.test(text) || SCALED_IMAGE.test(text);

// Visa, Mastercard, American Express, Discover: the four brands of pci_mode. A dot stands only between the groups that are printed
// on a card: anywhere else, and before the number, it makes a decimal, and the digits of one in ten pass Luhn's formula.
// A tab stands between the columns of a table, so only the check digit tells that they are one number.
const IN_CARD = `${SEPARATOR.replace('.', '')}\\t`;
const DOTTED_CARD = '3[47]\\d{2}\\.\\d{6}\\.\\d{5}|[2456]\\d{3}(?:\\.\\d{4}){3}';
const card = regexDetector({
  type: 'CREDIT_CARD',
  reach: 33,
  gate: hasLongNumber,
  pattern: new RegExp(
    `(?<!\\d\\.?)(?:3[47](?:[${IN_CARD}]?\\d){13}|(?:4|5[1-5]|2[2-7]|6[045])(?:[${IN_CARD}]?\\d){14,15}|${DOTTED_CARD})(?!\\d)`,
    'g',
  ),
  valid: (matched) => isBrand(matched.replace(/\D/g, '')) && passesLuhn(matched),
});

const BRANDS =
  /^(?:4\d{15}|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|(?:6011|64[4-9]\d|65\d\d)\d{12})$/;
const isBrand = (digits: string): boolean => BRANDS.test(digits);

const cvv = regexDetector({
  type: 'CVV',
  reach: 60,
  gate: hasCardWord,
  pattern: /\b(?:cv[vc]2?|card (?:security|verification) (?:code|value|number))\b[^\d\n]{0,16}(\d{3,4})(?!\d)/gi,
});

const cardholder = regexDetector({
  type: 'CARDHOLDER_NAME',
  reach: 260,
  gate: hasCardWord,
  pattern:
    /\b(?:[Cc]ard ?[Hh]older(?:'s)?(?: [Nn]ame)?|CARDHOLDER(?: NAME)?|[Nn]ame on (?:the )?card)\b ?(?:[:=-]|is)[ ]{0,2}(\p{Lu}[\p{L}'.-]{0,24}(?: \p{Lu}[\p{L}'.-]{0,24}){0,3})/gu,
});

const ipv4 = regexDetector({
  type: 'IP_ADDRESS',
  reach: 18,
  gate: hasAddress,
  pattern: /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\.?\d)/g,
});

const ipv6 = regexDetector({
  type: 'IP_ADDRESS',
  reach: 52,
  gate: hasAddress,
  pattern: /(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?![\w:])/g,
  valid: (matched) => isIpv6(matched),
});

/** A group that tells an address from slices and names in code: `fe80`, `2001`, or four octets; not `10`, `add` or `f32`. */
const ADDRESS_GROUP = /^(?=[a-f]{0,3}\d)\w{4}$|\./i;

/**
 * Eight groups, or fewer around exactly one `::`. Times and code are left alone (`10:20:30:40:50:60:70:80`, `list[1::2]`,
 * `add::f32`): one group must be longer than two digits, and where there are only two, look like an address.
 */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = text.split(':').filter((group) => group !== '');
  const oneGap = halves.length === 2 && groups.length >= 2 && groups.length < 8;
  const noGap = halves.length === 1 && groups.length === 8;
  if (!(oneGap || noGap) || !/\d/.test(text)) return false;
  return groups.some((group) => (groups.length === 2 ? ADDRESS_GROUP.test(group) : group.length > 2));
}

/** Social security numbers, phone numbers, e-mail and IP addresses. */
export const PERSONAL: readonly Detector[] = [ssn, ssnByWord, phone, internationalPhone, email, ipv4, ipv6];

/** Card numbers of four brands with a valid check digit, verification values and holders next to their keyword. */
export const PAYMENT: readonly Detector[] = [card, cvv, cardholder];

// Without \b: a lower-case form may have a letter where the text has a word border (U+212A).
const HEALTH_WORD =
  /(?:mrn|medical rec|npi|provider id|insur|member|subscriber|policy|medicare|medicaid|mbi|beneficiary)/;
const hasHealthWord = (view: TextView): boolean => DIGIT.test(view.text) && HEALTH_WORD.test(view.lower);

const mrn = regexDetector({
  type: 'MRN',
  reach: 70,
  gate: hasHealthWord,
  pattern: /\b(?:mrn|medical record(?: (?:number|no\.?|id))?)\b[^\w\n]{0,5}(?:is )?([a-z]{0,3}-?\d{5,12})(?!\w)/gi,
});

const npi = regexDetector({
  type: 'NPI',
  reach: 60,
  gate: hasHealthWord,
  pattern: /\b(?:npi(?: (?:number|no\.?))?|national provider identifier)\b[^\w\n]{0,5}(?:is )?([12]\d{9})(?!\w)/gi,
});

const insurance = regexDetector({
  type: 'INSURANCE_ID',
  reach: 80,
  gate: hasHealthWord,
  pattern:
    /\b(?:insurance|member|subscriber|policy|beneficiary|medicare|medicaid)(?: (?:policy|member|beneficiary|plan))? (?:id|number|no\.?|#)[^\w\n]{0,5}(?:is )?((?=[a-z0-9-]{0,14}\d{3})[a-z0-9][a-z0-9-]{4,18}[a-z0-9])(?![\w-])/gi,
});

// The identifier of Medicare since 2018 has never three digits in a row; letters that look like digits are left out (CMS).
const MBI_LETTER = '[AC-HJKMNP-RT-Y]';
const MBI_EITHER = '[AC-HJKMNP-RT-Y0-9]';

const medicare = regexDetector({
  type: 'INSURANCE_ID',
  reach: 80,
  gate: hasHealthWord,
  pattern: new RegExp(
    `\\b(?:medicare(?: (?:beneficiary|member))?|mbi|beneficiary)(?: (?:id|identifier|number|no\\.?|#))?[^\\w\\n]{1,5}(?:is )?([1-9]${MBI_LETTER}${MBI_EITHER}\\d-?${MBI_LETTER}${MBI_EITHER}\\d-?${MBI_LETTER}{2}\\d{2})(?![\\w-])`,
    'gi',
  ),
});

/** Medical record, provider and insurance numbers, each next to its keyword. */
export const HEALTH: readonly Detector[] = [mrn, npi, insurance, medicare];
