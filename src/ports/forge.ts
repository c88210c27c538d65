import type { CommitId, RepoPath } from '../core/model/index.ts';

/** A pull request as the forge states it. `author` is a login. */
export interface ForgePull {
  readonly number: number;
  readonly head: CommitId;
  readonly base: CommitId;
  readonly author: string;
  readonly title: string;
  readonly body: string;
  readonly isOpen: boolean;
  /** False for one that was closed without being merged. */
  readonly isMerged: boolean;
}

/** A pull request between two branches of the repository itself. */
export interface NewForgePull {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** A comment under a pull request; ids rise in the order in which comments were made. */
export interface ForgeComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/** One line of a file with what is wrong there. */
export interface ForgeAnnotation {
  readonly file: RepoPath;
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export interface ForgeCheckOutput {
  readonly title: string;
  readonly summary: string;
  /** At most 50, which is what one request may carry; those of later requests are added to those before. */
  readonly annotations: readonly ForgeAnnotation[];
}

/** A finished check run on a commit. `key` says for which findings it was made. */
export interface ForgeCheck {
  readonly id: number;
  readonly key: string;
  readonly annotations: number;
}

export interface NewForgeCheck {
  readonly name: string;
  readonly head: CommitId;
  readonly key: string;
  readonly conclusion: 'success' | 'failure' | 'neutral';
  readonly output: ForgeCheckOutput;
}

/** People and teams that can be asked to review: `@login` or `@org/team`, as owner files write them. */
export type ForgeHandle = string;

export interface ForgeIssue {
  readonly number: number;
  readonly author: string;
  readonly title: string;
  readonly body: string;
  readonly isOpen: boolean;
}

/** One repository on a forge. Every list is complete: all pages were read, or the call fails. */
export interface Forge {
  pull(number: number): Promise<ForgePull | undefined>;
  /** Pull requests from a branch of this repository. */
  pullsFrom(branch: string, state: 'open' | 'all'): Promise<readonly ForgePull[]>;
  /** Every open pull request. */
  openPulls(): Promise<readonly ForgePull[]>;
  /** Turned down where the branch has an open pull request already, or is not there. */
  createPull(pull: NewForgePull): Promise<{ readonly ok: true; readonly pull: ForgePull } | ForgeRefusal>;
  updatePull(number: number, pull: Pick<NewForgePull, 'title' | 'body'>): Promise<void>;
  /** Comments of a pull request or issue. */
  comments(pull: number): Promise<readonly ForgeComment[]>;
  createComment(pull: number, body: string): Promise<ForgeComment>;
  updateComment(comment: number, body: string): Promise<void>;
  /** A comment that is gone already is as good as deleted. */
  deleteComment(comment: number): Promise<void>;
  /** Check runs of this name on a commit, newest first. */
  checks(head: CommitId, name: string): Promise<readonly ForgeCheck[]>;
  createCheck(check: NewForgeCheck): Promise<ForgeCheck>;
  addToCheck(check: number, output: ForgeCheckOutput): Promise<void>;
  /** SARIF text about `head`, filed under `ref`; turned down where code scanning is off. */
  uploadSarif(report: { readonly head: CommitId; readonly ref: string; readonly text: string }): Promise<ForgeAnswer>;
  labels(pull: number): Promise<readonly string[]>;
  /** Adds all of them, or none and says why: making a label that the repository has not may take more than adding one. */
  addLabels(pull: number, labels: readonly string[]): Promise<ForgeAnswer>;
  removeLabel(pull: number, label: string): Promise<void>;
  requestedReviewers(pull: number): Promise<readonly ForgeHandle[]>;
  /** Asks all of them, or nobody and says why. */
  requestReviewers(pull: number, handles: readonly ForgeHandle[]): Promise<ForgeAnswer>;
  /** Issues with a label, open and closed; pull requests are none. */
  issues(label: string): Promise<readonly ForgeIssue[]>;
  createIssue(issue: Pick<ForgeIssue, 'title' | 'body'> & { readonly label: string }): Promise<ForgeIssue>;
  updateIssue(number: number, issue: Pick<ForgeIssue, 'title' | 'body' | 'isOpen'>): Promise<void>;
}

/** What the forge says to a request that it may turn down without anything being wrong with us. */
export type ForgeAnswer = { readonly ok: true } | ForgeRefusal;
export type ForgeRefusal = { readonly ok: false; readonly reason: string };

/** Waits; flows own no clock. */
export type Pause = (delayMs: number) => Promise<void>;
