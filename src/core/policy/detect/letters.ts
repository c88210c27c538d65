const WORD_LETTER = /[\p{L}\p{M}\p{N}]/u;

/** For each UTF-16 code unit: 0 not asked yet, 1 part of a word, 2 not. Halves of pairs are asked with their other half. */
const asked = new Uint8Array(65_536);

/** True when the character that begins at `at` is a letter, a mark or a digit. */
export function isWordAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit >= 0xd800 && unit <= 0xdfff) return WORD_LETTER.test(String.fromCodePoint(text.codePointAt(at) ?? 0));
  const known = asked[unit];
  if (known !== 0) return known === 1;
  const answer = WORD_LETTER.test(String.fromCharCode(unit));
  asked[unit] = answer ? 1 : 2;
  return answer;
}

/** How many code units the character has that begins at `at`. */
export function widthAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff && (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Where the word ends that `at` stands in; `at` itself when it stands in none. */
export function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isWordAt(text, end)) end += widthAt(text, end);
  return end;
}

/** Where the character begins that ends before `at`. */
export function before(text: string, at: number): number {
  return at >= 2 && widthAt(text, at - 2) === 2 ? at - 2 : at - 1;
}

const NON_ASCII = /[^\x00-\x7f]/;

/** The letters of a word as they are compared: one number each, small forms, composed. */
export function lettersOf(word: string): Int32Array {
  const plain = word.toLowerCase();
  if (NON_ASCII.test(plain)) return Int32Array.from(plain.normalize('NFC'), (letter) => letter.codePointAt(0) ?? 0);
  const letters = new Int32Array(plain.length);
  for (let at = 0; at < plain.length; at++) letters[at] = plain.charCodeAt(at);
  return letters;
}
