import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileFacts, Sha256Hex } from '../../core/model/index.ts';
import type { ReadFolder } from '../../ports/index.ts';

const LINE_FEED = 0x0a;
const NO_FILE = ['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR', 'ENOTDIR'];

/** The folder at `path`, which need not be one. */
export function openReadFolder(path: string): ReadFolder {
  const within = <T>(name: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T | undefined> =>
    withFile(join(path, name), work);
  return {
    names: async () => (await readdir(path)).sort(),
    bytes: (name, most) =>
      within(name, async (file, size) => (size > most ? undefined : new Uint8Array(await file.readFile()))),
    facts: (name) =>
      within(name, async (file): Promise<FileFacts> => {
        const digest = createHash('sha256');
        let length = 0;
        for await (const part of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
          digest.update(part);
          length += part.length;
        }
        return { length, sha256: digest.digest('hex') as Sha256Hex };
      }),
    lines: (name, most) => linesOf(join(path, name), most),
  };
}

/** Of a regular file alone, opened without waiting for anybody. */
async function withFile<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T | undefined> {
  const file = await opened(path);
  if (file === undefined) return undefined;
  try {
    const facts = await file.stat();
    return facts.isFile() ? await work(file, facts.size) : undefined;
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (NO_FILE.includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw cause;
  }
}

/** What stands behind the last line feed is a line too. */
async function* linesOf(path: string, most: number): AsyncGenerator<string | undefined, void, undefined> {
  const file = await opened(path);
  if (file === undefined) return;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Buffer[] = [];
  let size = 0;
  const lineOf = (): string | undefined => {
    const bytes = size > most ? undefined : Buffer.concat(parts);
    [parts, size] = [[], 0];
    try {
      return bytes === undefined ? undefined : decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const take = (part: Buffer): void => {
    size += part.length;
    if (size <= most) parts.push(part);
    else parts = [];
  };
  try {
    for await (const block of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = block.indexOf(LINE_FEED); at !== -1; at = block.indexOf(LINE_FEED, from)) {
        take(block.subarray(from, at));
        yield lineOf();
        from = at + 1;
      }
      if (from < block.length) take(block.subarray(from));
    }
    if (size > 0) yield lineOf();
  } finally {
    await file.close();
  }
}
