// Letters, digits, marks and spaces that mean the same as those of ASCII, and are one UTF-16 code unit as these are.

const SPACES = '\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
/** What stands at the place of zero, of the digits of Arabic and Persian. */
const ZEROS = [0x0660, 0x06f0];
const FIRST_WIDE = 0xff01;
const FIRST_PLAIN = 0x21;
const OTHER_FORM = new RegExp(`[${SPACES}\\u0660-\\u0669\\u06f0-\\u06f9\\uff01-\\uff5e]`);
const OTHER_FORMS = new RegExp(OTHER_FORM, 'g');

/**
 * A text with its full-width forms, its Arabic and Persian digits and its spaces of other widths as those of ASCII, each at its
 * place, so that places in both are the same.
 */
export function narrowText(text: string): string {
  return OTHER_FORM.test(text) ? text.replace(OTHER_FORMS, narrowed) : text;
}

function narrowed(letter: string): string {
  const code = letter.charCodeAt(0);
  if (code >= FIRST_WIDE) return String.fromCharCode(code - FIRST_WIDE + FIRST_PLAIN);
  const zero = ZEROS.find((first) => code >= first && code <= first + 9);
  return zero === undefined ? ' ' : String(code - zero);
}
