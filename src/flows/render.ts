import { byCodeUnit, type Finding, type Hash, type OrgSlug, type RepoPath } from '../core/model/index.ts';
import type { ReadTree, WriteTree } from '../ports/index.ts';
import { type Counters, openFrame, type RenderersOf, unknownOrgs, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs, type Staleness, staleness } from './org.ts';
import { namedOwners, staleOwnerFile } from './owners.ts';

export interface RenderReport {
  /** Orgs whose committed manifests are not what the inputs render to. */
  readonly stale: readonly ({ readonly org: OrgSlug } & Staleness)[];
  /** Whether the forge's owner file names who org.yaml and fleet.yaml name; one without our part is left alone. */
  readonly ownerFile: 'current' | 'stale';
  readonly findings: readonly Finding[];
  readonly counters: Counters;
  /** Files written or removed; empty unless asked to write. */
  readonly written: readonly RepoPath[];
}

export interface RenderAsk {
  readonly tree: ReadTree;
  readonly orgs: readonly OrgSlug[] | null;
  /** null: only say what differs. */
  readonly write: WriteTree | null;
  /** Absent: those that this program has. */
  readonly renderers?: RenderersOf;
}

/** Whether the committed manifests are what the inputs render to; with a writer, makes them so: all files or none. */
export async function render(hash: Hash, ask: RenderAsk): Promise<RenderReport> {
  const counters = zeroCounters();
  const frame = await openFrame({ tree: ask.tree, isStrict: () => true, counters, renderers: ask.renderers });
  const orgs = ask.orgs ?? [...frame.orgTrees.keys()].sort(byCodeUnit);
  const loaded = await loadOrgs(frame, orgs);
  const stale = loaded.flatMap((item) => {
    const difference = staleness(item, hash);
    const count = difference.missing.length + difference.extra.length + difference.differing.length;
    return item.desired === null || count === 0 ? [] : [{ org: item.org, ...difference }];
  });
  const findings = [
    ...frame.findings,
    ...unknownOrgs(ask.orgs, frame.orgTrees.keys()),
    ...loaded.flatMap((item) => item.findings),
  ];
  const owners = new Map(loaded.map((item) => [item.org, namedOwners(item)] as const));
  const ownerFile = ask.orgs === null ? await staleOwnerFile(frame, owners) : null;
  const files = new Map<RepoPath, string | null>([...filesOf(loaded, stale), ...(ownerFile ?? [])]);
  if (ask.write !== null) await ask.write.write(files);
  const written = ask.write === null ? [] : [...files.keys()];
  return { stale, ownerFile: ownerFile === null ? 'current' : 'stale', findings, counters, written };
}

function filesOf(loaded: readonly LoadedOrg[], stale: RenderReport['stale']): Map<RepoPath, string | null> {
  const files = new Map<RepoPath, string | null>();
  for (const difference of stale) {
    const desired = loaded.find((item) => item.org === difference.org)?.desired;
    const wanted = new Set([...difference.missing, ...difference.differing]);
    for (const object of desired?.objects ?? []) if (wanted.has(object.path)) files.set(object.path, object.text);
    for (const path of difference.extra) files.set(path, null);
  }
  return files;
}
