import {
  byCodeUnit,
  isJsonObject,
  type Json,
  LIVE_KINDS,
  type OrgSlug,
  ofKind,
  type RenderedObject,
  type RenderedOrg,
  type RepoPath,
  repoPath,
  startOf,
} from '../core/model/index.ts';
import type { ChangedFile, ChangedOrg, ChangeFacts } from '../core/validate/index.ts';
import type { ReadTree } from '../ports/index.ts';
import type { CheckedOrg } from './checked-org.ts';
import { type Frame, openFrame, zeroCounters } from './frame.ts';
import { isWritten, type LoadedOrg, loadOrgs } from './org.ts';
import { isOwnerFileMade, OWNER_FILE } from './owners.ts';

/** Everything that a change can touch and a rule of changes asks about. */
export const CHANGE_PATHS = [
  ...['fleet.yaml', 'orgs', 'templates', 'prices', 'approvals', 'src', 'gateway', 'scripts', '.github', '.ci'],
  ...['CODEOWNERS', 'docs/CODEOWNERS', 'package.json', 'package-lock.json', 'biome.json', 'knip.json'],
  ...['tsconfig.json', 'tsconfig.core.json', 'vitest.config.ts'],
] as readonly string[] as readonly RepoPath[];

/** Above this many, one listing of everything is cheaper than one of each, and a command line has an end. */
const MOST_LISTED = 1_000;

/** The two sides of a change. */
export interface ChangeTrees {
  readonly base: ReadTree;
  readonly tree: ReadTree;
  /** All files below `CHANGE_PATHS` that can differ between the sides; null: not known. */
  readonly differing: ReadonlySet<string> | null;
}

interface Head {
  readonly frame: Frame;
  readonly checked: ReadonlyMap<OrgSlug, CheckedOrg>;
  readonly loaded: readonly LoadedOrg[];
}

/** What the tree changes against `base`. Both sides are rendered only of orgs that the change touches or could move. */
export async function changeFacts(head: Head, trees: ChangeTrees): Promise<ChangeFacts> {
  const changed = await changedFiles(trees);
  const before = await openFrame({ tree: trees.base, isStrict: () => false, counters: zeroCounters() });
  const files = (await isMade(before, head, changed)) ? changed.filter(({ path }) => path !== OWNER_FILE) : changed;
  const written = writtenByOrg(files);
  const orgs = [...new Set([...written.keys(), ...movedByTemplate(head, before)])].sort(byCodeUnit);
  const [base, now] = await Promise.all([loadOrgs(before, orgs), loadHead(head, orgs)]);
  const bases = new Map(base.map((item) => [item.org, item]));
  const sameRenderer = before.fleet?.document.spec.renderVersion === head.frame.fleet?.document.spec.renderVersion;
  return {
    files,
    orgs: orgs.map((org) => {
      const sides = { base: bases.get(org), head: now.get(org), written: written.get(org) ?? [], sameRenderer };
      return changedOrg(org, sides);
    }),
    templatesBefore: before.templateTrees,
    retired: new Set((head.frame.fleet?.document.spec.retiredOrgs ?? []).map(({ uid }) => uid as string)),
  };
}

/** Whether the owner file changed as org.yaml and fleet.yaml make it: then it is a part of that change, like a rendered manifest. */
async function isMade(before: Frame, { frame }: Head, changed: readonly ChangedFile[]): Promise<boolean> {
  return changed.some(({ path }) => path === OWNER_FILE) && (await isOwnerFileMade(before, frame));
}

async function changedFiles({ base, tree, differing }: ChangeTrees): Promise<readonly ChangedFile[]> {
  const paths = differing === null || differing.size > MOST_LISTED ? CHANGE_PATHS : pathsIn(differing);
  if (paths.length === 0) return [];
  const [before, after] = await Promise.all([base.list(paths), tree.list(paths)]);
  const ids = new Map(before.entries.map(({ path, id, mode }) => [path, `${mode} ${id}`]));
  const files: ChangedFile[] = [];
  for (const { path, id, mode } of after.entries) {
    const known = ids.get(path);
    ids.delete(path);
    if (known !== `${mode} ${id}`) files.push({ path, how: known === undefined ? 'added' : 'changed' });
  }
  for (const path of ids.keys()) files.push({ path, how: 'removed' });
  return files.sort((a, b) => byCodeUnit(a.path, b.path));
}

/** Git names a repository inside the work tree like a folder. What is no repository path is listed on neither side. */
function pathsIn(names: ReadonlySet<string>): readonly RepoPath[] {
  return [...names].flatMap((name) => repoPath(name.replace(/\/$/, '')) ?? []);
}

function writtenByOrg(files: readonly ChangedFile[]): ReadonlyMap<OrgSlug, readonly RepoPath[]> {
  const found = new Map<OrgSlug, RepoPath[]>();
  for (const { path } of files) {
    const [folder, org = ''] = path.split('/');
    if (folder !== 'orgs' || !isWritten(org, path)) continue;
    const known = found.get(org as OrgSlug);
    if (known === undefined) found.set(org as OrgSlug, [path]);
    else known.push(path);
  }
  return found;
}

/** Orgs whose pinned template has other bytes than the same version had before. */
function movedByTemplate({ checked }: Head, before: Frame): readonly OrgSlug[] {
  return [...checked].flatMap(([org, { template }]) => {
    const [pin = '', tree = ''] = template.split('#');
    const was = before.templateTrees.get(pin);
    return was !== undefined && was !== tree && before.orgTrees.has(org) ? [org] : [];
  });
}

async function loadHead(head: Head, orgs: readonly OrgSlug[]): Promise<ReadonlyMap<OrgSlug, LoadedOrg>> {
  const known = new Map(head.loaded.map((item) => [item.org, item]));
  const unread = orgs.filter((org) => !known.has(org) && head.frame.orgTrees.has(org));
  for (const item of await loadOrgs(head.frame, unread)) known.set(item.org, item);
  return known;
}

interface Sides {
  readonly base: LoadedOrg | undefined;
  readonly head: LoadedOrg | undefined;
  readonly written: readonly RepoPath[];
  readonly sameRenderer: boolean;
}

function changedOrg(org: OrgSlug, { base, head, written, sameRenderer }: Sides): ChangedOrg {
  const uidBefore = base?.desired?.uid ?? null;
  const organization = head?.input?.organization;
  const file = `orgs/${org}/org.yaml` as RepoPath;
  // An org that is there and does not render has findings of its own; here it counts as unchanged.
  const isBroken = head !== undefined && head.desired === null;
  return {
    org,
    uidBefore,
    uidAfter: isBroken ? uidBefore : (head?.desired?.uid ?? null),
    uidPlace: organization?.placeOf('/spec/uid') ?? startOf(file),
    written,
    isOnlyPinned: written.length === 1 && written[0] === file && isSameButPin(base, head),
    isOtherContent: sameRenderer && !isBroken && !sameTexts(base?.desired ?? null, head?.desired ?? null),
    wasLive: (base?.desired?.objects ?? []).some(({ id }) => LIVE_KINDS.has(id.kind)),
  };
}

/** Objects of both come in the order of their keys, which their texts hold. */
function sameTexts(base: RenderedOrg | null, head: RenderedOrg | null): boolean {
  if (base === null || head === null) return base === head;
  const same = (item: RenderedObject, index: number): boolean => item.text === head.objects[index]?.text;
  return base.objects.length === head.objects.length && base.objects.every(same);
}

function isSameButPin(base: LoadedOrg | undefined, head: LoadedOrg | undefined): boolean {
  const [before, after] = [base, head].map((side) => side?.input?.organization);
  if (before === undefined || after === undefined) return false;
  const pins = [before, after].map((item) => ofKind([item], 'Organization')[0]?.document.spec.template);
  return pins[0] !== pins[1] && withoutPin(before.document) === withoutPin(after.document);
}

function withoutPin(document: Json): string {
  if (!isJsonObject(document) || !isJsonObject(document['spec'])) return '';
  const { template: _, ...spec } = document['spec'];
  return JSON.stringify({ ...document, spec });
}
