import {
  type CommitId,
  type Finding,
  finding,
  type Hash,
  type OrgSlug,
  ofKind,
  type RepoPath,
  startOf,
} from '../core/model/index.ts';
import type { CommitTree, Repository, WriteTree } from '../ports/index.ts';
import { openFrame, type RenderersOf, readManifests, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs, staleness } from './org.ts';
import type { OrgUpgrade } from './upgrade-org.ts';
import { type InRing, planUpgrade, type UpgradeAim } from './upgrade-plan.ts';
import { readPins } from './upgrade-select.ts';
import { byVersion } from './versions.ts';

export interface UpgradeParts {
  readonly repository: Repository;
  readonly hash: Hash;
  /** null: say what would happen, write nothing. */
  readonly write: WriteTree | null;
  /** null: leave what was written in the work tree. */
  readonly commit: CommitTree | null;
  readonly renderers?: RenderersOf;
}

export interface UpgradeAsk extends UpgradeAim {
  /** At most this many orgs are upgraded in one run, in the order of rings, then of names. */
  readonly limit: number | null;
  readonly per: 'org' | 'ring';
}

/** What goes together into one commit, or one pull request: the seam at which a forge opens one per ring. */
export interface UpgradeGroup {
  /** The org, or the ring; null for orgs without gateways. */
  readonly name: string | null;
  readonly orgs: readonly OrgSlug[];
  readonly paths: readonly RepoPath[];
  readonly message: string;
  /** null when nothing was committed. */
  readonly commit: CommitId | null;
}

export interface UpgradeReport {
  /** `name@version` */
  readonly to: string;
  readonly orgs: readonly OrgUpgrade[];
  /** Orgs that are there already. */
  readonly there: readonly OrgSlug[];
  /** Orgs that wait for another run, because of the limit. */
  readonly waiting: readonly OrgSlug[];
  readonly groups: readonly UpgradeGroup[];
  /** What stands in the way of all of them. */
  readonly findings: readonly Finding[];
}

/**
 * Moves orgs to another version of their template: three-way, each org alone, all of its files or none. A conflict is
 * written as a file of the org and changes nothing else of it. A second run does nothing for orgs that are there.
 */
export async function upgradeTemplate(parts: UpgradeParts, ask: UpgradeAsk): Promise<UpgradeReport> {
  const { renderers, repository, hash } = parts;
  const plan = await planUpgrade({ tree: repository.workTree(), hash, renderers }, ask);
  const { pin, findings } = plan;
  const nothing: UpgradeReport = { to: pin, orgs: [], there: [], waiting: [], groups: [], findings };
  if (findings.length > 0) return nothing;
  const dirty = await repository.dirtyPaths();
  // What cannot be rendered has no ring that could be known, and waits for nothing: it is refused in every run.
  const broken = plan.members.filter(({ item }) => item.desired === null);
  const inRing = plan.members.filter(
    ({ item, ring }) => item.desired !== null && (ask.ring === null || ring === ask.ring),
  );
  const todo = inRing.filter(({ item }) => item.template !== pin);
  const there = inRing.filter(({ item }) => item.template === pin);
  const now = todo.slice(0, ask.limit ?? todo.length);
  const orgs: OrgUpgrade[] = [];
  // One after the other: files of a whole fleet at once would be more than a process may have open.
  for (const member of [...now, ...broken]) {
    const edited = dirtyOf(dirty, member.item.org);
    orgs.push(edited.length > 0 ? refusedDirty(member, edited) : await plan.upgrade(member));
  }
  // A run that was cut short between writing and committing left orgs that are there, but not committed.
  const committed = await committedPins(parts.repository, there, dirty);
  const left = there.filter(({ item }) => committed.has(item.org) && committed.get(item.org) !== pin);
  const cutShort = left.filter(({ item }) => !isWhole(item, parts.hash));
  const resumed = left
    .filter((item) => !cutShort.includes(item))
    .map(({ item, ring }) => ({ org: item.org, ring, lines: [`${item.org}: written before`] }));
  const groups = await writeGroups(parts, { pin, per: ask.per, orgs, resumed });
  return {
    ...nothing,
    orgs: [...orgs, ...cutShort.map((member) => refusedDirty(member, dirtyOf(dirty, member.item.org)))],
    there: there.filter((item) => !cutShort.includes(item)).map(({ item }) => item.org),
    waiting: todo.slice(now.length).map(({ item }) => item.org),
    groups,
  };
}

/** The pins at HEAD of those orgs whose org.yaml differs from it. */
async function committedPins(
  repository: Repository,
  orgs: readonly InRing[],
  dirty: readonly string[],
): Promise<ReadonlyMap<OrgSlug, string>> {
  const paths = orgs.map(({ item }) => `orgs/${item.org}/org.yaml` as RepoPath).filter((path) => dirty.includes(path));
  const head = paths.length === 0 ? undefined : await repository.head();
  if (head === undefined) return new Map();
  const reading = { tree: repository.treeAt(head), isStrict: () => false, counters: zeroCounters() };
  const { entries } = await reading.tree.list(paths);
  const found = ofKind((await readManifests(reading, entries)).manifests, 'Organization');
  return new Map(found.map(({ document }) => [document.metadata.name as OrgSlug, document.spec.template] as const));
}

/** True when the files of an org are those of a finished upgrade: it renders, and the generated files are what it renders to. */
function isWhole(item: LoadedOrg, hash: Hash): boolean {
  const { missing, extra, differing } = staleness(item, hash);
  return item.findings.length === 0 && missing.length + extra.length + differing.length === 0;
}

function dirtyOf(dirty: readonly string[], org: OrgSlug): readonly string[] {
  return dirty.filter((path) => path.startsWith(`orgs/${org}/`) && !path.startsWith(`orgs/${org}/conflicts/`));
}

function refusedDirty({ item, ring }: InRing, edited: readonly string[]): OrgUpgrade {
  const [first = ''] = edited;
  const found = finding('UPGRADE_DIRTY', {
    org: item.org,
    place: startOf(first as RepoPath),
    message: `${item.org} has ${edited.length} uncommitted files`,
    expected: 'a committed org',
    found: edited.slice(0, 5).join(', '),
  });
  const nothing = { overlays: [], conflicts: [], files: new Map() };
  return { ...nothing, org: item.org, ring, from: item.template, result: 'refused', findings: [found] };
}

interface Ready {
  readonly org: OrgSlug;
  readonly ring: string | null;
  readonly lines: readonly string[];
}

interface Writing {
  readonly pin: string;
  readonly per: 'org' | 'ring';
  readonly orgs: readonly OrgUpgrade[];
  readonly resumed: readonly Ready[];
}

/** Writes org by org, and commits group by group, so that a run that is cut short leaves at most one group open. */
async function writeGroups(parts: UpgradeParts, writing: Writing): Promise<readonly UpgradeGroup[]> {
  const { pin, per, orgs, resumed } = writing;
  for (const item of orgs) if (item.result === 'conflict') await parts.write?.write(item.files);
  const upgraded = orgs.filter(({ result }) => result === 'clean' || result === 'overlays kept');
  const ready = [...resumed, ...upgraded.map((item) => ({ org: item.org, ring: item.ring, lines: linesOf(item) }))];
  const names = [...new Set(ready.map((item) => (per === 'org' ? item.org : item.ring)))];
  const groups: UpgradeGroup[] = [];
  for (const name of names) {
    const own = ready.filter((item) => (per === 'org' ? item.org : item.ring) === name);
    const files = own.map(({ org }) => upgraded.find((item) => item.org === org)?.files ?? new Map<RepoPath, null>());
    for (const item of files) await parts.write?.write(item);
    const paths = own.map(({ org }) => `orgs/${org}` as RepoPath);
    const message = messageOf(pin, own);
    const commit = parts.write === null ? null : ((await parts.commit?.commit(paths, message)) ?? null);
    groups.push({ name, orgs: own.map(({ org }) => org), paths, message, commit });
  }
  return groups;
}

/** The message of one commit for the orgs of a ring. */
export function upgradeMessage(
  pin: string,
  { ring, orgs }: { readonly ring: string | null; readonly orgs: readonly OrgUpgrade[] },
): string {
  return messageOf(
    pin,
    orgs.map((item) => ({ org: item.org, ring, lines: linesOf(item) })),
  );
}

function messageOf(pin: string, own: readonly Ready[]): string {
  const who =
    own.length === 1
      ? (own[0]?.org ?? '')
      : `${own.length} orgs${own[0]?.ring == null ? '' : ` of ring ${own[0].ring}`}`;
  return [`Upgrade ${who} to ${pin}`, '', ...own.flatMap(({ lines }) => lines)].join('\n');
}

/** What a reviewer must know of one org: where it came from, and each patch that did not just stay. */
function linesOf({ org, from, result, overlays }: OrgUpgrade): readonly string[] {
  const words = {
    refreshed: 'keeps its value, guard refreshed',
    unnecessary: 'is said by the template now: taken out',
  };
  const told = overlays.flatMap(({ file, path, verdict, hides }) => {
    if (verdict !== 'refreshed' && verdict !== 'unnecessary') return [];
    return [`  ${file} ${path} ${words[verdict]}${hides ? '; hides a change of the template' : ''}`];
  });
  return [`${org}: from ${from}, ${result}`, ...told];
}

/** One version of a template and who runs it. */
export interface TemplateUse {
  readonly template: string;
  /** False for a pin to a version that is not below templates/. */
  readonly exists: boolean;
  readonly orgs: readonly OrgSlug[];
}

/** Who runs what, and what stands in the way of knowing it. */
export interface TemplateUses {
  readonly templates: readonly TemplateUse[];
  /** Orgs whose org.yaml cannot be read, each with why. */
  readonly refused: readonly { readonly org: OrgSlug; readonly findings: readonly Finding[] }[];
}

/** Which org runs which version: every version of the tree and every pin, versions that nobody runs included. */
export async function listTemplates(parts: Pick<UpgradeParts, 'repository'>): Promise<TemplateUses> {
  const tree = parts.repository.workTree();
  const frame = await openFrame({ tree, isStrict: () => false, counters: zeroCounters() });
  const { pins, unread } = await readPins(frame);
  const names = new Set([...frame.templateTrees.keys(), ...pins.map(({ template }) => template)]);
  const templates = [...names].sort(byVersion).map((template) => ({
    template,
    exists: frame.templateTrees.has(template),
    orgs: pins.filter((item) => item.template === template).map(({ org }) => org),
  }));
  const refused = (await loadOrgs(frame, unread)).map(({ org, findings }) => ({ org, findings }));
  return { templates, refused };
}
