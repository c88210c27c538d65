import { constants } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Every touch of the verifier's state directory goes through here, so that a test can stop it at any step. */
export interface StateFiles {
  /** The bytes, or undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** A new or replaced file, on the disk when this returns; not atomic. */
  writeDurable(path: string, bytes: Uint8Array): Promise<void>;
  /** Replaces `to` by `from` at once; the folder's entry is on the disk when this returns. */
  rename(from: string, to: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
}

/** The state directory of this machine. */
export const nodeStateFiles: StateFiles = {
  read: async (path) => {
    try {
      return new Uint8Array(await readFile(path));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  },
  writeDurable: async (path, bytes) => {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename: async (from, to) => {
    await rename(from, to);
    const folder = await open(dirname(to), constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
};
