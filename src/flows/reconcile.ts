import { commitId, type FleetPlan, type OrgSlug } from '../core/model/index.ts';
import { type ApplyParts, type ApplyReport, apply } from './apply.ts';
import { type Answer, answer, refusal } from './control/index.ts';

/** What CI, or a person through CI, asks of a running controller. */
export interface ReconcileAsk {
  /** Full commit id; absent: the checked-out one. */
  readonly commit?: string;
  readonly expect?: string;
  /** Absent: all. */
  readonly orgs?: readonly OrgSlug[];
}

/** What became of each org, for whoever asked; the plan's own words stay in history. */
export interface ReconcileAnswer extends Omit<ApplyReport, 'plan'> {
  readonly planDigest: FleetPlan['planDigest'];
}

export function outcomeOf({ plan, ...outcome }: ApplyReport): ReconcileAnswer {
  return { ...outcome, planDigest: plan.planDigest };
}

/**
 * Applies a commit inside the controller. Queued: one at a time, newest wins. Never as a healing, which asks for no Approval
 * because it brings back what was applied: of a commit that somebody names that is not known.
 */
export function openReconciler(
  open: () => Promise<ApplyParts>,
): (ask: ReconcileAsk) => Promise<Answer<ReconcileAnswer>> {
  let last: Promise<unknown> = Promise.resolve();
  return (ask) => {
    const next = last.then(() => reconcileOnce(open, ask));
    last = next.catch(() => undefined);
    return next;
  };
}

async function reconcileOnce(open: () => Promise<ApplyParts>, ask: ReconcileAsk): Promise<Answer<ReconcileAnswer>> {
  const parts = await open();
  const wanted = ask.commit === undefined ? await parts.repository.head() : commitId(ask.commit);
  const commit = wanted === undefined ? undefined : await parts.repository.resolve(wanted);
  if (commit === undefined)
    return refusal(
      422,
      'COMMIT_UNKNOWN',
      `expected a full commit id of this repository, found ${ask.commit ?? 'no commit'}`,
    );
  const { orgs = null, expect = null } = ask;
  return answer(outcomeOf(await apply(parts, { commit, orgs, expect, heal: false })));
}
