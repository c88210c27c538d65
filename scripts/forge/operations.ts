import { gunzipSync } from 'node:zlib';
import type { Annotation, CheckRun, Comment, ForgeState, Issue, Pull } from './state.ts';

/** One request as an operation sees it: recognised, allowed by the description, from a known user. */
export interface Call {
  readonly state: ForgeState;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly user: string;
  /** The number of this request. */
  readonly at: number;
  /** How many requests later a list shows what is made now. */
  readonly lag: number;
  /** Whose repository it is. */
  readonly owner: string;
  /** Where a branch of the repository is, for the operations that look at branches. */
  readonly branchOf: (name: string) => string | undefined;
  readonly nextId: () => number;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** Of a list: its whole, which the server pages; `key` is where a wrapped list stands. */
  readonly list?: { readonly items: readonly unknown[]; readonly key?: string };
}

/** GitHub refuses longer texts of comments and issues; it counts characters, and so does this. */
const LONGEST_BODY = 65_536;

const notFound: Reply = { status: 404, body: { message: 'Not Found' } };
const unmade: Reply = {
  status: 403,
  body: { message: 'You do not have permission to create labels on this repository.' },
};
const invalid = (message: string): Reply => ({ status: 422, body: { message } });
const ok = (body: unknown, status = 200): Reply => ({ status, body });
const items = (list: readonly unknown[], key?: string): Reply => ({
  status: 200,
  list: key === undefined ? { items: list } : { items: list, key },
});

const showComment = ({ id, body, user }: Comment) => ({ id, body, user: { login: user } });
const showPull = ({ number, author, head, base, state, owner, branch, title, body, mergedAt }: Pull) => ({
  number,
  state,
  title,
  body,
  merged_at: mergedAt,
  user: { login: author },
  head: { sha: head, ref: branch, user: { login: owner } },
  base: { sha: base },
});
const showCheck = ({ annotations, ...run }: CheckRun) => ({
  ...run,
  output: { title: run.title, summary: run.summary, annotations_count: annotations.length },
});
const showIssue = ({ user, labels, ...issue }: Issue) => ({
  ...issue,
  user: { login: user },
  labels: labels.map((name) => ({ name })),
});

const pullOf = ({ state, parameters }: Call): Pull | undefined =>
  state.pulls.find(({ number }) => String(number) === (parameters['pull_number'] ?? parameters['issue_number']));
/** An open pull request is always at the head of its branch. */
const headOf = ({ branchOf, owner }: Call, pull: Pull): Pull => {
  if (pull.state === 'open' && pull.owner === owner) pull.head = branchOf(pull.branch) ?? pull.head;
  return pull;
};
const tooLong = (text: unknown): boolean => [...String(text)].length > LONGEST_BODY;

type Run = (call: Call) => Reply;

const pulls: Readonly<Record<string, Run>> = {
  'pulls/get': (call) => {
    const pull = pullOf(call);
    return pull === undefined ? notFound : ok(showPull(headOf(call, pull)));
  },
  'pulls/list': (call) => {
    const { state, query, at } = call;
    const wanted = query.get('head');
    const visible = state.pulls.filter(({ visibleFrom }) => visibleFrom <= at).map((pull) => headOf(call, pull));
    const open = visible.filter((pull) => query.get('state') === 'all' || pull.state === 'open');
    return items(open.filter(({ owner, branch }) => wanted === null || wanted === `${owner}:${branch}`).map(showPull));
  },
  'pulls/create': (call) => {
    const { state, body, user, owner, at, lag } = call;
    const [branch, base] = [String(body['head']), String(body['base'])];
    const [head, onto] = [call.branchOf(branch), call.branchOf(base)];
    if (head === undefined || onto === undefined) return invalid('Validation Failed: head or base is invalid');
    if (state.pulls.some((pull) => pull.state === 'open' && pull.owner === owner && pull.branch === branch))
      return invalid(`Validation Failed: A pull request already exists for ${owner}:${branch}.`);
    if (head === onto) return invalid(`Validation Failed: No commits between ${base} and ${branch}`);
    if (tooLong(body['body'])) return invalid('body is too long (maximum is 65536 characters)');
    const made: Pull = {
      number: call.nextId(),
      author: user,
      owner,
      branch,
      head,
      base: onto,
      title: String(body['title']),
      body: String(body['body'] ?? ''),
      state: 'open',
      mergedAt: null,
      visibleFrom: at + lag,
      labels: [],
      reviewers: [],
      teams: [],
    };
    state.pulls.push(made);
    return ok(showPull(made), 201);
  },
  'pulls/update': (call) => {
    const pull = pullOf(call);
    if (pull === undefined) return notFound;
    if (tooLong(call.body['body'])) return invalid('body is too long (maximum is 65536 characters)');
    pull.title = String(call.body['title'] ?? pull.title);
    pull.body = String(call.body['body'] ?? pull.body);
    return ok(showPull(headOf(call, pull)));
  },
  'pulls/list-requested-reviewers': (call) => {
    const pull = pullOf(call);
    if (pull === undefined) return notFound;
    return ok({ users: pull.reviewers.map((login) => ({ login })), teams: pull.teams.map((slug) => ({ slug })) });
  },
  'pulls/request-reviewers': (call) => {
    const pull = pullOf(call);
    if (pull === undefined) return notFound;
    const people = (call.body['reviewers'] ?? []) as readonly string[];
    const teams = (call.body['team_reviewers'] ?? []) as readonly string[];
    if (people.includes(pull.author)) return invalid('Review cannot be requested from pull request author.');
    const foreign = [...people, ...teams].filter((name) => !call.state.collaborators.includes(name));
    if (foreign.length > 0) return invalid('Reviews may only be requested from collaborators.');
    pull.reviewers.push(...people.filter((name) => !pull.reviewers.includes(name)));
    pull.teams.push(...teams.filter((name) => !pull.teams.includes(name)));
    return ok(showPull(pull), 201);
  },
};

const comments: Readonly<Record<string, Run>> = {
  'issues/list-comments': ({ state, parameters, at }) =>
    items(
      state.comments
        .filter(({ issue, visibleFrom }) => String(issue) === parameters['issue_number'] && visibleFrom <= at)
        .map(showComment),
    ),
  'issues/create-comment': ({ state, parameters, body, user, at, lag, nextId }) => {
    if (tooLong(body['body'])) return invalid('body is too long (maximum is 65536 characters)');
    const made: Comment = {
      id: nextId(),
      issue: Number(parameters['issue_number']),
      user,
      body: String(body['body']),
      visibleFrom: at + lag,
    };
    state.comments.push(made);
    return ok(showComment(made), 201);
  },
  'issues/update-comment': ({ state, parameters, body }) => {
    const comment = state.comments.find(({ id }) => String(id) === parameters['comment_id']);
    if (comment === undefined) return notFound;
    if (tooLong(body['body'])) return invalid('body is too long (maximum is 65536 characters)');
    comment.body = String(body['body']);
    return ok(showComment(comment));
  },
  'issues/delete-comment': ({ state, parameters }) => {
    const index = state.comments.findIndex(({ id }) => String(id) === parameters['comment_id']);
    if (index < 0) return notFound;
    state.comments.splice(index, 1);
    return { status: 204 };
  },
};

const labels: Readonly<Record<string, Run>> = {
  'issues/list-labels-on-issue': (call) => {
    const pull = pullOf(call);
    return pull === undefined ? notFound : items(pull.labels.map((name) => ({ name })));
  },
  'issues/add-labels': (call) => {
    const pull = pullOf(call);
    if (pull === undefined) return notFound;
    const added = (call.body['labels'] ?? []) as readonly string[];
    const known = call.state.labels;
    if (known !== null && !added.every((name) => known.includes(name))) return unmade;
    pull.labels.push(...added.filter((name) => !pull.labels.includes(name)));
    return ok(pull.labels.map((name) => ({ name })));
  },
  'issues/remove-label': (call) => {
    const pull = pullOf(call);
    const index = pull?.labels.indexOf(call.parameters['name'] ?? '') ?? -1;
    if (pull === undefined || index < 0) return notFound;
    pull.labels.splice(index, 1);
    return ok(pull.labels.map((name) => ({ name })));
  },
};

interface Output {
  readonly title?: string;
  readonly summary?: string;
  readonly annotations?: readonly Annotation[];
}

const checks: Readonly<Record<string, Run>> = {
  'checks/list-for-ref': ({ state, parameters, query }) =>
    items(
      state.checks
        .filter(({ head_sha, name }) => head_sha === parameters['ref'] && name === query.get('check_name'))
        .map(showCheck),
      'check_runs',
    ),
  'checks/create': ({ state, body, nextId }) => {
    const { title = '', summary = '', annotations = [] } = (body['output'] ?? {}) as Output;
    const run: CheckRun = {
      id: nextId(),
      name: String(body['name']),
      head_sha: String(body['head_sha']),
      external_id: String(body['external_id'] ?? ''),
      conclusion: String(body['conclusion'] ?? ''),
      title,
      summary,
      annotations: [...annotations],
    };
    state.checks.push(run);
    return ok(showCheck(run), 201);
  },
  'checks/update': ({ state, parameters, body }) => {
    const run = state.checks.find(({ id }) => String(id) === parameters['check_run_id']);
    if (run === undefined) return notFound;
    const { title, summary, annotations = [] } = (body['output'] ?? {}) as Output;
    run.title = title ?? run.title;
    run.summary = summary ?? run.summary;
    run.annotations.push(...annotations);
    return ok(showCheck(run));
  },
  'code-scanning/upload-sarif': ({ state, body }) => {
    if (!state.codeScanning)
      return { status: 403, body: { message: 'Code scanning is not enabled for this repository.' } };
    const text = gunzipSync(Buffer.from(String(body['sarif']), 'base64')).toString('utf8');
    state.sarifs.push({ commit_sha: String(body['commit_sha']), ref: String(body['ref']), text });
    return ok({ id: 'sarif', url: '' }, 202);
  },
};

const issues: Readonly<Record<string, Run>> = {
  'issues/list-for-repo': ({ state, query }) => {
    const label = query.get('labels') ?? '';
    const wanted = state.issues.filter((issue) => query.get('state') === 'all' || issue.state === 'open');
    return items(wanted.filter((issue) => issue.labels.includes(label)).map(showIssue));
  },
  'issues/create': ({ state, body, user, nextId }) => {
    if (tooLong(body['body'])) return invalid('body is too long (maximum is 65536 characters)');
    const issue: Issue = {
      number: nextId(),
      user,
      title: String(body['title']),
      body: String(body['body'] ?? ''),
      state: 'open',
      labels: (body['labels'] ?? []) as readonly string[],
    };
    state.issues.push(issue);
    return ok(showIssue(issue), 201);
  },
  'issues/update': ({ state, parameters, body }) => {
    const issue = state.issues.find(({ number }) => String(number) === parameters['issue_number']);
    if (issue === undefined) return notFound;
    issue.title = String(body['title'] ?? issue.title);
    issue.body = String(body['body'] ?? issue.body);
    issue.state = body['state'] === 'closed' ? 'closed' : 'open';
    return ok(showIssue(issue));
  },
};

/** What each operation does to the state, by the id that GitHub gives it. */
export const OPERATIONS: Readonly<Record<string, Run>> = { ...pulls, ...comments, ...labels, ...checks, ...issues };
