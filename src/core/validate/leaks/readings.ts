import { asciiLabel } from '../hosts/punycode.ts';

// A value can be written in another form than the one it is searched in: other case, compatibility characters, percent
// signs, base64, letters of a domain instead of `xn--`. The text is brought to the plain form, not the values to all others.

const ASCII = /^[\x20-\x7e\s]*$/;
const ENCODED = /(?:%[0-9a-f]{2})+/gi;
const FOREIGN_LABEL = /[\p{L}\p{N}-]*[^\x20-\x7e\s\p{P}\p{S}][\p{L}\p{N}-]*/gu;
/** Long enough to hold four characters; a word of small letters alone is no base64 of text. */
const BASE64 = /[A-Za-z0-9+/_-]{6,}/g;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODES: ReadonlyMap<string, number> = new Map([
  ...Array.from(ALPHABET, (character, index) => [character, index] as const),
  ['-', 62],
  ['_', 63],
]);

/** Compatibility forms and case taken away. */
export function folded(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : text.normalize('NFKC').toLowerCase();
}

/** The text in each form in which a value could be written in it, folded; the plain form first. */
export function readingsOf(text: string): readonly string[] {
  const plain = percentDecoded(text);
  const decoded = base64Texts(plain).map(percentDecoded);
  if (plain === text && decoded.length === 0) return withAsciiNames(folded(text));
  return [text, ...(plain === text ? [] : [plain]), ...decoded].flatMap((form) => withAsciiNames(folded(form)));
}

function withAsciiNames(text: string): readonly string[] {
  if (ASCII.test(text)) return [text];
  return [text, text.replace(FOREIGN_LABEL, asciiLabel)];
}

function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(ENCODED, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** What the runs of base64 in a text say, where that is text. */
function base64Texts(text: string): readonly string[] {
  const found: string[] = [];
  for (const [run] of text.matchAll(BASE64)) {
    if (!/[A-Z0-9]/.test(run)) continue;
    // The alphabet has signs that also join names, so a run may be several.
    const pieces = /[+/_-]/.test(run) ? [run, ...run.split(/[+/_-]/)] : [run];
    for (const piece of pieces) {
      const said = piece.length < 6 ? null : textOfBase64(piece);
      if (said !== null) found.push(said);
    }
  }
  return found;
}

/** The printable ASCII that base64 (either alphabet, without padding) stands for; null when it is anything else. */
function textOfBase64(run: string): string | null {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const character of run) {
    held = ((held << 6) | (CODES.get(character) ?? 0)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const byte = (held >> bits) & 0xff;
    if (byte < 0x20 || byte > 0x7e) return null;
    out += String.fromCharCode(byte);
  }
  return out;
}

const WORD = /[a-z0-9]+/g;
const ANY_WORD = /[\p{L}\p{N}]+/gu;

/** The words of folded text: runs of letters and digits. */
export function wordsOf(text: string): readonly string[] {
  return text.match(ASCII.test(text) ? WORD : ANY_WORD) ?? [];
}
