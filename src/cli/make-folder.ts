import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder and those above it; gives the first that was not there. Step by step: Node's own way goes on without end
 * where a folder that is there takes no new one and says ENOENT, as /proc does.
 */
export function makeFolder(path: string): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return undefined;
    if (code !== 'ENOENT' || dirname(path) === path) throw cause;
  }
  const first = makeFolder(dirname(path));
  mkdirSync(path);
  return first ?? path;
}
