import type { GitId, Hash, OrgDiff, OrgSlug, Untouched } from '../core/model/index.ts';
import { sharedObjects } from './fleet-objects.ts';
import type { Frame } from './frame.ts';
import { isWritten, type LoadedOrg } from './org.ts';
import { settingsDigest } from './publish/index.ts';
import type { CarriedOrgs } from './shared-reach.ts';

/** Two commits, the orgs that were rendered on both sides, and what came out. */
export interface UntouchedInput {
  readonly before: Frame;
  readonly after: Frame;
  readonly rendered: readonly RenderedPair[];
  readonly carried: CarriedOrgs;
}

export interface RenderedPair {
  readonly org: OrgSlug;
  readonly base: LoadedOrg | undefined;
  readonly head: LoadedOrg | undefined;
  readonly diff: OrgDiff;
}

/**
 * What holds for every org whose own inputs are the same on both sides; its generated files are none (rulings 10). A render is a pure function of the org's folder, the
 * pinned template and the renderer; where all of these are equal by git id, so is what it gives, and nothing is read.
 * Where a shared input moved, both renders are compared instead. Fleet settings and prices are inputs of bundles alone: whose
 * these are is told as `carried`.
 */
export function untouchedOrgs({ before, after, rendered, carried }: UntouchedInput, hash: Hash): Untouched {
  const pairs = new Map(rendered.map((pair) => [pair.org, pair]));
  const isSame = ([org, id]: readonly [OrgSlug, GitId]): boolean =>
    before.orgTrees.get(org) === id || sameWritten(pairs.get(org));
  const same = [...after.orgTrees].filter(isSame).map(([org]) => org);
  const compared = same.flatMap((org) => pairs.get(org) ?? []);
  if (before.unread.length + after.unread.length > 0) return unprovedAll(same);
  const unproved = compared.filter(({ base, head }) => !isRendered(base) || !isRendered(head));
  const affected = compared.filter((pair) => !unproved.includes(pair) && pair.diff.changes.length > 0);
  const sides = [before, after].map((frame) => settingsDigest(sharedObjects(frame, hash), hash));
  return {
    compared: same.length,
    byInputs: same.length - compared.length,
    byRender: compared.length - unproved.length - affected.length,
    affected: affected.map(({ org }) => org),
    unproved: unproved.map(({ org }) => org),
    carried: same.filter((org) => carried.has(org)),
    sameSettings: sides[0] === sides[1],
  };
}

/** What bundles carry of settings and prices is not known. */
export function unprovedAll(orgs: readonly OrgSlug[]): Untouched {
  const none = { byInputs: 0, byRender: 0, affected: [], carried: [], sameSettings: false };
  return { compared: orgs.length, ...none, unproved: orgs };
}

function sameWritten(pair: RenderedPair | undefined): boolean {
  if (pair?.base === undefined || pair.head === undefined) return false;
  const [base, head] = [writtenIn(pair.base), writtenIn(pair.head)];
  return base.size === head.size && [...base].every(([path, id]) => head.get(path) === id);
}

function writtenIn({ org, entries }: LoadedOrg): ReadonlyMap<string, string> {
  const written = entries.filter((entry) => isWritten(org, entry.path));
  return new Map(written.map(({ path, mode, id }) => [path, `${mode} ${id}`]));
}

function isRendered(loaded: LoadedOrg | undefined): boolean {
  return loaded !== undefined && loaded.desired !== null;
}

/** True when a renderer or a template that orgs may pin is not the same on both sides: then equal folders prove nothing. */
export function sharedInputsMoved(before: Frame, after: Frame): boolean {
  const rendererMoved = before.fleet?.document.spec.renderVersion !== after.fleet?.document.spec.renderVersion;
  return rendererMoved || [...before.templateTrees].some(([pin, id]) => after.templateTrees.get(pin) !== id);
}
