import type { CommitId } from '../../model/index.ts';
import type { ChangeReport } from '../changes/change-report.ts';
import { markdownChanges } from '../changes/markdown.ts';
import type { CheckReport } from '../findings/check-report.ts';
import { markdownFindings } from '../findings/markdown.ts';
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

/** What may stand before the changes, so that they keep most of the room. */
const FINDINGS_SHARE = 0.4;

/**
 * The sticky comment, the summary of a check run or of a job: notes, findings that fail, what changes for whom. Never
 * longer than `limitBytes`; what is cut is counted, and it says where the whole is.
 */
export function pullMarkdown(report: PullReport, frame: CommentFrame): string {
  const { limitBytes, whole } = frame;
  const notes = report.notes.map((note) => `> ${markdownText(note)}`).join('\n>\n');
  const foot = `<sub>for ${frame.head}</sub>\n`;
  const room = limitBytes - sizeOf(foot) - 200;
  const first = cutMarkdown(notes, Math.floor(room / 10), whole);
  const left = room - sizeOf(first);
  const findings = report.findings === null ? '' : markdownFindings(report.findings);
  const whatChanges = report.changes === null ? '' : markdownChanges(report.changes, left);
  const findingsRoom = Math.max(Math.floor(left * FINDINGS_SHARE), left - sizeOf(whatChanges));
  const second = cutMarkdown(findings, findingsRoom, whole);
  const third = cutMarkdown(whatChanges, left - sizeOf(second), whole);
  return [first, third, second, foot].filter((part) => part !== '').join('\n');
}
