import { closeSync, constants, fsync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

/**
 * The state directory of this machine. Only the wait for the disk is left to a thread: the rest is a few kilobytes into
 * memory of the system, done in less than it takes to hand it over. `sync` brings to the disk what a descriptor stands for.
 */
export function stateFiles(sync: (descriptor: number) => Promise<void>): StateFiles {
  const synced = async (descriptor: number, write: () => void): Promise<void> => {
    try {
      write();
      await sync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  return {
    read: async (path) => {
      try {
        return new Uint8Array(readFileSync(path));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    writeDurable: async (path, bytes) => {
      const file = openSync(path, 'w', 0o600);
      await synced(file, () => writeFileSync(file, bytes));
    },
    rename: async (from, to) => {
      renameSync(from, to);
      await synced(openSync(dirname(to), constants.O_RDONLY), () => {});
    },
    makeFolder: async (path) => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    },
  };
}

export const nodeStateFiles: StateFiles = stateFiles(
  (descriptor) =>
    new Promise((resolve, reject) => {
      fsync(descriptor, (error) => (error === null ? resolve() : reject(error)));
    }),
);
