/** Stands for the name of each org of a group. */
export const OWN_NAME = '<org>';

/** `text` with the org's own name, where it is a word of its own or a part between other signs, as `<org>`. */
export function withoutName(text: string, org: string): string {
  if (org === '') return text;
  let told = '';
  let from = 0;
  for (let at = text.indexOf(org); at >= 0; at = text.indexOf(org, at + org.length)) {
    if (isWordSign(text[at - 1]) || isWordSign(text[at + org.length])) continue;
    told += text.slice(from, at) + OWN_NAME;
    from = at + org.length;
  }
  return told + text.slice(from);
}

function isWordSign(sign: string | undefined): boolean {
  return sign !== undefined && /[a-z0-9]/i.test(sign);
}

/** The words that all of the texts begin with, without the last blank. */
export function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts.map((text) => text.split(' '));
  let count = 0;
  while (count < first.length && others.every((words) => words[count] === first[count])) count += 1;
  return Array.from(first).slice(0, count).join(' ');
}
