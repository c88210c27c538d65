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
  for (const record of text.split('\0')) {
    const match = /^040000 tree ([0-9a-f]+)\t(.+)$/s.exec(record);
    if (match?.[1] !== undefined && match[2] !== undefined)
      folders.set(match[2].slice(folder.length + 1), match[1] as GitId);
    else if (record !== '') others.push(`${record}\0`);
  }
  return { folders, ...parseListing(others.join('')) };
}

/** True when `path` is one of `paths` or lies below one of them. */
export function isWithin(path: string, paths: readonly RepoPath[]): boolean {
  return paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
