import { readFileSync, statSync } from 'node:fs';
import { commitId, isJsonObject, type Json, type JsonObject, parseJson, wholeNumber } from '../core/model/index.ts';
import type { JudgedRun } from '../flows/index.ts';
import type { ForgePlace } from '../wire.ts';
import type { Flags } from './spec.ts';
import { CommandError, EXIT } from './terminal.ts';

// What the forge itself says about this run, through the environment and the file of the event. Nothing here comes from
// an artefact, because whoever can write an artefact could then speak in another pull request.

/** Who speaks on GitHub with the token of a workflow. */
export const WORKFLOW_BOT = 'github-actions[bot]';
const MOST_EVENT_BYTES = 8 * 1024 * 1024;

/** Which repository, and with which token. */
export function forgePlace(environment: NodeJS.ProcessEnv): ForgePlace {
  const [owner = '', repository = '', ...rest] = required(environment, 'GITHUB_REPOSITORY').split('/');
  if (owner === '' || repository === '' || rest.length > 0) throw usage('expected GITHUB_REPOSITORY to be owner/name');
  const given = environment['GITHUB_API_URL'] ?? '';
  const api = given === '' ? 'https://api.github.com' : given;
  if (!URL.canParse(api)) throw usage(`expected GITHUB_API_URL to be an address, found ${JSON.stringify(api)}`);
  const { protocol, hostname } = new URL(api);
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    throw usage(`expected GITHUB_API_URL to begin with https://, found ${api}`);
  return { api, owner, repository, token: required(environment, 'GITHUB_TOKEN') };
}

/** The run that judged: from `--pull` and `--head`, or from the event. A string says why there is nothing to tell. */
export function judgedRun(environment: NodeJS.ProcessEnv, flags: Flags): JudgedRun | string {
  return typeof flags['pull'] === 'string' ? fromFlags(environment, flags, flags['pull']) : fromEvent(environment);
}

function fromFlags(environment: NodeJS.ProcessEnv, flags: Flags, number: string): JudgedRun {
  const head = commitId(String(flags['head'] ?? ''));
  if (!/^[1-9][0-9]{0,9}$/.test(number) || head === undefined)
    throw usage('expected --pull <number> and --head <full commit id>');
  const conclusion = flags['conclusion'] ?? 'failure';
  if (conclusion !== 'success' && conclusion !== 'failure') throw usage('expected --conclusion success or failure');
  const order = wholeNumber(String(environment['GITHUB_RUN_ID'] ?? flags['order'] ?? 0));
  if (order === undefined) throw usage('expected --order to be a whole number');
  return { head, conclusion, order, url: null, pull: Number(number) };
}

function fromEvent(environment: NodeJS.ProcessEnv): JudgedRun | string {
  const path = environment['GITHUB_EVENT_PATH'];
  if (path === undefined || path === '')
    throw usage('expected --pull and --head, or the event of a workflow_run in GITHUB_EVENT_PATH');
  const event = eventAt(path);
  const run = isJsonObject(event) ? event['workflow_run'] : undefined;
  if (!isJsonObject(run)) throw usage('expected the event of a workflow_run');
  if (run['event'] !== 'pull_request_target')
    return `the run was started by ${String(run['event'])}, and only pull_request_target runs the workflow of the base`;
  return runOf(run);
}

function eventAt(path: string): Json {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isFile() !== true)
    throw usage(`expected the event of a workflow_run in GITHUB_EVENT_PATH, found no file ${path}`);
  if (facts.size > MOST_EVENT_BYTES) throw usage('expected a smaller event');
  const text = readFileSync(path, 'utf8');
  try {
    return parseJson(text);
  } catch {
    throw usage(`expected the event of a workflow_run as JSON in ${path}`);
  }
}

/**
 * check.yml gives its run the number and the head of its pull request as a name. Of a run that pull_request_target started,
 * `head_sha` is a commit of the base, and `pull_requests` is empty for a fork.
 */
const RUN_NAME = /^check ([1-9][0-9]{0,9}) ([0-9a-f]{40})$/;

function runOf(run: JsonObject): JudgedRun | string {
  const { display_title: title, id, run_attempt: attempt, html_url: url } = run;
  if (typeof title !== 'string' || typeof id !== 'number') throw usage('expected display_title and id in the event');
  const [, number, commit = ''] = RUN_NAME.exec(title) ?? [];
  const head = commitId(commit);
  if (head === undefined)
    return `expected a run called \`check <number> <commit>\`, as check.yml names it, found ${JSON.stringify(title.slice(0, 80))}`;
  return {
    head,
    conclusion: run['conclusion'] === 'success' ? 'success' : 'failure',
    order: id * 100 + Math.min(99, typeof attempt === 'number' ? attempt : 1),
    url: typeof url === 'string' && /^https:\/\/[A-Za-z0-9./_-]+$/.test(url) ? url : null,
    pull: Number(number),
  };
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw usage(`expected ${name} in the environment`);
  return value;
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, 'USAGE', message);
}
