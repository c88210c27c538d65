import type { FileFacts } from '../core/model/index.ts';

/** A folder that comes to be whole or not at all. */
export interface NewFolder {
  /** Begins a file, once for each name; one at a time. */
  file(name: string): Promise<NewFile>;
  /** Everything is durable under its name when it resolves; false where something came there meanwhile. */
  keep(): Promise<boolean>;
  /** Nothing of it is left once it returns, but for what was kept. */
  drop(): void;
  /** Paths of what others began beside it and have neither kept nor dropped: they were killed, or are still at it. */
  begun(): Promise<readonly string[]>;
}

/** A file that is written from its beginning to its end. */
export interface NewFile {
  write(data: string | Uint8Array): Promise<void>;
  end(): Promise<FileFacts>;
}

/** A folder that somebody else may have written. */
export interface ReadFolder {
  /** Everything in it, sorted; what is no regular file too. */
  names(): Promise<readonly string[]>;
  /** The bytes of a regular file of at most so many; undefined for anything else. */
  bytes(name: string, most: number): Promise<Uint8Array | undefined>;
  /** Length and SHA-256 of a regular file of any size; undefined for anything else. */
  facts(name: string): Promise<FileFacts | undefined>;
  /** The lines of a file, each of at most so many bytes; undefined in their place for one that is longer or no UTF-8. */
  lines(name: string, most: number): AsyncIterable<string | undefined>;
}
