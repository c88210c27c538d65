import { type CommitId, FLEET_ORG, type Manifest } from '../../core/model/index.ts';
import { acceptedFleetHazards, acceptedHazards, changeMap } from '../../core/plan/index.ts';
import type { AcceptedHazard } from '../../core/report/index.ts';
import type { Repository } from '../../ports/index.ts';
import { AUTHORED_PATHS, acceptedOf, approvalsAbout, type ValidApprovals, validApprovals } from '../acceptance.ts';
import type { CheckParts } from '../check.ts';
import type { DiffReport } from '../diff.ts';
import { openFrame, zeroCounters } from '../frame.ts';

export type ApprovedParts = Pick<CheckParts, 'repository' | 'hash' | 'clock'>;

export interface ApprovedAsk {
  /** Where the change is to go: its settings say whose keys count, and approvals may stand there already. */
  readonly base: CommitId;
  /** Where the change begins. */
  readonly from: CommitId;
  readonly head: CommitId;
}

export interface Approved {
  readonly accepted: readonly AcceptedHazard[];
  /** What a reader must know of approvals that do not count, or that may not count at apply. */
  readonly notes: readonly string[];
}

/** So many approvals are told one by one. */
const MOST_NOTES = 5;
/** Names of people are in them; who reads notes back takes 400. */
const MOST_NOTE_CHARS = 350;

/**
 * Which hazards of a change are approved by files of its head or its base, by the rule of apply: an Approval counts under the
 * digests of this very change, in time, when every commit that wrote it is of somebody who wrote no part of the change, and
 * carries the approver's signature where the base lists keys. Apply asks only for the authors of the org's own part.
 */
export async function approvedHazards(parts: ApprovedParts, ask: ApprovedAsk, diff: DiffReport): Promise<Approved> {
  const withHazards = diff.orgs.filter(({ hazards }) => hazards.length > 0);
  if (withHazards.length === 0 && diff.hazards.length === 0) return { accepted: [], notes: [] };
  const [atBase, atHead] = await Promise.all([ask.base, ask.head].map((commit) => frameAt(parts.repository, commit)));
  const keys = atBase?.fleet?.document.spec.signingKeys ?? [];
  const change = [{ from: ask.from, to: ask.head, paths: AUTHORED_PATHS }];
  const changes = changeMap(diff.orgs);
  const judge = (all: readonly Manifest[], newest: CommitId): Promise<ValidApprovals> =>
    validApprovals(parts, { approvals: approvalsAbout(all, changes), newest, change, keys });
  const before = await judge(atBase?.approvals ?? [], ask.base);
  const known = new Set(before.facts.map(({ name }) => name));
  const brought = await judge(
    (atHead?.approvals ?? []).filter(({ id }) => !known.has(id.name)),
    ask.head,
  );
  const approvals = [...before.facts, ...brought.facts];
  const nowMs = parts.clock.nowMs();
  const accepted = [
    ...acceptedOf(FLEET_ORG, acceptedFleetHazards({ hazards: diff.hazards, changes, approvals, nowMs })),
    ...withHazards.flatMap((item) => acceptedOf(item.org, acceptedHazards({ ...item, approvals, nowMs }))),
  ];
  const late = approvals.filter(({ expiresMs }) => expiresMs <= nowMs).map(({ name }) => `${fileOf(name)} has expired`);
  const isBrought = accepted.some(({ approval }) => !known.has(approval));
  const notes = [
    ...[...new Set([...before.refused, ...brought.refused, ...late])]
      .slice(0, MOST_NOTES)
      .map((reason) => `${reason.slice(0, MOST_NOTE_CHARS)}.`),
    ...(isBrought ? [BROUGHT] : []),
    ...(accepted.length > 0 && keys.length === 0 ? [UNSIGNED] : []),
  ];
  return { accepted, notes };
}

const BROUGHT =
  'An approval comes with this change. At apply it counts when whoever brings it to the main branch wrote no part of the change; a squash makes it one of the author.';
const UNSIGNED =
  'fleet.yaml lists no signingKeys: who wrote an approval is only as sure as the protection of the branch.';

async function frameAt(repository: Repository, commit: CommitId) {
  return openFrame({ tree: repository.treeAt(commit), isStrict: () => true, counters: zeroCounters() });
}

const fileOf = (name: string): string => `approvals/${name}.yaml`;
