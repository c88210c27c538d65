// Promise: findings, diffs and plans as people and programs read them.
// Input: findings with counters; the diffs or plans of orgs with fleet-wide hazards; a painter for terminals.
// Output: text in one format, ending with a line end; the long form of every code.
// Invariants: pure; deterministic; nothing from a repository can become a control character, markup or a command.
export type { AcceptedHazard, ChangeReport, ReportedDiff } from './changes/change-report.ts';
export { type ChangeGroup, groupsOf } from './changes/groups.ts';
export { CHANGE_FORMATS, type ChangeFormat, reportChanges } from './changes/report.ts';
export { type CommentFrame, type PullReport, pullMarkdown } from './comment/comment.ts';
export { cutMarkdown } from './comment/cut.ts';
export { type DriftLine, driftMarkdown, type UnseenOrgs, unseenWords } from './comment/drift.ts';
export { type OverrideText, overrideMarkdown, overrideTitle } from './comment/override.ts';
export { isScope, markerOf, readMarker, type Sticky } from './comment/sticky.ts';
export {
  readUpgradeMarker,
  type UpgradedOrg,
  type UpgradeMarker,
  type UpgradeText,
  upgradeMarkdown,
  upgradeMarkerOf,
  upgradeTitle,
} from './comment/upgrade.ts';
export { journalLine } from './evidence/line.ts';
export * from './evidence/pack.ts';
export { brokenWords, evidencePage } from './evidence/page.ts';
export { explain, findingsMarkdown } from './explain.ts';
export type { CheckReport } from './findings/check-report.ts';
export { isPlainFormat, type PlainFormat, plainFindings } from './findings/plain.ts';
export { FINDING_FORMATS, type FindingFormat, reportFindings } from './findings/report.ts';
export type { Painter, Style } from './paint.ts';
export {
  type ReadBack,
  type ReadDrift,
  type ReadEffect,
  readCheck,
  readDiff,
  readDrift,
  readEffect,
} from './read/reports.ts';
export { counted, oneLine } from './text.ts';
