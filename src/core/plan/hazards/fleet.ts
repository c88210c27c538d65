import { type Change, type CommitId, FLEET_ORG, type Hazard, type OrgDiff, type OrgSlug } from '../../model/index.ts';
import { exceeds, type HazardLimits, orgHazard } from './context.ts';

/** What the dangers of a whole commit are decided from. */
export interface FleetHazardInput {
  /** One diff for each org that may have changed; the fleet's own objects under `_fleet`. */
  readonly diffs: readonly OrgDiff[];
  /** Orgs whose bundles change by what all share, whatever else of them does. */
  readonly carried: readonly OrgSlug[];
  readonly limits: HazardLimits | null;
  /** How many orgs there were before. */
  readonly orgs: number;
  /** Commits that orgs of the change were applied from and that the commit does not come from. */
  readonly strayed: readonly CommitId[];
}

/** The hazards that only the whole shows: too many orgs at once, template campaigns, a rewritten history. Ids end in `_fleet`. */
export function fleetHazards(input: FleetHazardInput): readonly Hazard[] {
  const changed = input.diffs.filter(({ org, changes }) => org !== FLEET_ORG && changes.length > 0 && !isNew(changes));
  return [...massChange(changed, input), ...campaign(changed, input.diffs), ...historyRewritten(input.strayed)];
}

function massChange(changed: readonly OrgDiff[], { carried, limits, orgs }: FleetHazardInput): readonly Hazard[] {
  if (limits === null) return [];
  const count = new Set([...changed.map(({ org }) => org), ...carried]).size;
  const limit = { count: limits.changedOrgsCount, percent: limits.changedOrgsPercent };
  if (!exceeds({ count, all: orgs }, limit)) return [];
  const shared = carried.length === 0 ? '' : `, ${carried.length} of them by prices or settings that all share`;
  const message = `changes ${count} of ${orgs} orgs${shared}; the limit is ${limit.count}, or ${limit.percent} %`;
  return [orgHazard('MASS_CHANGE', FLEET_ORG, message)];
}

/** More than one org moved by pin or by renderer; other edits in the same change do not hide it (rulings 10). */
function campaign(changed: readonly OrgDiff[], all: readonly OrgDiff[]): readonly Hazard[] {
  const pinned = changed.filter(({ changes }) => changesField(changes, 'Organization', '/spec/template')).length;
  const renderer = all.some(({ changes }) => changesField(changes, 'Fleet', '/spec/renderVersion'));
  const moved = renderer ? changed.length : pinned;
  if (moved < 2) return [];
  const what = renderer ? 'the renderer version' : 'the template pin';
  return [orgHazard('CAMPAIGN', FLEET_ORG, `a change of ${what} moves ${moved} orgs`)];
}

/** What was applied is not in the history any more, so that nobody's review says what is taken back. */
function historyRewritten(strayed: readonly CommitId[]): readonly Hazard[] {
  if (strayed.length === 0) return [];
  const names = strayed.slice(0, 3).map((commit) => commit.slice(0, 12));
  const more = strayed.length > 3 ? ` and ${strayed.length - 3} more` : '';
  return [orgHazard('HISTORY_REWRITTEN', FLEET_ORG, `does not come from what was applied: ${names.join(', ')}${more}`)];
}

function changesField(changes: readonly Change[], kind: Change['key'] | string, path: string): boolean {
  return changes.some(
    (change) =>
      change.kind === 'update' && change.after.id.kind === kind && change.fields.some((field) => field.path === path),
  );
}

function isNew(changes: readonly Change[]): boolean {
  return changes.some((change) => change.kind === 'create' && change.after.id.kind === 'Organization');
}
