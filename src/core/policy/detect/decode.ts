// Attacks hide in encodings. Each function answers what a model may read in a text, or null when that is the text itself.

const SHORTEST_SEGMENT = 16;
// Encoders wrap after 64 or 76 digits; a line as long as this goes on in the next one.
const WRAPPED_LINE = 60;
const MOST_SEGMENTS = 64;
const MOST_CHARACTERS = 262_144;
const NON_ASCII = /[^\x00-\x7f]/;
const PRINTABLE = /^[\P{Cc}\n\r\t]+$/u;
// Soft hyphen, zero-width and direction marks, word joiner, tag characters.
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]/gu;
const MARKS = /\p{M}/gu;

/** True for ASCII, which has but one form. */
export function isPlain(text: string): boolean {
  return !NON_ASCII.test(text);
}

/** Compatible characters as their plain form (NFKC), invisible ones left out. */
export function plainForm(text: string): string {
  return text.normalize('NFKC').replace(INVISIBLE, '');
}

const FOLDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аαɑ',
    b: 'вьβ',
    c: 'сϲ',
    d: 'ԁɗ',
    e: 'еєεҽ',
    f: 'ƒ',
    g: 'ɡց',
    h: 'һհн',
    i: 'іιıї',
    j: 'јϳ',
    k: 'кκ',
    l: 'ӏⅼ',
    m: 'мⅿ',
    n: 'ոп',
    o: 'оοσօ',
    p: 'рρ',
    q: 'ԛգ',
    r: 'гᴦ',
    s: 'ѕꜱ',
    t: 'тτ',
    u: 'υսц',
    v: 'ѵν',
    w: 'ԝωш',
    x: 'хχ',
    y: 'уүγ',
    z: 'ᴢ',
    A: 'АΑ',
    B: 'ВΒ',
    C: 'СϹ',
    E: 'ЕΕ',
    H: 'НΗ',
    I: 'ІΙӀ',
    J: 'Ј',
    K: 'КΚ',
    M: 'МΜ',
    N: 'Ν',
    O: 'ОΟ',
    P: 'РΡ',
    S: 'Ѕ',
    T: 'ТΤ',
    X: 'ХΧ',
    Y: 'УΥ',
    Z: 'Ζ',
  }).flatMap(([latin, alike]) => [...alike].map((letter): [string, string] => [letter, latin])),
);

/** Look-alike letters of other scripts as the Latin ones, accents left out. */
export function foldLookalikes(text: string): string {
  let folded = '';
  for (const letter of text.normalize('NFD').replace(MARKS, '')) folded += FOLDS.get(letter) ?? letter;
  return folded;
}

/** The texts that Base64 segments (standard or URL-safe, 16 characters and more) decode to, where that is readable UTF-8. */
export function decodedSegments(text: string): readonly string[] {
  const decoded: string[] = [];
  let budget = MOST_CHARACTERS;
  for (let from = 0; decoded.length < MOST_SEGMENTS && budget > 0; ) {
    const [start, end] = nextSegment(text, from);
    if (start === end) break;
    const plain = readable(text.slice(start, Math.min(end, start + budget)).replace(/[\r\n]/g, ''));
    if (plain !== null) decoded.push(plain);
    budget -= end - start;
    from = end;
  }
  return decoded;
}

const isDigit = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 47 && code <= 57) ||
  code === 43 ||
  code === 45 ||
  code === 95;

function endOfLine(text: string, from: number): number {
  let end = from;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** The next run of Base64 digits that is long enough, looking at one character in 16 where there is none. */
function nextSegment(text: string, from: number): readonly [number, number] {
  for (let probe = from + SHORTEST_SEGMENT - 1; probe < text.length; probe += SHORTEST_SEGMENT) {
    if (!isDigit(text.charCodeAt(probe))) continue;
    let start = probe;
    while (start > from && isDigit(text.charCodeAt(start - 1))) start--;
    let end = endOfLine(text, probe);
    for (let line = start; end - line >= WRAPPED_LINE; ) {
      const next = /^\r?\n(?=[\w+/-])/.exec(text.slice(end, end + 3));
      if (next === null) break;
      line = end + next[0].length;
      end = endOfLine(text, line);
    }
    if (end - start >= SHORTEST_SEGMENT) return [start, end];
  }
  return [text.length, text.length];
}

const sextetOf = (code: number): number => {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  return code === 43 || code === 45 ? 62 : 63;
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readable(digits: string): string | null {
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  for (let index = 0; index < bytes.length; index++) {
    const at = Math.floor(index / 3) * 4;
    const pair = index % 3;
    const high = sextetOf(digits.charCodeAt(at + pair));
    const low = sextetOf(digits.charCodeAt(at + pair + 1));
    bytes[index] = ((high << (2 + pair * 2)) | (low >> (4 - pair * 2))) & 0xff;
  }
  try {
    const text = utf8.decode(bytes);
    return PRINTABLE.test(text) ? text : null;
  } catch {
    return null;
  }
}
