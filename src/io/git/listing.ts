import { type GitId, type RepoPath, repoPath } from '../../core/model/index.ts';
import type { Inside, OddEntry, TreeEntry } from '../../ports/index.ts';

export interface Listing {
  readonly entries: readonly TreeEntry[];
  readonly odd: readonly OddEntry[];
}

const UNSAFE_PATH = /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufffd]/;

/** Parses `git ls-tree -r -z`: "<mode> <type> <id>\t<path>\0". Paths that are no repository path go to `odd`. */
export function parseListing(text: string): Listing {
  const entries: TreeEntry[] = [];
  const odd: OddEntry[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\0', at);
    const tab = text.indexOf('\t', at);
    const [mode = '', , id = ''] = text.slice(at, tab).split(' ');
    const name = text.slice(tab + 1, end);
    const path = UNSAFE_PATH.test(name) ? undefined : repoPath(name);
    if (path === undefined) odd.push({ shown: JSON.stringify(name), mode });
    else entries.push({ path, mode, id: id as GitId });
    at = end + 1;
  }
  return { entries, odd };
}

/** Parses a non-recursive `git ls-tree -z` of what lies inside `folder`. */
export function parseInside(text: string, folder: RepoPath): Inside {
  const folders = new Map<string, GitId>();
  const others: string[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\0', at);
    if (text.startsWith(FOLDER, at)) {
      const tab = text.indexOf('\t', at);
      folders.set(text.slice(tab + 1 + folder.length + 1, end), text.slice(at + FOLDER.length, tab) as GitId);
    } else others.push(text.slice(at, end + 1));
    at = end + 1;
  }
  return { folders, ...parseListing(others.join('')) };
}

const FOLDER = '040000 tree ';

/**
 * What lies inside a folder, of what lies in it elsewhere and `git diff-tree --raw -z` from there to here; undefined
 * when more than folders differ.
 */
export function movedInside(from: Inside, differences: string): Inside | undefined {
  const folders = new Map(from.folders);
  const words = differences.split('\0');
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [before, after, , id, status] = (words[at] ?? '').slice(1).split(' ');
    const name = words[at + 1] ?? '';
    const isFolders = [before, after].every((mode) => mode === '040000' || mode === '000000');
    if (!isFolders) return undefined;
    if (status === 'D') folders.delete(name);
    else folders.set(name, id as GitId);
  }
  return { ...from, folders };
}

/** True when `path` is one of `paths` or lies below one of them. */
export function isWithin(path: string, paths: readonly RepoPath[]): boolean {
  return paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
