import { constants } from 'node:fs';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';

/** Every touch of the folder of published files goes through here, so that a test can stop it at any step. */
export interface FolderFiles {
  /** The bytes of a regular file, or undefined when there is none; a link is an error, never followed. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** A file that must be new, on the disk when this returns; where it fails, nothing is left behind. */
  writeNew(path: string, bytes: Uint8Array): Promise<void>;
  /** Gives the file a second name; fails with EEXIST when that name is taken. */
  link(from: string, to: string): Promise<void>;
  /** Gives the file another name, at once, in the place of what had it. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the folder and those above it; gives the first that did not exist. */
  makeFolder(path: string): Promise<string | undefined>;
  /** Names that were added to the folder are on the disk when this returns. */
  syncFolder(path: string): Promise<void>;
}

/** The disk of this machine. */
export const nodeFolderFiles: FolderFiles = {
  read: async (path) => {
    try {
      return new Uint8Array(await readFile(path, { flag: constants.O_RDONLY | constants.O_NOFOLLOW }));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  },
  writeNew: async (path, bytes) => {
    const file = await open(path, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
  },
  link,
  rename,
  remove: unlink,
  makeFolder: (path) => mkdir(path, { recursive: true }),
  syncFolder: async (path) => {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
