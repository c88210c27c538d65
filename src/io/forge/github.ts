import { gzipSync } from 'node:zlib';
import { type CommitId, commitId } from '../../core/model/index.ts';
import type { Forge, ForgeAnswer, ForgeCheck, ForgeCheckOutput, ForgePull, NewForgeCheck } from '../../ports/index.ts';
import { type GitHubOptions, openClient, type Repo } from './client.ts';
import { ForgeError, forgeError, isRateLimit } from './error.ts';
import { askReviewers, reviewersOf } from './reviewers.ts';

export type { GitHubOptions } from './client.ts';

const PAGE = 100;
const MOST_REASON_CHARS = 300;

/** One repository on GitHub. Nothing is asked before a method is called. */
export function openGitHub(options: GitHubOptions): Forge {
  const repo: Repo = { client: openClient(options), at: { owner: options.owner, repo: options.repository } };
  return { ...pullsOf(repo), ...commentsOf(repo), ...checksOf(repo), ...labelsOf(repo), ...issuesOf(repo) };
}

/** Runs one operation; its failure becomes a ForgeError that says what was tried. */
async function within<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof ForgeError ? cause : forgeError(what, cause);
  }
}

/** The value, or what stands for it when the forge answered one of `statuses`. */
async function unless<T, Other>(statuses: readonly number[], other: Other, work: () => Promise<T>): Promise<T | Other> {
  try {
    return await work();
  } catch (cause) {
    const isOther = statuses.includes((cause as { readonly status?: number }).status ?? 0) && !isRateLimit(cause);
    if (!isOther) throw cause;
    return other;
  }
}

interface PullFacts {
  readonly number: number;
  readonly state: string;
  readonly title: string;
  readonly body: string | null;
  readonly merged_at: string | null;
  readonly user: { readonly login: string } | null;
  readonly head: { readonly sha: string };
  readonly base: { readonly sha: string };
}

function toPull({ number, state, title, body, user, head, base, merged_at: mergedAt }: PullFacts): ForgePull {
  return {
    number,
    head: idOf(head.sha),
    base: idOf(base.sha),
    author: user?.login ?? '',
    title,
    body: body ?? '',
    isOpen: state === 'open',
    isMerged: mergedAt !== null,
  };
}

function idOf(text: string): CommitId {
  const id = commitId(text);
  if (id === undefined) {
    const fix = 'Run this again later.';
    throw new ForgeError('FORGE_UNAVAILABLE', `expected a commit id of the forge, found ${text}`, {
      status: null,
      fix,
    });
  }
  return id;
}

type Pulls = Pick<Forge, 'pull' | 'pullsFrom' | 'openPulls' | 'createPull' | 'updatePull'>;

function pullsOf({ client, at }: Repo): Pulls {
  return {
    pull: (number) =>
      within(`pull request ${number}`, async () => {
        const answer = await unless([404], null, () => client.rest.pulls.get({ ...at, pull_number: number }));
        return answer === null ? undefined : toPull(answer.data);
      }),
    pullsFrom: (branch, state) =>
      within(`pull requests from ${branch}`, async () => {
        const ask = { ...at, state, head: `${at.owner}:${branch}`, per_page: PAGE };
        return (await client.paginate(client.rest.pulls.list, ask)).map(toPull);
      }),
    openPulls: () =>
      within('open pull requests', async () => {
        const ask = { ...at, state: 'open' as const, per_page: PAGE };
        return (await client.paginate(client.rest.pulls.list, ask)).map(toPull);
      }),
    createPull: ({ branch, base, title, body }) =>
      within(`a pull request from ${branch}`, async () => {
        try {
          const made = await client.rest.pulls.create({ ...at, head: branch, base, title, body });
          return { ok: true as const, pull: toPull(made.data) };
        } catch (cause) {
          const { status, message } = cause as { readonly status?: unknown; readonly message?: unknown };
          if (status !== 422) throw cause;
          return { ok: false as const, reason: String(message).slice(0, MOST_REASON_CHARS) };
        }
      }),
    updatePull: (number, { title, body }) =>
      within(`pull request ${number}`, async () => {
        await client.rest.pulls.update({ ...at, pull_number: number, title, body });
      }),
  };
}

type Comments = Pick<Forge, 'comments' | 'createComment' | 'updateComment' | 'deleteComment'>;

function commentsOf({ client, at }: Repo): Comments {
  const toComment = (data: {
    readonly id: number;
    readonly body?: string;
    readonly user: { readonly login: string } | null;
  }) => ({
    id: data.id,
    author: data.user?.login ?? '',
    body: data.body ?? '',
  });
  return {
    comments: (number) =>
      within(`comments of ${number}`, async () => {
        const ask = { ...at, issue_number: number, per_page: PAGE };
        return (await client.paginate(client.rest.issues.listComments, ask)).map(toComment);
      }),
    createComment: (number, body) =>
      within(`a comment under ${number}`, async () =>
        toComment((await client.rest.issues.createComment({ ...at, issue_number: number, body })).data),
      ),
    updateComment: (id, body) =>
      within(`comment ${id}`, async () => {
        await client.rest.issues.updateComment({ ...at, comment_id: id, body });
      }),
    deleteComment: (id) =>
      within(`comment ${id}`, async () => {
        await unless([404], null, () => client.rest.issues.deleteComment({ ...at, comment_id: id }));
      }),
  };
}

function checksOf({ client, at }: Repo): Pick<Forge, 'checks' | 'createCheck' | 'addToCheck' | 'uploadSarif'> {
  return {
    checks: (head, name) =>
      within(`check runs of ${head}`, async () => {
        const ask = { ...at, ref: head, check_name: name, filter: 'all' as const, per_page: PAGE };
        const found = (await client.paginate(client.rest.checks.listForRef, ask)).map(toCheck);
        return found.sort((a, b) => b.id - a.id);
      }),
    createCheck: (check) =>
      within(`a check run on ${check.head}`, async () =>
        toCheck((await client.rest.checks.create(newCheck(at, check))).data),
      ),
    addToCheck: (id, output) =>
      within(`check run ${id}`, async () => {
        await client.rest.checks.update({ ...at, check_run_id: id, output: outputOf(output) });
      }),
    uploadSarif: ({ head, ref, text }) =>
      within(`SARIF of ${head}`, async (): Promise<ForgeAnswer> => {
        const sarif = gzipSync(text).toString('base64');
        const off: ForgeAnswer = { ok: false, reason: 'code scanning is not switched on for this repository' };
        const ask = { ...at, commit_sha: head, ref, sarif, tool_name: 'tenantry' };
        const answer = await unless([403, 404], off, () => client.rest.codeScanning.uploadSarif(ask));
        return 'ok' in answer ? answer : { ok: true };
      }),
  };
}

type CheckData = {
  readonly id: number;
  readonly external_id: string | null;
  readonly output: { readonly annotations_count: number };
};

function toCheck({ id, external_id, output }: CheckData): ForgeCheck {
  return { id, key: external_id ?? '', annotations: output.annotations_count };
}

function newCheck(at: Repo['at'], { name, head, key, conclusion, output }: NewForgeCheck) {
  const done = { status: 'completed' as const, conclusion };
  return { ...at, name, head_sha: head, external_id: key, ...done, output: outputOf(output) };
}

function outputOf({ title, summary, annotations }: ForgeCheckOutput) {
  return {
    title,
    summary,
    annotations: annotations.map(({ file, line, level, title: heading, message }) => ({
      path: file as string,
      start_line: line,
      end_line: line,
      annotation_level: level,
      title: heading,
      message,
    })),
  };
}

type Labels = Pick<Forge, 'labels' | 'addLabels' | 'removeLabel' | 'requestedReviewers' | 'requestReviewers'>;

function labelsOf(repo: Repo): Labels {
  const { client, at } = repo;
  return {
    labels: (number) =>
      within(`labels of ${number}`, async () => {
        const ask = { ...at, issue_number: number, per_page: PAGE };
        return (await client.paginate(client.rest.issues.listLabelsOnIssue, ask)).map(({ name }) => name);
      }),
    addLabels: (number, labels) =>
      within(`labels of ${number}`, async (): Promise<ForgeAnswer> => {
        try {
          await client.rest.issues.addLabels({ ...at, issue_number: number, labels: [...labels] });
          return { ok: true };
        } catch (cause) {
          const { status, message } = cause as { readonly status?: unknown; readonly message?: unknown };
          if (status !== 403 || isRateLimit(cause)) throw cause;
          return { ok: false, reason: `label ${labels.join(', ')}: ${String(message).slice(0, MOST_REASON_CHARS)}` };
        }
      }),
    removeLabel: (number, name) =>
      within(`label ${name} of ${number}`, async () => {
        await unless([404], null, () => client.rest.issues.removeLabel({ ...at, issue_number: number, name }));
      }),
    requestedReviewers: (number) => within(`reviewers of ${number}`, () => reviewersOf(repo, number)),
    requestReviewers: (number, handles) => within(`reviewers of ${number}`, () => askReviewers(repo, number, handles)),
  };
}

interface IssueData {
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly body?: string | null;
  readonly user: { readonly login: string } | null;
}

const toIssue = ({ number, title, state, body, user }: IssueData) => ({
  number,
  title,
  author: user?.login ?? '',
  body: body ?? '',
  isOpen: state === 'open',
});

function issuesOf({ client, at }: Repo): Pick<Forge, 'issues' | 'createIssue' | 'updateIssue'> {
  return {
    issues: (label) =>
      within(`issues with ${label}`, async () => {
        const ask = { ...at, labels: label, state: 'all' as const, per_page: PAGE };
        const found = await client.paginate(client.rest.issues.listForRepo, ask);
        return found.filter((issue) => issue.pull_request === undefined).map(toIssue);
      }),
    createIssue: ({ title, body, label }) =>
      within('a new issue', async () =>
        toIssue((await client.rest.issues.create({ ...at, title, body, labels: [label] })).data),
      ),
    updateIssue: (number, { title, body, isOpen }) =>
      within(`issue ${number}`, async () => {
        const state = isOpen ? ('open' as const) : ('closed' as const);
        await client.rest.issues.update({ ...at, issue_number: number, title, body, state });
      }),
  };
}
