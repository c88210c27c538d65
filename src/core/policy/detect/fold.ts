const NON_ASCII = /[^\x00-\x7f]/;
const DOTLESS_I = 'ı';
/** Characters that become a text in one step. */
const STEP = 4096;

/**
 * A text as it is compared without regard to case (Unicode simple case folding): every character becomes one of as many UTF-16
 * code units, so that places in both are the same.
 */
export function foldText(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase();
  let folded = '';
  const units = new Uint16Array(Math.min(STEP, text.length));
  for (let from = 0; from < text.length; from += STEP) {
    const count = Math.min(STEP, text.length - from);
    for (let at = 0; at < count; at++) units[at] = foldUnit(text, from + at);
    folded += Reflect.apply(String.fromCharCode, null, units.subarray(0, count));
  }
  return folded;
}

/** For each code unit that is a character, what it becomes; 0 where nobody asked yet. */
const known = new Uint16Array(65_536);

function foldUnit(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit >= 0xd800 && unit <= 0xdfff) return foldHalf(text, at, unit);
  const before = known[unit] ?? 0;
  if (before !== 0 || unit === 0) return before;
  const made = foldLetter(String.fromCharCode(unit)).charCodeAt(0);
  known[unit] = made;
  return made;
}

/** Half of a pair becomes that half of what the pair becomes; half a pair alone stays. */
function foldHalf(text: string, at: number, unit: number): number {
  const isSecond = unit >= 0xdc00;
  const letter = text.codePointAt(isSecond ? at - 1 : at) ?? 0;
  if (letter <= 0xffff) return unit;
  return foldLetter(String.fromCodePoint(letter)).charCodeAt(isSecond ? 1 : 0);
}

/** By way of its capital, so that all small forms of one letter become the same; a letter that has no form of its length stays. */
function foldLetter(letter: string): string {
  if (letter === DOTLESS_I) return letter;
  const capital = sameLength(letter.toUpperCase(), letter);
  return sameLength(capital.toLowerCase(), capital);
}

const sameLength = (form: string, letter: string): string => (form.length === letter.length ? form : letter);
