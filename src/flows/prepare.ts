import { type CommitId, type Finding, fails, type ObservedOrg, type OrgSlug, type Plan } from '../core/model/index.ts';
import type { CheckParts } from './check.ts';
import { checkOrg } from './judge.ts';
import { isTampered, type OrgWork, type PlanAsk, type PlanParts, type PlanReport, planEach, worksOf } from './plan.ts';
import { type OrgFacts, orgFacts } from './walls.ts';

export type PrepareParts = PlanParts & Pick<CheckParts, 'clock' | 'zoneOffset'>;

export interface Failing {
  readonly finding: Finding;
  /** True when a waiver that comes with the change would accept it. */
  readonly isWaived: boolean;
}

/** One org that changes, judged alone, with all that writing it takes. */
export interface PreparedOrg {
  readonly plan: Plan;
  /** `name@version`; empty for the fleet's own objects and for an org that is gone. */
  readonly template: string;
  /** The commit that was applied to it last. */
  readonly applied: CommitId | null;
  /** What `check` finds in its way. */
  readonly failing: Failing | undefined;
  /** True when its rows are not what was applied last. */
  readonly isDrifted: boolean;
}

/** A plan with what its apply needs. */
export interface Prepared {
  readonly report: PlanReport;
  /** The first orgs of the plan; the others are made again from the commit when their turn comes. */
  readonly kept: ReadonlyMap<OrgSlug, PreparedOrg>;
  /** What each org could share with another one. */
  readonly facts: readonly OrgFacts[];
}

/** Orgs whose documents are kept between plan and apply. More would hold a fleet in memory; fewer would render twice. */
const KEPT_ORGS = 1000;

export interface PrepareAsk extends PlanAsk {
  /** Says of each changed value which line it comes from: for a plan that is shown. */
  readonly withPlaces: boolean;
  /** How many orgs to keep; KEPT_ORGS by default. */
  readonly keep?: number;
}

/** Plans a commit for its apply. */
export async function prepare(parts: PrepareParts, ask: PrepareAsk): Promise<Prepared> {
  const kept = new Map<OrgSlug, PreparedOrg>();
  const facts: OrgFacts[] = [];
  const report = await planEach(parts, ask, (work) => {
    facts.push(orgFacts(parts, work));
    if (kept.size < (ask.keep ?? KEPT_ORGS)) kept.set(work.plan.org, preparedOrg(parts, work));
  });
  return { report, kept, facts };
}

/** The orgs of the plan in its order. One that cannot be made again is left out: it is no longer what was planned. */
export async function* inTurn(parts: PrepareParts, { report, kept }: Prepared): AsyncGenerator<PreparedOrg> {
  const orgs = report.fleet.plans.map((item) => item.org);
  for (const org of orgs) {
    const known = kept.get(org);
    if (known !== undefined) yield known;
  }
  const { frame, limits, fleet } = report;
  // Both readers have agreed on these very blobs when they were planned.
  const again = { ...frame, reading: { ...frame.reading, isStrict: () => false } };
  const planning = { frame: again, commit: fleet.commit, limits, withPlaces: false };
  const rest = orgs.filter((org) => !kept.has(org));
  for await (const work of worksOf(parts, planning, rest)) if ('plan' in work) yield preparedOrg(parts, work);
}

/** Judges one org while its documents are at hand. */
export function preparedOrg(parts: PrepareParts, work: OrgWork): PreparedOrg {
  const { plan, loaded, observed } = work;
  return {
    plan,
    template: loaded?.template ?? '',
    applied: observed?.commit ?? null,
    failing: failingOf(parts, work),
    isDrifted: observed !== undefined && isTampered(observed, parts.hash),
  };
}

/** The first thing that `check` finds of the org, under the exceptions that were applied (rulings 7). */
function failingOf(parts: PrepareParts, { loaded, observed, frame }: OrgWork): Failing | undefined {
  if (loaded === undefined) return undefined;
  const first = (applied: ObservedOrg['objects'] | null) =>
    checkOrg(parts, frame, { item: loaded, applied }).find(fails);
  const isApplied = observed !== undefined && observed.generation > 0;
  const finding = first(isApplied ? observed.objects : null);
  return finding === undefined ? undefined : { finding, isWaived: isApplied && first(null) === undefined };
}
