/** Text for one scalar, or undefined when no YAML reader would give the value back. */

// Plain only where YAML 1.1 and 1.2 readers agree that it is this string: begins with a letter, no sign of structure.
const FIRST_PLAIN = classOf('A-Za-z_/');
const PLAIN = classOf('A-Za-z0-9_./@+,()=%$;-');
/** What may follow a blank or a colon within a plain text. */
const AFTER_GAP = classOf('A-Za-z0-9_./@+(=%$');
// YAML 1.1 reads these as booleans or null, in any case.
const WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const LONGEST_WORD = 'false'.length;
// What JSON leaves bare although YAML calls it unprintable, or a reviewer could not see.
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]/g;
const UNSEEN_OR_CONTROL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]/;
/** Printable ASCII that JSON writes as it is. */
const BARE = /^[ !#-[\]-~]*$/;
const PLAIN_MAX = 1000;
const [BLANK, COLON] = [0x20, 0x3a];

/** The ASCII characters of a class as it stands in a regular expression, by code. This runs for every text of every manifest. */
function classOf(range: string): Uint8Array {
  const pattern = new RegExp(`[${range}]`);
  return Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}

/** True for a text that every reader of YAML takes for this very text when it stands without quotes. */
export function isPlain(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > PLAIN_MAX || FIRST_PLAIN[text.charCodeAt(0)] !== 1) return false;
  for (let index = 1; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (PLAIN[code] === 1) continue;
    // A gap at the end meets NaN, which is in no class.
    if ((code !== BLANK && code !== COLON) || AFTER_GAP[text.charCodeAt(index + 1)] !== 1) return false;
  }
  return length > LONGEST_WORD || !WORD.test(text);
}

/** A string on one line: plain where that is safe, else as JSON with everything unseen escaped. */
export function inlineText(text: string): string | undefined {
  if (isPlain(text)) return text;
  if (BARE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) return undefined;
  return JSON.stringify(text).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * A string of several lines as a literal block at `indent`, or undefined when it must be quoted: anything unseen, blanks
 * at the end of a line, a first line that is empty or indented, more than one line break at the end.
 */
export function blockText(text: string, indent: string): string | undefined {
  const breakAt = text.indexOf('\n');
  if (breakAt < 1 || breakAt === text.length - 1 || text.startsWith(' ')) return undefined;
  if (text.endsWith('\n\n') || / (?:\n|$)/.test(text) || UNSEEN_OR_CONTROL.test(text) || !text.isWellFormed()) {
    return undefined;
  }
  const keepsBreak = text.endsWith('\n');
  const lines = (keepsBreak ? text.slice(0, -1) : text).split('\n');
  const body = lines.map((line) => (line === '' ? '' : indent + line)).join('\n');
  return `${keepsBreak ? '|' : '|-'}\n${body}`;
}

/** A number that YAML 1.1 and 1.2 readers read alike: an exponent has a point and a sign. */
export function numberText(value: number): string | undefined {
  if (!Number.isFinite(value) || Object.is(value, -0)) return undefined;
  if (Number.isSafeInteger(value)) return String(value);
  const text = Math.abs(value) > Number.MAX_SAFE_INTEGER ? value.toExponential() : String(value);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}
