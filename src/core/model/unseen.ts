// Characters that a person does not see. Two values that differ in them alone read alike: reports write them out, and files may not
// hold them, but for the few without which text that people write would be another one.

/** What moves the cursor, turns text round, ends a line, or is drawn as nothing (Default_Ignorable_Code_Point, blank Braille). */
const NOTHING = '\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\u2800';
/** Any blank but the common one reads as that. */
const UNSEEN = compiledLate(`[${NOTHING}]|(?! )\\p{Zs}`);

/** Scripts whose writing asks for joiners between letters: Arabic and those of India. */
const JOINING =
  '[\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Deva}\\p{sc=Beng}\\p{sc=Guru}\\p{sc=Gujr}\\p{sc=Orya}\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Sinh}]';
const EMOJI = '\\p{Extended_Pictographic}[\\ufe0e\\ufe0f]?\\p{Emoji_Modifier}?';
/** Where a character of NOTHING has a meaning that is seen. */
const MEANT = [
  '\\r\\n|[\\t\\n]',
  // Variation selectors and joiners of emoji: "a warning sign, in colour", "a family of three".
  `${EMOJI}(?:\\u200d${EMOJI})*`,
  '[0-9#*]\\ufe0f\\u20e3',
  `(?<=${JOINING})[\\u200c\\u200d](?=${JOINING})`,
  // Signs around numbers of Arabic and related scripts, which are drawn.
  '[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}]',
].join('|');
const MEANT_OR_NOTHING = compiledLate(`${MEANT}|([${NOTHING}])`);

/** Most text is of these, and needs no closer look. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;
const ONE_LINE = /^[\x20-\x7e]*$/;

/** `text` with every character that is not seen written out, as `\u{200b}`: two different texts never read alike by one of them. */
export function withUnseen(text: string): string {
  return ONE_LINE.test(text)
    ? text
    : text.replace(UNSEEN(), (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The first character of `text` that a file must not hold, with where it stands; undefined when there is none. */
export function unseenIn(text: string): { readonly character: string; readonly index: number } | undefined {
  if (PLAIN.test(text)) return undefined;
  for (const found of text.matchAll(MEANT_OR_NOTHING())) {
    const [, character] = found;
    if (character !== undefined) return { character, index: found.index };
  }
  return undefined;
}

/** A pattern of Unicode classes, compiled when it is first used: that takes 2 ms, which each start of the program would pay. */
function compiledLate(source: string): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, 'gu');
    return pattern;
  };
}
