import type { CommitId, OrgSlug, RepoPath } from '../core/model/index.ts';
import type { Inside, OddEntry, ReadTree, TreeEntry } from '../ports/index.ts';
import { FILE_LIMIT_BYTES } from './frame.ts';
import { isReadManifest, orgOf } from './org.ts';

/** A part of a tree as plain data, so that another thread can read it: what all orgs share, and some orgs whole. */
export interface TreeSnapshot {
  readonly commit: CommitId | null;
  readonly inside: ReadonlyMap<string, Inside>;
  readonly entries: readonly TreeEntry[];
  readonly odd: readonly OddEntry[];
  /** Bodies of what a check reads; generated manifests have none. */
  readonly bodies: ReadonlyMap<RepoPath, Uint8Array | null>;
}

const root = (path: string): RepoPath => path as RepoPath;
const SHARED = ['fleet.yaml', 'prices', 'approvals', 'templates'].map(root);

/** Reads a tree once, and gives one snapshot for each share of its orgs. */
export async function snapshotsOf(
  tree: ReadTree,
  shares: readonly (readonly OrgSlug[])[],
): Promise<readonly TreeSnapshot[]> {
  const [inside, shared, orgs] = await Promise.all([insidesOf(tree), tree.list(SHARED), tree.list([root('orgs')])]);
  const commons = await tree.read(shared.entries, FILE_LIMIT_BYTES);
  const shareOf = new Map(shares.flatMap((share, index) => share.map((org) => [org as string, index] as const)));
  const parts = shares.map(() => ({ entries: [...shared.entries], odd: [...shared.odd] }));
  for (const entry of orgs.entries) parts[shareOf.get(orgOf(entry.path)) ?? -1]?.entries.push(entry);
  for (const item of orgs.odd) parts[shareOf.get(orgOf(item.shown.replaceAll('"', ''))) ?? -1]?.odd.push(item);
  return Promise.all(
    parts.map(async (part) => {
      const read = part.entries.filter(({ path, mode }) => mode === '100644' && isReadManifest(orgOf(path), path));
      const bodies = await tree.read(read, FILE_LIMIT_BYTES);
      return { commit: tree.commit, inside, ...part, bodies: new Map([...commons, ...bodies]) };
    }),
  );
}

async function insidesOf(tree: ReadTree): Promise<ReadonlyMap<string, Inside>> {
  const [orgs, templates] = await Promise.all([tree.inside(root('orgs')), tree.inside(root('templates'))]);
  const names = [...templates.folders.keys()].map((name) => `templates/${name}`);
  const versions = await Promise.all(names.map(async (name) => [name, await tree.inside(root(name))] as const));
  return new Map([['orgs', orgs], ['templates', templates], ...versions]);
}

const NOTHING: Inside = { folders: new Map(), entries: [], odd: [] };

/** The tree that a snapshot was taken of, as far as it goes. */
export function treeOf(snapshot: TreeSnapshot): ReadTree {
  const isBelow = (path: string, paths: readonly RepoPath[]): boolean =>
    paths.some((above) => path === above || path.startsWith(`${above}/`));
  return {
    commit: snapshot.commit,
    inside: async (folder) => snapshot.inside.get(folder) ?? NOTHING,
    list: async (paths) => ({
      entries: snapshot.entries.filter(({ path }) => isBelow(path, paths)),
      odd: snapshot.odd.filter(({ shown }) => isBelow(shown.replaceAll('"', ''), paths)),
    }),
    read: async (entries) =>
      new Map(
        entries.flatMap(({ path }) => {
          const body = snapshot.bodies.get(path);
          return body === undefined ? [] : [[path, body] as const];
        }),
      ),
  };
}
