import { constants, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadBack } from '../core/report/index.ts';
import { makeFolder } from './make-folder.ts';

/** What `pr check` leaves for other jobs. `pr comment` reads the first three, as data that anybody may have written. */
export const ARTEFACTS = {
  check: 'check.json',
  diff: 'diff.json',
  effect: 'pr.json',
  junit: 'junit.xml',
  sarif: 'check.sarif',
  markdown: 'summary.md',
} as const;

const MOST_BYTES = 32 * 1024 * 1024;

export function writeArtefacts(folder: string, files: Readonly<Record<string, string>>): void {
  makeFolder(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** A file of another job: a regular one, of bounded size, in UTF-8; then whatever `read` makes of it. */
export async function readArtefact<T>(
  folder: string,
  name: string,
  read: (text: string) => ReadBack<T>,
): Promise<ReadBack<T>> {
  const bytes = await boundedFile(join(folder, name));
  if (typeof bytes === 'string') return { ok: false, reason: `${name}: ${bytes}` };
  const text = decoded(bytes);
  if (text === undefined) return { ok: false, reason: `${name}: expected UTF-8` };
  const result = read(text);
  return result.ok ? result : { ok: false, reason: `${name}: ${result.reason}` };
}

async function boundedFile(path: string): Promise<Uint8Array | string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return 'expected a regular file';
      if (facts.size > MOST_BYTES) return `expected at most ${MOST_BYTES} bytes, found ${facts.size}`;
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'expected such a file, found none' : `it cannot be read (${code ?? 'unknown'})`;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
