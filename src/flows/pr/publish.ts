import type { CommitId, Hash, OrgSlug } from '../../core/model/index.ts';
import { type PullReport, pullMarkdown, reportFindings } from '../../core/report/index.ts';
import type { Forge, ForgePull, Log, Pause, ReadTree } from '../../ports/index.ts';
import { annotationsOf, MOST_ANNOTATIONS } from './annotations.ts';
import { type CheckResult, upsertCheck } from './check-run.ts';
import { labelsOf, syncLabels } from './labels.ts';
import { askReviewers, reviewersFor } from './reviewers.ts';
import { askedSoFar, type StickyResult, upsertComment } from './sticky.ts';

/** A comment may have 65,536 characters and a summary 65,535; bytes are never fewer. */
const COMMENT_BYTES = 65_000;
const SUMMARY_BYTES = 64_000;
/** GitHub shows the first 5,000 results of a run. */
const MOST_RESULTS = 5000;

export interface PublishParts {
  readonly forge: Forge;
  readonly hash: Hash;
  readonly pause: Pause;
  readonly log: Log;
  /** The login that our comments carry. */
  readonly self: string;
  /** Of the base: whose owners are asked. */
  readonly tree: ReadTree;
}

/** The run that judged, as the event says it: none of this comes from an artefact. */
export interface JudgedRun {
  readonly head: CommitId;
  readonly conclusion: 'success' | 'failure';
  /** Rises from run to run. */
  readonly order: number;
  readonly url: string | null;
  readonly pull: number;
}

export interface PublishAsk {
  readonly scope: string;
  readonly run: JudgedRun;
  readonly report: PullReport;
  readonly orgs: readonly OrgSlug[];
  readonly platform: readonly string[];
  readonly sarif: boolean;
}

export type Published =
  | {
      readonly pull: number;
      readonly comment: StickyResult;
      readonly check: CheckResult;
      readonly warnings: readonly string[];
    }
  | { readonly pull: null; readonly why: string };

/** Tells a pull request what was found: comment, check run, labels, reviewers, SARIF. Nothing for a head that moved on. */
export async function publishPull(parts: PublishParts, ask: PublishAsk): Promise<Published> {
  const pull = await pullOf(parts.forge, ask.run);
  if (typeof pull === 'string') return { pull: null, why: pull };
  const { report, scope, run } = ask;
  const platform = ask.platform.length > 0;
  const at = { pull: pull.number, scope };
  const wanted = await reviewersFor(parts.tree, { orgs: ask.orgs, platform });
  const asked = await askedSoFar(parts, at);
  const refused = await askReviewers(parts.forge, { pull: pull.number, author: pull.author, wanted, asked });
  const whole = run.url === null ? 'the artefacts of the run' : `the artefacts of [the run](${run.url})`;
  const body = pullMarkdown(report, { head: pull.head, whole, limitBytes: COMMENT_BYTES });
  const comment = await upsertComment(parts, { ...at, order: run.order, body, asked: wanted });
  const check = await publishCheck(parts, ask, whole);
  const labels = labelsOf({ changes: report.changes, orgs: ask.orgs.length, platform });
  const unlabelled = await syncLabels(parts.forge, pull.number, labels);
  const scanned = ask.sarif ? await publishSarif(parts, ask, pull.number) : [];
  return { pull: pull.number, comment, check, warnings: [...refused, ...unlabelled, ...scanned] };
}

/** The open pull request whose head is the one that was judged, or why there is none. */
async function pullOf(forge: Forge, { pull, head }: JudgedRun): Promise<ForgePull | string> {
  const found = await forge.pull(pull);
  if (found?.isOpen === true && found.head === head) return found;
  return `no open pull request ${pull} has the head ${head}: it moved on, or was closed`;
}

async function publishCheck(parts: PublishParts, ask: PublishAsk, whole: string): Promise<CheckResult> {
  const { report, scope, run } = ask;
  const all = annotationsOf(report);
  const left = all.length - MOST_ANNOTATIONS;
  const notes = left > 0 ? [`${left} of ${all.length} annotations are left out.`] : [];
  const frame = { head: run.head, whole, limitBytes: SUMMARY_BYTES };
  return upsertCheck(parts, {
    name: `tenantry report (${scope})`,
    head: run.head,
    conclusion: isWhole(report) ? run.conclusion : 'failure',
    title: run.conclusion === 'success' ? 'Nothing stands against this' : 'Look at the findings',
    summary: pullMarkdown({ ...report, notes: [...report.notes, ...notes] }, frame),
    annotations: all.slice(0, MOST_ANNOTATIONS),
  });
}

function isWhole({ changes, findings }: PullReport): boolean {
  return changes !== null && findings !== null;
}

async function publishSarif(
  parts: PublishParts,
  { report, run }: PublishAsk,
  pull: number,
): Promise<readonly string[]> {
  if (report.findings === null) return [];
  const findings = report.findings.findings.slice(0, MOST_RESULTS);
  const text = reportFindings({ ...report.findings, findings }, 'sarif');
  const answer = await parts.forge.uploadSarif({ head: run.head, ref: `refs/pull/${pull}/head`, text });
  const left = report.findings.findings.length - findings.length;
  return [...(answer.ok ? [] : [answer.reason]), ...(left > 0 ? [`${left} findings are not in the SARIF`] : [])];
}
