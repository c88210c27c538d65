import { type Detector, regexDetector, type TextView } from './detector.ts';

// Secrets of machines: those whose issuer gave them a prefix that nothing else has, and what stands after a word like
// `password` and looks drawn at random. Repetitions are bounded and their classes disjoint.

/** What an issuer puts before its secrets, what follows it, and how long both are at most. */
const issued: readonly (readonly [prefix: string, rest: string, longest: number])[] = [
  ['AKIA|ASIA', '[A-Z2-7]{16}', 20],
  ['gh[opusr]_', '[A-Za-z0-9]{36}', 40],
  ['github_pat_', '[A-Za-z0-9]{22}_[A-Za-z0-9]{59}', 93],
  ['gl(?:pat|rt|dt|ptt)-', '[A-Za-z0-9_-]{20,64}', 70],
  ['xox[abeoprs]-|xapp-', '[A-Za-z0-9-]{10,250}', 255],
  ['[sr]k_(?:live|test)_', '[A-Za-z0-9]{16,99}', 107],
  ['whsec_', '[A-Za-z0-9+/=]{24,64}', 70],
  // OpenAI, Anthropic and OpenRouter: sk-, sk-proj-, sk-ant-, sk-or-.
  ['sk-', '[A-Za-z0-9_-]{20,200}', 203],
  ['gsk_', '[A-Za-z0-9]{40,60}', 64],
  ['xai-', '[A-Za-z0-9]{60,100}', 104],
  ['pplx-', '[A-Za-z0-9]{40,60}', 65],
  ['r8_', '[A-Za-z0-9]{37}', 40],
  ['AIza', '[A-Za-z0-9_-]{35}', 39],
  ['GOCSPX-', '[A-Za-z0-9_-]{28}', 35],
  ['ya29\\.', '[A-Za-z0-9_-]{20,250}', 255],
  ['npm_', '[A-Za-z0-9]{36}', 40],
  ['pypi-', '[A-Za-z0-9_-]{50,250}', 255],
  ['dckr_pat_', '[A-Za-z0-9_-]{27}', 36],
  ['SG\\.', '[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}', 69],
  ['hf_', '[A-Za-z0-9]{30,40}', 43],
  ['hv[sb]\\.', '[A-Za-z0-9_-]{24,250}', 254],
  ['dapi', '[a-f0-9]{32}', 36],
  ['shp(?:at|ca|pa|ss)_', '[A-Fa-f0-9]{32}', 38],
  ['dop_v1_', '[a-f0-9]{64}', 71],
  ['tnt_', '[A-Za-z0-9-]{1,64}_[A-Za-z0-9]{40,50}_[A-Za-z0-9]{5,7}', 140],
  // JSON Web Tokens: three parts, of which two begin with {".
  ['eyJ', '[A-Za-z0-9_-]{8,1000}\\.eyJ[A-Za-z0-9_-]{8,1000}\\.[A-Za-z0-9_-]{8,1000}', 3072],
];

const PREFIX = new RegExp(issued.map(([prefix]) => prefix).join('|'));
const hasPrefix = ({ text }: TextView): boolean => PREFIX.test(text);

const known: readonly Detector[] = issued.map(([prefix, rest, longest]) =>
  regexDetector({
    type: 'SECRET',
    reach: longest + 2,
    gate: hasPrefix,
    pattern: new RegExp(`(?<![A-Za-z0-9_-])(?:${prefix})${rest}(?![A-Za-z0-9_-])`, 'g'),
  }),
);

const HEAD = '-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----';
const BODY = '(?:[A-Za-z0-9+/=\\s\\\\:,.()]|-(?!-)){0,8000}';
const BASE64 = '[A-Za-z0-9+/=]';
const BREAK = '(?:\\s|\\\\[nr])';
/** Of Base64 to the last line of which there are sixteen characters; a key of 8,192 bits has about 6,500. */
const LINES = `${BREAK}{0,4}(?=${BASE64}{16})${BASE64}(?:(?:${BREAK}{1,4}(?=${BASE64}{16}))?${BASE64}){0,7199}`;

const privateKey = regexDetector({
  type: 'SECRET',
  // The head, and lines of which every sixteen characters have a break of eight before them.
  reach: 10_850,
  gate: ({ text }) => text.includes('PRIVATE KEY'),
  // To its end; of a key that is cut off, the lines of Base64 that are there.
  pattern: new RegExp(`${HEAD}${BODY}-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|${HEAD}(?:${LINES})?`, 'g'),
});

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

/** What a name ends with that holds a secret, alone or as a part: DB_PASSWORD, clientSecret, AWS_SECRET_ACCESS_KEY. */
const NAME = [
  '(?:api|access|account|auth|encryption|master|private|secret|shared|signing)[ _-]?key',
  'secret|token|passwords?|passwd|passphrase|pwd|credentials?',
].join('|');
const KEYWORD = new RegExp(`${NAME}|bearer|basic|authorization`);
const hasKeyword = ({ lower }: TextView): boolean => KEYWORD.test(lower);

/** Behind the header of that name, or by itself. */
const SCHEME = '(?:bearer|basic|authorization["\']?[ \\t]{0,3}[:=][ \\t]{0,3}["\']?[a-z0-9_-]{1,20})[ \\t]{1,3}';

const assigned = regexDetector({
  type: 'SECRET',
  reach: 200,
  gate: hasKeyword,
  pattern: new RegExp(
    `(?:(?:${NAME})["']?(?: is)?[ \\t]{0,3}[:= >][=>]?[ \\t]{0,3}["']?|\\b${SCHEME})(${VALUE})(?![A-Za-z0-9+/_=-])`,
    'gi',
  ),
  valid: (text) => {
    const value = text.replace(ASSIGNED_NAME, '');
    return /\d/.test(value) && /[A-Za-z]/.test(value) && entropyOf(value) >= LEAST_ENTROPY;
  },
});

/** What stands in the place of a password in an example: a name in brackets is none of the characters below. */
const EXAMPLE = /^(?:[*x.]+|pass|passwd|password|pw|pwd|secret|token)$/i;

const inUrl = regexDetector({
  type: 'SECRET',
  reach: 300,
  gate: ({ text }) => text.includes('://'),
  // The user's part of a URL (RFC 3986, 3.2.1); its host is looked for and not taken.
  pattern:
    /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[A-Za-z0-9._~%!&*+=-]{0,64}:([A-Za-z0-9._~%!$&'()*+,;=#?-]{3,128})(?=@)/g,
  valid: (value) => !EXAMPLE.test(value),
});

/** Secrets with a prefix of their issuer, private keys in PEM, passwords in URLs, and values of high entropy next to their keyword. */
export const SECRETS: readonly Detector[] = [...known, privateKey, inUrl, assigned];

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
