import { withUnseen } from '../model/index.ts';

/** Text from a repository as a terminal may show it: on one line, unseen characters written out. */
export function oneLine(text: string): string {
  return withUnseen(text);
}

/** `1 org`, `2 orgs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first few of many, and how many more. */
export function few(items: readonly string[], shown: number): string {
  const rest = items.length - shown;
  return rest <= 0 ? items.join(', ') : `${items.slice(0, shown).join(', ')} and ${rest} more`;
}

/** In one pass, as an entity holds a sign of its own; by name, so that none holds a number sign. */
const ENTITIES: { readonly [sign: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '`': '&grave;' };

/** Shown as nothing, and not copied; what stands on both sides of it is never read as one. */
const APART = '<!-- -->';
/**
 * What GitHub makes a mention, a reference, a link or an image of, up to where it is taken apart. It looks for most of it in the
 * text that comes out, where entities and backslashes hide nothing any more.
 */
const LINKED = /@|#|\bgh-(?=\d)|www(?=\.)|:(?=\/\/)|:(?=[a-z+-][a-z0-9_+-]*:)/gi;

/** Text as Markdown shows it: no markup, no mention, no link, no formula, no HTML, one line. */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(/[&<>`]/g, (sign) => ENTITIES[sign] ?? sign)
    .replace(LINKED, (found) => `${found}${APART}`)
    .replace(/[\\*_[\]|~]/g, '\\$&')
    .replaceAll('$', '<span>$$</span>');
}

/** Text as a Markdown code span, whatever it holds. */
export function markdownCode(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** `file:line:column`, as editors and terminals make it a link. */
export function placeText(place: { readonly file: string; readonly line: number; readonly column: number }): string {
  return `${oneLine(place.file)}:${place.line}:${place.column}`;
}
