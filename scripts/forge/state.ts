// What the fake forge holds. Plain data that tests fill and look at.

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly user: string;
  body: string;
  /** The request from which on lists show it: what a lagging replica would. */
  readonly visibleFrom: number;
}

export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly external_id: string;
  conclusion: string;
  title: string;
  summary: string;
  readonly annotations: Annotation[];
}

export interface Pull {
  readonly number: number;
  readonly author: string;
  readonly owner: string;
  readonly branch: string;
  head: string;
  readonly base: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  mergedAt: string | null;
  /** The request from which on lists show it. */
  readonly visibleFrom: number;
  readonly labels: string[];
  readonly reviewers: string[];
  readonly teams: string[];
}

export interface Issue {
  readonly number: number;
  readonly user: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly labels: readonly string[];
}

export interface Sarif {
  readonly commit_sha: string;
  readonly ref: string;
  readonly text: string;
}

export interface ForgeState {
  readonly comments: Comment[];
  readonly checks: CheckRun[];
  readonly pulls: Pull[];
  readonly issues: Issue[];
  readonly sarifs: Sarif[];
  /** Logins and team slugs that can be asked to review. */
  readonly collaborators: string[];
  codeScanning: boolean;
  /** Labels that there are, where the token may make no other; null: it may make any. */
  labels: readonly string[] | null;
}

export const emptyState = (): ForgeState => ({
  comments: [],
  checks: [],
  pulls: [],
  issues: [],
  sarifs: [],
  collaborators: [],
  codeScanning: true,
  labels: null,
});
