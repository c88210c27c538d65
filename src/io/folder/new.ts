import { createHash } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { type FileHandle, lstat, mkdir, mkdtemp, open, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileFacts, Sha256Hex } from '../../core/model/index.ts';
import type { NewFile, NewFolder } from '../../ports/index.ts';

/** Text that is written at once: a line is too little for a call of the system. */
const BATCH_BYTES = 1 << 16;

/** A folder that is to be at `path`; undefined where something is there. Nothing is made before its first file. */
export async function openNewFolder(path: string): Promise<NewFolder | undefined> {
  if (await isThere(path)) return undefined;
  const above = dirname(path);
  let making: Promise<string> | undefined;
  let made: string | undefined;
  const make = async (): Promise<string> => {
    await makeFolder(above);
    made = await mkdtemp(join(above, `.${basename(path)}.part-`));
    return made;
  };
  const aside = (): Promise<string> => {
    making ??= make();
    return making;
  };
  return {
    file: async (name) => newFile(await open(join(await aside(), name), 'wx', 0o600)),
    keep: async () => {
      await syncFolder(await aside());
      if (!(await renamed(await aside(), path))) return false;
      await syncFolder(above);
      return true;
    },
    drop: () => {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
    },
    begun: async () => (await partsIn(above)).filter((part) => part !== made),
  };
}

/** As `mkdtemp` names them. */
const PART = /^\..+\.part-[A-Za-z0-9]{6}$/s;

async function partsIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const parts = entries.filter((entry) => entry.isDirectory() && PART.test(entry.name));
    return parts.map(({ name }) => join(folder, name)).sort();
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return [];
    throw cause;
  }
}

/**
 * The folder and those above it. Step by step: Node's own way goes on without end where a folder that is there takes no new
 * one and says ENOENT, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdirOnce(path);
  } catch (cause) {
    if (!isCode(cause, 'ENOENT') || dirname(path) === path) throw cause;
    await makeFolder(dirname(path));
    await mkdirOnce(path);
  }
}

async function mkdirOnce(path: string): Promise<void> {
  await mkdir(path).catch((cause: unknown) => {
    if (!isCode(cause, 'EEXIST')) throw cause;
  });
}

function isCode(cause: unknown, code: string): boolean {
  return (cause as NodeJS.ErrnoException).code === code;
}

const SOMETHING_THERE = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    if (SOMETHING_THERE.includes((cause as NodeJS.ErrnoException).code ?? '')) return false;
    throw cause;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return false;
    throw cause;
  }
}

function newFile(file: FileHandle): NewFile {
  const digest = createHash('sha256');
  let [length, waiting]: [number, Buffer[]] = [0, []];
  let size = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(waiting);
    [waiting, size] = [[], 0];
    await file.writeFile(bytes);
  };
  return {
    write: async (data) => {
      const bytes = Buffer.from(data as string);
      digest.update(bytes);
      length += bytes.length;
      size += bytes.length;
      waiting.push(bytes);
      if (size >= BATCH_BYTES) await flush();
    },
    end: async (): Promise<FileFacts> => {
      try {
        await flush();
        await file.sync();
      } finally {
        await file.close();
      }
      return { length, sha256: digest.digest('hex') as Sha256Hex };
    },
  };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
