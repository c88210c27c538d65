import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Replaces a file so that a crash leaves the old one or the new one: write aside, fsync, rename, fsync the folder. */
export function replaceFile(path: string, text: string | Uint8Array, mode = 0o600): void {
  const aside = `${path}.new`;
  rmSync(aside, { force: true });
  const file = openSync(aside, 'wx', mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
  syncFolder(dirname(path));
}

/**
 * Replaces a file that only saves repeated work: readers see the old or the new text, but a power cut may lose it. For the
 * way out of a process; between requests it is `replaceHintAsync`.
 */
export function replaceHint(path: string, text: string): void {
  writeFileSync(`${path}.last`, text, { mode: 0o600 });
  renameSync(`${path}.last`, path);
}

/** As `replaceHint`, without holding up anything else: a rename may wait for the disk. One call at a time per path. */
export async function replaceHintAsync(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** As `replaceFile`, without holding up anything else meanwhile. One call at a time per path. */
export async function replaceFileAsync(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what a killed process left half-written in the folder; for the only process on it, before it writes. */
export function sweepAsides(folder: string): void {
  for (const name of readdirSync(folder).filter((item) => /\.(new|last)$/.test(item))) rmSync(join(folder, name));
}

/** Makes names that were added to or taken from the folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes the folder, for its owner alone. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** The text of a file, or undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The code of a system error (`ENOENT`), or an empty text. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
