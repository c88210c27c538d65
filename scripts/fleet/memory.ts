// A fleet in memory as the flows see a repository: what `check` reads, without git and without a disk.

import type { GitId, RepoPath } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import type { ReadTree, TreeEntry } from '../../src/ports/index.ts';

/** One file: its text, and its mode where that is not a normal file's. */
export interface MemoryFile {
  readonly text: string;
  readonly mode?: string;
}

/** Files by path. Orgs are kept apart, so that one of many can be replaced without copying the others. */
export interface MemoryFleet {
  readonly shared: ReadonlyMap<string, MemoryFile>;
  readonly orgs: ReadonlyMap<string, ReadonlyMap<string, MemoryFile>>;
}

/** Blob and folder ids, remembered for each map of files, since most of a fleet is the same in every tree. */
const ids = new WeakMap<
  ReadonlyMap<string, MemoryFile>,
  { readonly entries: readonly TreeEntry[]; readonly id: GitId }
>();

const listed = (files: ReadonlyMap<string, MemoryFile>) => {
  const known = ids.get(files);
  if (known !== undefined) return known;
  const entries = [...files]
    .map(([path, { text, mode = '100644' }]) => ({ path: path as RepoPath, mode, id: nodeHash.gitBlobId(text) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const id = nodeHash.gitBlobId(entries.map(({ path, mode, id: blob }) => `${mode} ${blob} ${path}`).join('\n'));
  ids.set(files, { entries, id });
  return { entries, id };
};

/** The ids of folders directly below `folder`, from the files below it. */
const subFolders = (files: ReadonlyMap<string, MemoryFile>, folder: string): ReadonlyMap<string, GitId> => {
  const below = new Map<string, Map<string, MemoryFile>>();
  for (const [path, file] of files) {
    const [name, ...rest] = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/') : [];
    if (name === undefined || rest.length === 0) continue;
    below.set(name, (below.get(name) ?? new Map()).set(path, file));
  }
  return new Map([...below].map(([name, own]) => [name, listed(own).id]));
};

/** The tree of a fleet, as if it were a work tree. */
export const memoryTree = (fleet: MemoryFleet): ReadTree => ({
  commit: null,
  inside: async (folder) => ({
    folders:
      folder === 'orgs'
        ? new Map([...fleet.orgs].map(([org, files]) => [org, listed(files).id]))
        : subFolders(fleet.shared, folder),
    entries: listed(fleet.shared).entries.filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === folder),
    odd: [],
  }),
  list: async (paths) => {
    const isWanted = (path: string): boolean =>
      paths.some((wanted) => path === wanted || path.startsWith(`${wanted}/`));
    const shared = listed(fleet.shared).entries.filter(({ path }) => isWanted(path));
    const orgs = [...fleet.orgs].flatMap(([org, files]) =>
      paths.some((wanted) => wanted === 'orgs' || wanted === `orgs/${org}`) ? listed(files).entries : [],
    );
    return { entries: [...shared, ...orgs], odd: [] };
  },
  read: async (entries, limitBytes) =>
    new Map(
      entries.map(({ path }) => {
        const files = path.startsWith('orgs/') ? fleet.orgs.get(path.split('/')[1] ?? '') : fleet.shared;
        const bytes = Buffer.from(files?.get(path)?.text ?? '');
        return [path, bytes.length > limitBytes ? null : new Uint8Array(bytes)] as const;
      }),
    ),
});
