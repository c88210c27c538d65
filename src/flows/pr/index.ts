// Promise: what a pull request would do, judged from git alone, and told on a forge.
// Input: commits, a Forge, reports that were read back. Output: judgements and outcomes as data.
// Invariants: the change set comes from git; number and head from the event; artefacts only fill texts; run again, nothing is added.

export { type IssueOutcome, syncDriftIssues } from './issues.ts';
export { type JudgeParts, judgePull, type PullJudgement } from './judge.ts';
export { type JudgedRun, type Published, publishPull } from './publish.ts';
