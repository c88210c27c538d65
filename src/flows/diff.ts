import {
  byCodeUnit,
  type CommitId,
  type Finding,
  FLEET_ORG,
  type Hash,
  type Hazard,
  type OrgDiff,
  type OrgSlug,
  type RepoPath,
  type Sha256Hex,
} from '../core/model/index.ts';
import { diffOrg, fleetHazards, type HazardLimits, mapDigest } from '../core/plan/index.ts';
import type { Repository, TreeEntry } from '../ports/index.ts';
import { sharedObjects } from './fleet-objects.ts';
import { type Counters, type Frame, openFrame, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import { inputSource } from './source.ts';

export interface DiffParts {
  readonly repository: Repository;
  readonly hash: Hash;
}

/** What one pull request would change, for whom: a pure function of two commits. */
export interface DiffReport {
  readonly base: CommitId;
  readonly head: CommitId;
  readonly changeDigest: Sha256Hex;
  readonly orgs: readonly OrgDiff[];
  readonly hazards: readonly Hazard[];
  /** Why an org could not be rendered at head; never empty together with "no changes" for it. */
  readonly findings: readonly Finding[];
  readonly counters: Counters;
}

const ORGS = 'orgs' as RepoPath;

/** Compares two commits from git alone; only orgs whose folder, template or renderer differs are read. */
export async function diff(
  parts: DiffParts,
  ask: { readonly base: CommitId; readonly head: CommitId },
): Promise<DiffReport> {
  const counters = zeroCounters();
  const isStrict = (_entry: TreeEntry): boolean => true;
  const [before, after] = await Promise.all([
    openFrame({ tree: parts.repository.treeAt(ask.base), isStrict, counters }),
    openFrame({ tree: parts.repository.treeAt(ask.head), isStrict, counters }),
  ]);
  const touched = await touchedOrgs(parts, { before, after, ...ask });
  const [base, head] = await Promise.all([loadOrgs(before, touched, parts.hash), loadOrgs(after, touched, parts.hash)]);
  const limits = limitsOf(before) ?? limitsOf(after);
  const diffs = touched.map((org) => diffOf(parts, { org, base: find(base, org), head: find(head, org), limits }));
  const shared = diffShared(parts, before, after, limits);
  const orgs = [...(shared === null ? [] : [shared]), ...diffs].filter(
    (item) => item.changes.length > 0 || item.hazards.length > 0,
  );
  return {
    ...ask,
    changeDigest: mapDigest(new Map(orgs.map((item) => [item.org, item.changeDigest])), parts.hash),
    orgs,
    hazards: fleetHazards({ diffs: orgs, limits, orgs: before.orgTrees.size }),
    findings: [...after.findings, ...head.flatMap((item) => (item.desired === null ? item.findings : []))],
    counters,
  };
}

function find(loaded: readonly LoadedOrg[], org: OrgSlug): LoadedOrg | undefined {
  return loaded.find((item) => item.org === org);
}

/** Limits are judged from the base, so that a change cannot raise its own (architecture section 6). */
export function limitsOf(frame: Pick<Frame, 'fleet'>): HazardLimits | null {
  return frame.fleet?.document.spec.limits ?? null;
}

async function touchedOrgs(
  parts: DiffParts,
  sides: { readonly before: Frame; readonly after: Frame; readonly base: CommitId; readonly head: CommitId },
): Promise<readonly OrgSlug[]> {
  const { before, after } = sides;
  const all = new Set([...before.orgTrees.keys(), ...after.orgTrees.keys()]);
  const rendererMoved = before.fleet?.document.spec.renderVersion !== after.fleet?.document.spec.renderVersion;
  const templatesMoved = [...before.templateTrees].some(([pin, id]) => after.templateTrees.get(pin) !== id);
  if (rendererMoved || templatesMoved) return [...all].sort(byCodeUnit);
  const changed = await parts.repository.changed(sides.base, sides.head, ORGS);
  const names = new Set(changed.map((path) => path.slice(ORGS.length + 1)));
  return [...all].filter((org) => names.has(org)).sort(byCodeUnit);
}

function diffOf(
  parts: DiffParts,
  sides: {
    readonly org: OrgSlug;
    readonly base: LoadedOrg | undefined;
    readonly head: LoadedOrg | undefined;
    readonly limits: HazardLimits | null;
  },
): OrgDiff {
  const { org, base, head, limits } = sides;
  const sourceOf = head?.input === null || head === undefined ? undefined : inputSource(head.input, parts.hash);
  const input = { org, base: base?.desired?.objects ?? null, head: head?.desired?.objects ?? null, limits };
  return diffOrg(sourceOf === undefined ? input : { ...input, sourceOf }, parts.hash);
}

function diffShared(parts: DiffParts, before: Frame, after: Frame, limits: HazardLimits | null): OrgDiff | null {
  const base = sharedObjects(before, parts.hash);
  const head = sharedObjects(after, parts.hash);
  return diffOrg({ org: FLEET_ORG, base, head, limits }, parts.hash);
}
