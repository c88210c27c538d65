import {
  byCodeUnit,
  type CommitId,
  digestedObjects,
  type Finding,
  FLEET_ORG,
  type Hash,
  type Hazard,
  type OrgDiff,
  type OrgSlug,
  type Reach,
  type Sha256Hex,
  type Untouched,
} from '../core/model/index.ts';
import {
  diffOrg,
  fleetHazards,
  type HazardLimits,
  mapDigest,
  type OrgDiffInput,
  type ReachInput,
  reachOf,
} from '../core/plan/index.ts';
import type { Repository, TreeEntry } from '../ports/index.ts';
import { sharedObjects } from './fleet-objects.ts';
import { type Counters, type Frame, openFrame, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import { type CarriedOrgs, sharedReach } from './shared-reach.ts';
import { inputSource } from './source.ts';
import { type RenderedPair, sharedInputsMoved, untouchedOrgs } from './untouched.ts';

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
  readonly reach: Reach;
  readonly untouched: Untouched;
  /** Orgs that head does not render, `_fleet` where what all share cannot be read: what would change is not known, so they are in no diff. */
  readonly held: readonly OrgSlug[];
  /** Why an org could not be rendered at head; never empty together with "no changes" for it. */
  readonly findings: readonly Finding[];
  readonly counters: Counters;
}

/**
 * Compares two commits from git alone; only orgs whose folder, template or renderer differs are read. `strayed`: commits that
 * were applied and that the head does not come from, which is a hazard.
 */
export async function diff(
  parts: DiffParts,
  ask: { readonly base: CommitId; readonly head: CommitId },
  strayed: readonly CommitId[] = [],
): Promise<DiffReport> {
  const counters = zeroCounters();
  const isStrict = (_entry: TreeEntry): boolean => true;
  const [before, after] = await Promise.all([
    openFrame({ tree: parts.repository.treeAt(ask.base), isStrict, counters }),
    openFrame({ tree: parts.repository.treeAt(ask.head), isStrict, counters }),
  ]);
  const shown = sharingTemplates(before, after);
  const all = everyOrg(before, after);
  const touched = touchedOrgs(all, before, after);
  const [base, head] = await Promise.all([loadOrgs(before, touched), loadOrgs(shown, touched)]);
  counters.orgs = touched.length;
  const limits = limitsOf(before) ?? limitsOf(after);
  const isSharedHeld = after.unread.length > 0;
  const unrendered = head.filter((item) => item.desired === null).map((item) => item.org);
  const pairs = pairsOf(parts, { touched, base, head, limits });
  const shared = isSharedHeld ? [] : [diffShared(parts, before, after, limits)];
  const carried = await sharedReach({ before, after: shown, loaded: head });
  const orgs = [...shared, ...pairs.map((pair) => pair.diff)].filter(
    (item) => item.changes.length > 0 || item.hazards.length > 0,
  );
  return {
    ...ask,
    changeDigest: mapDigest(new Map(orgs.map((item) => [item.org, item.changeDigest])), parts.hash),
    orgs,
    hazards: fleetHazards({
      diffs: orgs,
      carried: [...carried.keys()],
      limits,
      orgs: before.orgTrees.size,
      strayed,
    }),
    reach: reachOf(reachInputs(pairs, carried), all.length),
    untouched: untouchedOrgs({ before, after, rendered: pairs, carried }, parts.hash),
    held: [...(isSharedHeld ? [FLEET_ORG] : []), ...unrendered],
    findings: [...after.findings, ...head.flatMap((item) => (item.desired === null ? item.findings : []))],
    counters,
  };
}

/** The frame of the head with the templates of the base where both are the same: each is read and compiled once. */
function sharingTemplates(before: Frame, after: Frame): Frame {
  const sameRenderer = before.renderer !== null && before.renderer === after.renderer;
  const isSame = (pin: string): boolean =>
    sameRenderer && after.templateTrees.has(pin) && before.templateTrees.get(pin) === after.templateTrees.get(pin);
  return { ...after, template: (pin) => (isSame(pin) ? before : after).template(pin) };
}

/** Orgs that were rendered for what changes of themselves, and those that only what all share reaches. */
function reachInputs(pairs: readonly RenderedPair[], carried: CarriedOrgs): readonly ReachInput[] {
  const rendered = new Set(pairs.map(({ org }) => org));
  const own = pairs.map(
    ({ org, diff, base, head }): ReachInput => ({
      diff,
      base: base?.desired?.objects ?? [],
      head: head?.desired?.objects ?? [],
      carried: carried.get(org) ?? new Set(),
    }),
  );
  const others = [...carried].filter(([org]) => !rendered.has(org));
  return [
    ...own,
    ...others.map(([org, gateways]) => ({ diff: { org, changes: [] }, base: [], head: [], carried: gateways })),
  ];
}

function pairsOf(
  parts: DiffParts,
  sides: {
    readonly touched: readonly OrgSlug[];
    readonly base: readonly LoadedOrg[];
    readonly head: readonly LoadedOrg[];
    readonly limits: HazardLimits | null;
  },
): readonly RenderedPair[] {
  const [base, head] = [sides.base, sides.head].map((loaded) => new Map(loaded.map((item) => [item.org, item])));
  return sides.touched.map((org) => {
    const pair = { org, base: base?.get(org), head: head?.get(org) };
    return { ...pair, diff: diffOf(parts, { ...pair, limits: sides.limits }) };
  });
}

/** Limits are judged from the base, so that a change cannot raise its own (architecture section 6). */
export function limitsOf(frame: Pick<Frame, 'fleet'>): HazardLimits | null {
  return frame.fleet?.document.spec.limits ?? null;
}

function everyOrg(before: Frame, after: Frame): readonly OrgSlug[] {
  const added = [...after.orgTrees.keys()].filter((org) => !before.orgTrees.has(org));
  return [...before.orgTrees.keys(), ...added];
}

/** Orgs whose folder is not the same on both sides; all of them where an input that they share moved. */
function touchedOrgs(all: readonly OrgSlug[], before: Frame, after: Frame): readonly OrgSlug[] {
  const isTouched = (org: OrgSlug): boolean => before.orgTrees.get(org) !== after.orgTrees.get(org);
  return (sharedInputsMoved(before, after) ? [...all] : all.filter(isTouched)).sort(byCodeUnit);
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
  const isHeld = head !== undefined && head.desired === null;
  if (isHeld) return diffOrg({ org, base: null, head: null, limits }, parts.hash);
  const sourceOf = head?.input === null || head === undefined ? undefined : inputSource(head.input);
  const sideOf = (side: LoadedOrg | undefined): OrgDiffInput['base'] =>
    side?.desired ? digestedObjects(side.desired.objects, parts.hash) : null;
  const input = { org, base: sideOf(base), head: sideOf(head), limits };
  return diffOrg(sourceOf === undefined ? input : { ...input, sourceOf }, parts.hash);
}

function diffShared(parts: DiffParts, before: Frame, after: Frame, limits: HazardLimits | null): OrgDiff {
  const base = sharedObjects(before, parts.hash);
  const head = sharedObjects(after, parts.hash);
  return diffOrg({ org: FLEET_ORG, base, head, limits }, parts.hash);
}
