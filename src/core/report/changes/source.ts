import type { FieldChange } from '../../model/index.ts';

/** Where to look: `file:line`; of several orgs the shared template's line, else that of the first org as an example. */
export function sourceText({ source }: FieldChange, orgs: number): string | null {
  if (source === null) return null;
  const place = `${source.file}:${source.line}`;
  return orgs === 1 || !source.file.startsWith('orgs/') ? place : `e.g. ${place}`;
}
