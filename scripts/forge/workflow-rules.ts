import { parse } from 'yaml';

// What a workflow of a fleet must not do, as far as its text shows. Each rule is a reason somebody lost a repository.

type Value = null | boolean | number | string | readonly Value[] | Fields;
interface Fields {
  readonly [key: string]: Value;
}

interface Step {
  readonly job: string;
  readonly fields: Fields;
}

interface Workflow {
  readonly text: string;
  readonly events: readonly string[];
  readonly jobs: readonly (readonly [name: string, job: Fields])[];
  readonly steps: readonly Step[];
  readonly top: Fields;
}

const isFields = (value: Value | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: Value | undefined): Fields => (isFields(value) ? value : {});
const textOf = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

const read = (text: string): Workflow => {
  const top = fieldsOf(parse(text) as Value);
  const { on } = top;
  const events = isFields(on) ? Object.keys(on) : Array.isArray(on) ? on.map(String) : [textOf(on)];
  const jobs = Object.entries(fieldsOf(top['jobs'])).map(([name, job]) => [name, fieldsOf(job)] as const);
  const steps = jobs.flatMap(([job, { steps: list }]) =>
    (Array.isArray(list) ? list : []).map((step: Value) => ({ job, fields: fieldsOf(step) })),
  );
  return { text, events, jobs, steps, top };
};

interface WorkflowRule {
  readonly name: string;
  readonly faults: (workflow: Workflow) => readonly string[];
}

/** Started by, or close to, what a stranger sends, with more rights than the stranger has. */
const PRIVILEGED = ['pull_request_target', 'workflow_run', 'merge_group'];
const isPrivileged = ({ events }: Workflow): boolean => events.some((event) => PRIVILEGED.includes(event));
const meetsStrangers = (workflow: Workflow): boolean =>
  isPrivileged(workflow) || workflow.events.some((event) => /^(pull_request|issue|fork|discussion)/.test(event));

/** Texts that a stranger chooses freely. */
const FREE_TEXT =
  /github\.head_ref|\.(title|body|message|label|login|email|name|ref|head_branch|default_branch|page_name)\b|toJSON\(|github\.event\s*\}/;

const runs = ({ steps }: Workflow): readonly string[] => steps.map(({ fields }) => textOf(fields['run']));
const checkouts = ({ steps }: Workflow): readonly Fields[] =>
  steps.map(({ fields }) => fields).filter(({ uses }) => textOf(uses).startsWith('actions/checkout@'));

const WORKFLOW_RULES: readonly WorkflowRule[] = [
  {
    name: 'the workflow as a whole may read contents and no more',
    faults: ({ top }) =>
      JSON.stringify(top['permissions']) === '{"contents":"read"}' ? [] : ['permissions of the workflow'],
  },
  {
    name: 'actions are pinned by commit, with the version beside it',
    faults: ({ text }) =>
      [...text.matchAll(/^[\s-]*uses:(.*)$/gm)]
        .map(([, use = '']) => use.trim())
        .filter((use) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use)),
  },
  {
    name: 'no expression is pasted into a script',
    faults: (workflow) => runs(workflow).filter((run) => run.includes('${{')),
  },
  {
    name: 'no text that a stranger chooses is used at all',
    faults: ({ text }) =>
      [...text.matchAll(/\$\{\{(.*?)\}\}/g)]
        .map(([, inside = '']) => inside.trim())
        .filter((inside) => FREE_TEXT.test(inside)),
  },
  {
    name: 'with rights, nothing of the change is checked out',
    faults: (workflow) => {
      if (!isPrivileged(workflow)) return [];
      const refs = checkouts(workflow).map((step) => textOf(fieldsOf(step['with'])['ref']));
      const wrong = refs.filter((ref) => ref === '' || /head|refs\/pull|merge_commit/.test(ref));
      const from = checkouts(workflow).filter((step) => fieldsOf(step['with'])['repository'] !== undefined);
      const commands =
        /\bgit\s+(-\S+\s+)*(checkout|switch|merge|pull|worktree|reset|restore|rebase|cherry-pick|apply|am|archive|submodule)\b|\bgh\s+pr\s+checkout/;
      return [...wrong, ...from.map(() => 'another repository'), ...runs(workflow).filter((run) => commands.test(run))];
    },
  },
  {
    name: 'a checkout leaves no credentials behind',
    faults: (workflow) =>
      checkouts(workflow)
        .filter((step) => fieldsOf(step['with'])['persist-credentials'] !== false)
        .map(() => 'persist-credentials'),
  },
  {
    name: 'no secret where strangers start the run',
    faults: (workflow) =>
      meetsStrangers(workflow) && /\$\{\{[^}]*\bsecrets\b|^\s*secrets:/m.test(workflow.text) ? ['secrets'] : [],
  },
  {
    name: 'packages come from the lockfile, and none of them runs a script',
    faults: (workflow) =>
      runs(workflow)
        .flatMap((run) => run.match(/\b(npm|npx|pnpm|yarn|corepack)\b[^\n|;&]*/g) ?? [])
        .filter((command) => !/^npm ci --ignore-scripts( --no-audit| --no-fund)*\s*$/.test(command)),
  },
  {
    name: 'nothing is shared with runs of other trust',
    faults: ({ steps, text }) => [
      ...steps.map(({ fields }) => textOf(fields['uses'])).filter((use) => /^actions\/cache/.test(use)),
      ...(/^\s*cache:/m.test(text) ? ['cache'] : []),
    ],
  },
  {
    name: 'what fails before a pipe fails its step',
    faults: ({ steps, jobs, top }) => {
      const shellOf = (of: Fields | undefined): string => textOf(fieldsOf(fieldsOf(of?.['defaults'])['run'])['shell']);
      const shells = new Map(jobs.map(([name, job]) => [name, shellOf(job) || shellOf(top)]));
      return steps
        .filter(({ fields }) => /(?<!\|)\|(?!\|)/.test(textOf(fields['run'])))
        .filter(({ job, fields }) => (textOf(fields['shell']) || shells.get(job)) !== 'bash')
        .map(({ fields }) => textOf(fields['name']));
    },
  },
  {
    name: 'every job ends',
    faults: ({ jobs }) => jobs.filter(([, job]) => typeof job['timeout-minutes'] !== 'number').map(([name]) => name),
  },
];

/** What is wrong with a workflow, as "rule: what". */
export const workflowFaults = (text: string): readonly string[] => {
  const workflow = read(text);
  return WORKFLOW_RULES.flatMap(({ name, faults }) => faults(workflow).map((fault) => `${name}: ${fault}`));
};

/** What each job may do beside reading contents: `job: permission`. */
export const writesOf = (text: string): readonly string[] =>
  read(text).jobs.flatMap(([name, job]) =>
    Object.entries(fieldsOf(job['permissions']))
      .filter(([permission, level]) => !(permission === 'contents' && level === 'read'))
      .map(([permission, level]) => `${name}: ${permission} ${String(level)}`),
  );
