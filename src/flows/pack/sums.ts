import type { FileFacts } from '../../core/model/index.ts';
import type { NewFolder } from '../../ports/index.ts';
import { sortedBy } from './span.ts';

export interface ListedFile extends FileFacts {
  readonly name: string;
}

/** Writes files one after the other, and keeps what `sha256sum -c` wants of each. */
export interface Sums {
  put(name: string, data: string | Uint8Array): Promise<void>;
  stream(name: string, parts: AsyncIterable<string>): Promise<void>;
  /** By name. */
  files(): readonly ListedFile[];
  /** The list, behind a first line that no reader of it takes for a file. */
  text(comment: string): string;
}

export function openSums(folder: NewFolder): Sums {
  const done: ListedFile[] = [];
  const files = (): readonly ListedFile[] => sortedBy(done, ({ name }) => name);
  const stream: Sums['stream'] = async (name, parts) => {
    const file = await folder.file(name);
    for await (const part of parts) await file.write(part);
    done.push({ name, ...(await file.end()) });
  };
  return {
    stream,
    put: async (name, data) => {
      const file = await folder.file(name);
      await file.write(data);
      done.push({ name, ...(await file.end()) });
    },
    files,
    text: (comment) => [`# ${comment}`, ...files().map(({ name, sha256 }) => `${sha256}  ${name}`), ''].join('\n'),
  };
}
