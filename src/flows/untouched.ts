import type { Hash, OrgDiff, OrgSlug, Untouched } from '../core/model/index.ts';
import { sharedObjects } from './fleet-objects.ts';
import type { Frame } from './frame.ts';
import type { LoadedOrg } from './org.ts';
import { settingsDigest } from './publish.ts';

/** Two commits, the orgs that were rendered on both sides, and what came out. */
export interface UntouchedInput {
  readonly before: Frame;
  readonly after: Frame;
  readonly rendered: readonly RenderedPair[];
}

export interface RenderedPair {
  readonly org: OrgSlug;
  readonly base: LoadedOrg | undefined;
  readonly head: LoadedOrg | undefined;
  readonly diff: OrgDiff;
}

/**
 * What holds for every org whose folder is the same on both sides. A render is a pure function of the org's folder, the
 * pinned template and the renderer; where all of these are equal by git id, so is what it gives, and nothing is read.
 * Where a shared input moved, both renders are compared instead. Fleet settings and prices are inputs of bundles alone.
 */
export function untouchedOrgs({ before, after, rendered }: UntouchedInput, hash: Hash): Untouched {
  const same = [...after.orgTrees].filter(([org, id]) => before.orgTrees.get(org) === id).map(([org]) => org);
  const pairs = new Map(rendered.map((pair) => [pair.org, pair]));
  const compared = same.flatMap((org) => pairs.get(org) ?? []);
  const unproved = compared.filter(({ base, head }) => !isRendered(base) || !isRendered(head));
  const affected = compared.filter((pair) => !unproved.includes(pair) && pair.diff.changes.length > 0);
  const sides = [before, after].map((frame) => settingsDigest(sharedObjects(frame, hash), hash));
  return {
    compared: same.length,
    byInputs: same.length - compared.length,
    byRender: compared.length - unproved.length - affected.length,
    affected: affected.map(({ org }) => org),
    unproved: unproved.map(({ org }) => org),
    sameSettings: sides[0] === sides[1],
  };
}

function isRendered(loaded: LoadedOrg | undefined): boolean {
  return loaded !== undefined && loaded.desired !== null;
}

/** True when a renderer or a template that orgs may pin is not the same on both sides: then equal folders prove nothing. */
export function sharedInputsMoved(before: Frame, after: Frame): boolean {
  const rendererMoved = before.fleet?.document.spec.renderVersion !== after.fleet?.document.spec.renderVersion;
  return rendererMoved || [...before.templateTrees].some(([pin, id]) => after.templateTrees.get(pin) !== id);
}
