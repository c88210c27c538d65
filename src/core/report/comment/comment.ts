import type { CommitId } from '../../model/index.ts';
import type { ChangeReport } from '../changes/change-report.ts';
import { type ChangeParts, changeParts } from '../changes/markdown.ts';
import type { CheckReport } from '../findings/check-report.ts';
import { markdownFindings, repairLine } from '../findings/markdown.ts';
import { markdownText } from '../text.ts';
import { cutMarkdown, sizeOf } from './cut.ts';

/** What a pull request is told. Absent reports could not be had: `notes` says why. */
export interface PullReport {
  readonly changes: ChangeReport | null;
  readonly findings: CheckReport | null;
  /** Sentences for the reader that no report has: the base moved, an artefact is malformed. */
  readonly notes: readonly string[];
}

export interface CommentFrame {
  readonly head: CommitId;
  /** Where the whole report is, as a phrase in Markdown. */
  readonly whole: string;
  readonly limitBytes: number;
}

const NO_CHANGES: ChangeParts = { head: '', rest: '' };
/** What findings may take, so that the changes keep most of the room. */
const FINDINGS_SHARE = 0.4;

/**
 * The sticky comment, the summary of a check run or of a job: notes, then in ten lines what must be repaired and what changes
 * for whom, then each in full. Never longer than `limitBytes`; what is cut is counted, and it says where the whole is.
 */
export function pullMarkdown(report: PullReport, frame: CommentFrame): string {
  const { limitBytes, whole } = frame;
  const quoted = report.notes.map((note) => `> ${markdownText(note)}`).join('\n>\n');
  const notes = quoted === '' ? '' : `${quoted}\n`;
  const foot = `<sub>for ${frame.head}</sub>\n`;
  const room = limitBytes - sizeOf(foot) - 200;
  const first = cutMarkdown(notes, Math.floor(room / 10), whole);
  const left = room - sizeOf(first);
  const findings = report.findings === null ? '' : markdownFindings(report.findings);
  const repair = report.findings === null ? null : repairLine(report.findings);
  const changes =
    report.changes === null ? NO_CHANGES : changeParts(report.changes, left, repair === null ? [] : [repair]);
  const head = cutMarkdown(changes.head, Math.floor(left / 3), whole);
  const rest = left - sizeOf(head);
  const findingsRoom = Math.max(Math.floor(rest * FINDINGS_SHARE), rest - sizeOf(changes.rest));
  const second = cutMarkdown(findings, findingsRoom, whole);
  const third = cutMarkdown(changes.rest, rest - sizeOf(second), whole);
  // Where a report is missing, what the other one says is not the answer.
  const top = report.findings === null || report.changes === null ? [first, head] : [head, first];
  const body = repair === null ? [third, second] : [second, third];
  return [...top, ...body, foot].filter((part) => part !== '').join('\n');
}
