import type { CommitId, OrgSlug, Sha256Hex } from '../core/model/index.ts';
import { mapDigest } from '../core/plan/index.ts';
import type { OrgHead } from '../ports/index.ts';
import type { PlanParts, PlanReport } from './plan.ts';

/** Where the plan that somebody agreed to is looked for among what was applied to an org last. */
const ENTRIES_READ = 50;

/**
 * Whether what is left to do is exactly what remains of the plan with this digest: all of it, what an apply that was cut short
 * between orgs had still before it, or nothing, because it is applied already. The digest of a plan is that of each org's
 * change and generation, so the parts that are in the history and the parts that are to come must together be that plan.
 */
export async function isLeftOf(parts: PlanParts, expected: string, report: PlanReport): Promise<boolean> {
  if (report.fleet.planDigest === expected) return true;
  const left = new Map(report.fleet.plans.map(({ org, planDigest }) => [org, planDigest] as const));
  for (const done of (await doneByCommit(parts, [...report.heads.values()])).values())
    if (mapDigest(new Map([...done, ...left]), parts.hash) === expected) return true;
  return false;
}

type PlanDigests = Map<OrgSlug, Sha256Hex>;

/** The plan that each org was applied by last, by the commit that it was of. */
async function doneByCommit(
  { store }: PlanParts,
  heads: readonly OrgHead[],
): Promise<ReadonlyMap<CommitId, PlanDigests>> {
  const found = new Map<CommitId, PlanDigests>();
  for (const { org, commit } of heads) {
    const entries = await store.history(org, { limit: ENTRIES_READ });
    const digest = entries.find((entry) => entry.planDigest !== null)?.planDigest;
    if (digest == null) continue;
    const done = found.get(commit) ?? new Map<OrgSlug, Sha256Hex>();
    found.set(commit, done.set(org, digest));
  }
  return found;
}
