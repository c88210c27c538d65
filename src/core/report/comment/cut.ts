import { counted } from '../text.ts';

const utf8 = new TextEncoder();

/** Bytes as UTF-8: never fewer than characters, however a forge counts those. */
export function sizeOf(text: string): number {
  return utf8.encode(text).length;
}

/** Room for the closing words of a cut, and for closing what the cut left open. */
const CLOSING_BYTES = 600;

/**
 * Markdown of at most `limitBytes`: as it is, or its first lines, then how much of it is missing and where the whole is.
 * An opened `<details>` is closed. `whole` is a phrase, as in "the artefact `report` of this run".
 */
export function cutMarkdown(text: string, limitBytes: number, whole: string): string {
  const total = sizeOf(text);
  if (total <= limitBytes) return text;
  const lines = text.trimEnd().split('\n');
  const kept: string[] = [];
  let room = limitBytes - CLOSING_BYTES - sizeOf(whole);
  for (const line of lines) {
    const size = sizeOf(line) + 1;
    if (size > room) break;
    kept.push(line);
    room -= size;
  }
  const next = lines[kept.length] ?? '';
  const part = partOf(next, room);
  const shown = part === '' ? kept : [...kept, part];
  const missing = lines.length - kept.length;
  const words = `**Cut here**: ${counted(missing, 'line')} of ${lines.length} missing, ${total - sizeOf(shown.join('\n'))} of ${total} bytes. The whole is in ${whole}.`;
  return `${[...shown, ...closers(shown), '', words].join('\n')}\n`;
}

/** The beginning of a line that is a long list of names, up to a comma; nothing of any other line. */
function partOf(line: string, room: number): string {
  if (sizeOf(line) < room || room < 200) return '';
  const begin = line.slice(0, Math.floor(room / 4));
  const end = begin.lastIndexOf(', ');
  return end < 0 ? '' : `${begin.slice(0, end)}, … and more`;
}

function closers(lines: readonly string[]): readonly string[] {
  const count = (tag: string): number => lines.filter((line) => line.startsWith(tag) || line.endsWith(tag)).length;
  const open = lines.filter((line) => line.startsWith('<details')).length - count('</details>');
  return open > 0 ? ['', ...Array.from({ length: open }, () => '</details>')] : [];
}
