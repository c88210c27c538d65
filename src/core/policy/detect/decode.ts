// Attacks hide in encodings. Each function answers what a model may read in a text, or null when that is the text itself.

const SHORTEST_SEGMENT = 16;
// Encoders wrap after 64 or 76 digits; a line as long as this goes on in the next one.
const WRAPPED_LINE = 60;
/** Digits of Base64 that are decoded of one text. */
export const MOST_DIGITS = 262_144;
const OTHER_FORMS = /[^\n\r\t\x20-\x7e]/;
// What is not shown: soft hyphen, zero-width and direction marks, fillers, tags, blanks, controls but line breaks and tabs.
const INVISIBLE = /[\u2800\p{Default_Ignorable_Code_Point}\p{Cf}]|(?![\n\r\t])\p{Cc}/gu;
const MARKS = /\p{M}/gu;

/** True for what can be seen of ASCII, which has but one form. */
export function isPlain(text: string): boolean {
  return !OTHER_FORMS.test(text);
}

/** Compatible characters as their plain form (NFKC), invisible ones left out. */
export function plainForm(text: string): string {
  return text.normalize('NFKC').replace(INVISIBLE, '');
}

const TAGS = /[\u{e0020}-\u{e007e}]+/gu;
const FIRST_TAG = 0xe0000;

/**
 * What is written in tags, the invisible copies of ASCII that models read as it: all of one text, with nothing and with a space
 * between what does not stand together.
 */
export function taggedTexts(text: string): readonly string[] {
  const runs = text.match(TAGS) ?? [];
  const read = runs.map((run) =>
    [...run].map((tag) => String.fromCharCode((tag.codePointAt(0) ?? 0) - FIRST_TAG)).join(''),
  );
  return read.length > 1 ? [read.join(''), read.join(' ')] : read;
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

/** An encoded text may follow right on a digit that is none of it. */
const OFFSETS = [0, 1, 2, 3];

/**
 * The texts that Base64 segments (standard or URL-safe, 16 characters and more) decode to, all of one text together: from each
 * offset what can be read there, without what cannot, and with spaces in the place of that.
 */
export function decodedSegments(text: string): readonly string[] {
  const segments = segmentsOf(text);
  if (segments.length === 0) return [];
  const decoded = OFFSETS.flatMap((offset) => {
    const read = segments.flatMap((segment) => readable(bytesOf(segment, offset)));
    // No digit of Base64 follows the line break, so that none of them goes on in the next.
    const joined = read.join('\n ');
    return joined === '' ? [] : [joined.replace(UNREADABLE, ''), joined.replace(UNREADABLE, ' ')];
  });
  return [...new Set(decoded)];
}

/** The segments as six bits of each digit. */
function segmentsOf(text: string): readonly Uint8Array[] {
  const segments: Uint8Array[] = [];
  let left = MOST_DIGITS;
  for (let from = 0; left > 0; ) {
    const [start, end] = nextSegment(text, from);
    if (start === end) break;
    segments.push(sextetsOf(text, start, Math.min(end, start + left)));
    left -= end - start;
    from = end;
  }
  return segments;
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

const SEXTETS = new Uint8Array(128);
for (const alphabet of ['+/', '-_']) {
  const digits = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`;
  for (let value = 0; value < digits.length; value++) SEXTETS[digits.charCodeAt(value)] = value;
}

function sextetsOf(text: string, start: number, end: number): Uint8Array {
  const sextets = new Uint8Array(end - start);
  let count = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    // Line breaks stand in wrapped segments.
    if (isDigit(code)) sextets[count++] = SEXTETS[code] ?? 0;
  }
  return sextets.subarray(0, count);
}

function bytesOf(sextets: Uint8Array, offset: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(((sextets.length - offset) * 3) / 4));
  let at = offset;
  for (let index = 0; index < bytes.length; index += 3, at += 4) {
    const two = sextets[at + 1] ?? 0;
    const three = sextets[at + 2] ?? 0;
    // What is written behind the end is dropped.
    bytes[index] = ((sextets[at] ?? 0) << 2) | (two >> 4);
    bytes[index + 1] = (two << 4) | (three >> 2);
    bytes[index + 2] = (three << 6) | (sextets[at + 3] ?? 0);
  }
  return bytes;
}

const utf8 = new TextDecoder('utf-8');
const UNREADABLE = /\ufffd|(?![\n\r\t])\p{Cc}/gu;

/** How many bytes the character has that stands there; 0 for a control, and for what is none. */
function widthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return (first >= 0x20 && first !== 0x7f) || first === 9 || first === 10 || first === 13 ? 1 : 0;
  const width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let next = at + 1; next < at + width; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return width;
}

/** A stretch is read once so many more characters of it can be read than twice those that cannot. */
const SURE = 8;
/** So much is as sure as it gets: after half as many that cannot be read the stretch is over. */
const MOST_SURE = 24;
/** What may stand before the first of them. */
const BEFORE = 16;

/**
 * The stretches of UTF-8 that can be read, with the bytes that cannot be read among them: what was not encoded, or from another
 * offset, is no text, and one damaged byte makes no text of another.
 */
function readable(bytes: Uint8Array): readonly string[] {
  const stretches: string[] = [];
  let [from, sure, isOpen] = [0, 0, false];
  for (let at = 0; at < bytes.length; ) {
    if (sure === 0) from = at;
    const width = widthAt(bytes, at);
    sure = width > 0 ? Math.min(sure + 1, MOST_SURE) : Math.max(sure - 2, 0);
    at += Math.max(width, 1);
    isOpen ||= sure >= SURE;
    if (!isOpen || (sure > 0 && at < bytes.length)) continue;
    stretches.push(utf8.decode(bytes.subarray(Math.max(0, from - BEFORE), at)));
    isOpen = false;
  }
  return stretches;
}
