import { type Detector, regexDetector, type TextView } from './detector.ts';

// Secrets of machines: those whose issuer gave them a prefix that nothing else has, and what stands after a word like
// `password` and looks drawn at random. Repetitions are bounded and their classes disjoint.

const PREFIX =
  /AKIA|ASIA|gh[opusr]_|github_pat_|glpat-|xox[abeoprs]-|[sr]k_(?:live|test)_|sk-|AIza|npm_|pypi-|SG\.|eyJ|tnt_|hf_|dop_v1_/;
const hasPrefix = ({ text }: TextView): boolean => PREFIX.test(text);

const prefixed: readonly (readonly [longest: number, pattern: string])[] = [
  [20, '(?:AKIA|ASIA)[A-Z2-7]{16}'],
  [40, 'gh[opusr]_[A-Za-z0-9]{36}'],
  [93, 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'],
  [70, 'glpat-[A-Za-z0-9_-]{20,64}'],
  [255, 'xox[abeoprs]-[A-Za-z0-9-]{10,250}'],
  [107, '[sr]k_(?:live|test)_[A-Za-z0-9]{16,99}'],
  // OpenAI and Anthropic: sk-, sk-proj-, sk-ant-.
  [203, 'sk-[A-Za-z0-9_-]{20,200}'],
  [39, 'AIza[A-Za-z0-9_-]{35}'],
  [40, 'npm_[A-Za-z0-9]{36}'],
  [255, 'pypi-[A-Za-z0-9_-]{50,250}'],
  [69, 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}'],
  [43, 'hf_[A-Za-z0-9]{30,40}'],
  [71, 'dop_v1_[a-f0-9]{64}'],
  [140, 'tnt_[A-Za-z0-9-]{1,64}_[A-Za-z0-9]{40,50}_[A-Za-z0-9]{5,7}'],
  // JSON Web Tokens: three parts, of which two begin with {".
  [3072, 'eyJ[A-Za-z0-9_-]{8,1000}\\.eyJ[A-Za-z0-9_-]{8,1000}\\.[A-Za-z0-9_-]{8,1000}'],
];

const known: readonly Detector[] = prefixed.map(([longest, pattern]) =>
  regexDetector({
    type: 'SECRET',
    reach: longest + 2,
    gate: hasPrefix,
    pattern: new RegExp(`(?<![A-Za-z0-9_-])${pattern}(?![A-Za-z0-9_-])`, 'g'),
  }),
);

const HEAD = '-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY-----';
const BODY = '(?:[A-Za-z0-9+/=\\s\\\\:,]|-(?!-)){0,8000}';
const BASE64 = '[A-Za-z0-9+/=]';
const BREAK = '(?:\\s|\\\\[nr])';
/** Of Base64 to the last line of which there are sixteen characters; a key of 8,192 bits has about 6,500. */
const LINES = `${BREAK}{0,4}(?=${BASE64}{16})${BASE64}(?:(?:${BREAK}{1,4}(?=${BASE64}{16}))?${BASE64}){0,7199}`;

const privateKey = regexDetector({
  type: 'SECRET',
  // The head, and lines of which every sixteen characters have a break of eight before them.
  reach: 10_850,
  gate: ({ text }) => text.includes('PRIVATE KEY-----'),
  // To its end; of a key that is cut off, the lines of Base64 that are there.
  pattern: new RegExp(`${HEAD}${BODY}-----END [A-Z ]{0,30}PRIVATE KEY-----|${HEAD}(?:${LINES})?`, 'g'),
});

const KEYWORD = /api[ _-]?key|secret|token|passw|pwd|credential/;
const hasKeyword = ({ lower }: TextView): boolean => KEYWORD.test(lower);

/** Bits for each character, by how often each stands in the text (Shannon). */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Bits for each character from which a value counts as drawn at random; English words have less than 3.3 at this length. */
export const LEAST_ENTROPY = 3.5;

// `&` is part of a password, and ends what a query of a URL assigns when the next name follows.
const VALUE = '(?:[A-Za-z0-9+/_.~!@#$%^*=-]|&(?!\\w{1,20}=)){12,120}';
/** Behind a keyword in prose: `token max_tokens=4096`. Padding of Base64 is no assignment. */
const ASSIGNED_NAME = /^[A-Za-z_-]{1,40}=(?!=|$)/;

const assigned = regexDetector({
  type: 'SECRET',
  reach: 200,
  gate: hasKeyword,
  pattern: new RegExp(
    `\\b(?:[a-z0-9]{0,20}[ _-]?)?(?:api[ _-]?key|secret|token|passwords?|passwd|pwd|credentials?)["']?(?: is)?[ \\t]{0,3}[:= ][=>]?[ \\t]{0,3}["']?(${VALUE})(?![A-Za-z0-9+/_=-])`,
    'gi',
  ),
  valid: (text) => {
    const value = text.replace(ASSIGNED_NAME, '');
    return /\d/.test(value) && /[A-Za-z]/.test(value) && entropyOf(value) >= LEAST_ENTROPY;
  },
});

/** Secrets with a prefix of their issuer, private keys in PEM, and values of high entropy next to their keyword. */
export const SECRETS: readonly Detector[] = [...known, privateKey, assigned];

const MARKING = /CONFIDENTIAL|SECRET|RESTRICTED|PROPRIETARY|INTERNAL|NOFORN|CLASSIFIED|FOUO/;

/** Markings of classified papers as they are printed: in capitals, and as words that stand for themselves. */
export const MARKINGS: readonly Detector[] = [
  regexDetector({
    type: 'MARKING',
    reach: 60,
    gate: ({ text }) => MARKING.test(text),
    pattern:
      /(?<![A-Za-z0-9])(?:(?:STRICTLY|HIGHLY|COMPANY|COMMERCIAL IN) CONFIDENTIAL|COMMERCIAL-IN-CONFIDENCE|CONFIDENTIAL|TOP SECRET(?:\/\/[A-Z]{2,12}){0,2}|SECRET(?:\/\/[A-Z]{2,12}){1,2}|RESTRICTED|PROPRIETARY|INTERNAL USE ONLY|INTERNAL ONLY|FOR INTERNAL USE ONLY|NOFORN|CLASSIFIED|FOUO)(?![A-Za-z0-9])/g,
  }),
];
