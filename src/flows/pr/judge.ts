import { type CommitId, type Finding, fails, type RepoPath } from '../../core/model/index.ts';
import type { ReadTree } from '../../ports/index.ts';
import { type CheckParts, type CheckReport, check } from '../check.ts';
import { type DiffReport, diff } from '../diff.ts';
import { CHECKED_PATHS } from '../remembered.ts';
import { type Approved, approvedHazards } from './approved.ts';
import { effectOf, type PullEffect } from './effect.ts';

export type JudgeParts = Omit<CheckParts, 'cache'>;

export interface JudgeAsk {
  /** Where the change is to go. */
  readonly base: CommitId;
  readonly head: CommitId;
}

export interface PullJudgement {
  readonly ok: boolean;
  /** The newest commit of the base that the head comes from: what the change is measured from. */
  readonly from: CommitId;
  readonly check: CheckReport;
  /** With the approvals that its hazards have. */
  readonly diff: DiffReport & Pick<Approved, 'accepted'>;
  readonly effect: PullEffect;
  readonly notes: readonly string[];
}

const ORGS = 'orgs' as RepoPath;

/**
 * Judges a pull request from git objects alone: the head is read, never checked out. undefined: base and head have no
 * common commit in this clone.
 */
export async function judgePull(parts: JudgeParts, ask: JudgeAsk): Promise<PullJudgement | undefined> {
  const { repository } = parts;
  const from = await repository.mergeBase(ask.base, ask.head);
  if (from === undefined) return undefined;
  const before = repository.treeAt(from);
  const after = repository.treeAt(ask.head);
  const touched = await touchedFiles(before, after);
  const [found, changes, top, known] = await Promise.all([
    check({ ...parts, cache: null }, { tree: after, touched, orgs: null, base: before }),
    diff(parts, { base: from, head: ask.head }),
    repository.changed(from, ask.head, null),
    before.inside(ORGS),
  ]);
  const findings = found.findings.map((item) => (bringsItsOwnException(item, touched) ? unwaived(item) : item));
  const approved = await approvedHazards(parts, { ...ask, from }, changes);
  const judged = { ...found, findings, ok: !findings.some(fails) };
  return {
    ok: judged.ok && !changes.findings.some(fails),
    from,
    check: judged,
    diff: { ...changes, accepted: approved.accepted },
    effect: effectOf(changes, { top, files: touched }, new Set(known.folders.keys())),
    notes: [
      ...(from === ask.base
        ? []
        : [
            `The base is ahead of this change (${from.slice(0, 12)} to ${ask.base.slice(0, 12)}); what both together do is judged in the merge queue and at apply.`,
          ]),
      ...approved.notes,
    ],
  };
}

/** The files of a fleet that differ between two commits, removed ones too. */
async function touchedFiles(base: ReadTree, head: ReadTree): Promise<ReadonlySet<string>> {
  const [before, after] = await Promise.all([base.list(CHECKED_PATHS), head.list(CHECKED_PATHS)]);
  const ids = new Map(before.entries.map((entry) => [entry.path, entry.id]));
  const touched = new Set(after.entries.filter((entry) => ids.get(entry.path) !== entry.id).map((entry) => entry.path));
  for (const entry of after.entries) ids.delete(entry.path);
  for (const path of ids.keys()) touched.add(path);
  return touched;
}

/** A waiver counts in the change that brings it only where that change does nothing else to the org (rulings 7). */
function bringsItsOwnException({ waived, org }: Finding, touched: ReadonlySet<string>): boolean {
  if (waived === undefined || org === null) return false;
  const folder = `orgs/${org}/`;
  if (!touched.has(`${folder}${waived.by}`)) return false;
  const isShared = (path: string): boolean => !path.startsWith('orgs/') && !path.startsWith('approvals/');
  const isOfOrg = (path: string): boolean => path.startsWith(folder) && !path.startsWith(`${folder}waivers/`);
  return [...touched].some((path) => isShared(path) || isOfOrg(path));
}

function unwaived({ waived, ...item }: Finding): Finding {
  const by = waived?.by ?? '';
  return { ...item, fix: `${item.fix} The waiver ${by} came with this change and counts from the next one on.` };
}
