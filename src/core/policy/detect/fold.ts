const NON_ASCII = /[^\x00-\x7f]/;
const DOTLESS_I = 'ı';

/**
 * A text as it is compared without regard to case (Unicode simple case folding): every character becomes one of as many UTF-16
 * code units, so that places in both are the same.
 */
export function foldText(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase();
  let folded = '';
  for (const letter of text) folded += foldLetter(letter);
  return folded;
}

const known = new Map<string, string>();
const MOST_KNOWN = 4096;

function foldLetter(letter: string): string {
  const code = letter.charCodeAt(0);
  if (code < 128) return code >= 65 && code <= 90 ? letter.toLowerCase() : letter;
  const before = known.get(letter);
  if (before !== undefined) return before;
  const made = foldAnew(letter);
  if (known.size < MOST_KNOWN) known.set(letter, made);
  return made;
}

/** By way of its capital, so that all small forms of one letter become the same; a letter that has no form of its length stays. */
function foldAnew(letter: string): string {
  if (letter === DOTLESS_I) return letter;
  const capital = sameLength(letter.toUpperCase(), letter);
  return sameLength(capital.toLowerCase(), capital);
}

const sameLength = (form: string, letter: string): string => (form.length === letter.length ? form : letter);
