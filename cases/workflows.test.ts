import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { workflowFaults, writesOf } from '../scripts/forge/index.ts';
import { ROOT } from './fleet.testkit.ts';

// The workflows of this repository, which `tenantry init` hands out too. What a text cannot show is played in
// judged-by-the-base.test.ts.

const FOLDER = join(ROOT, '.github/workflows');
const names = readdirSync(FOLDER).sort();
const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

describe('the workflows', () => {
  it.each(names)('%s keeps every rule', (name) => {
    expect(workflowFaults(text(name))).toEqual([]);
  });

  it('may do these things and no others', () => {
    expect(names.map((name) => [name, writesOf(text(name))])).toEqual([
      ['check.yml', []],
      [
        'comment.yml',
        [
          'comment: actions read',
          'comment: checks write',
          'comment: pull-requests write',
          'comment: security-events write',
        ],
      ],
      ['drift.yml', ['drift: issues write']],
      ['reconcile.yml', ['tell: id-token write']],
      ['test.yml', []],
    ]);
  });

  it('are started by these events', () => {
    expect(names.map((name) => [name, Object.keys(parse(text(name)).on)])).toEqual([
      ['check.yml', ['pull_request_target', 'merge_group']],
      ['comment.yml', ['workflow_run']],
      ['drift.yml', ['schedule', 'workflow_dispatch']],
      ['reconcile.yml', ['push']],
      ['test.yml', ['pull_request', 'push']],
    ]);
  });

  it('comment.yml hears only of runs whose workflow the base wrote', () => {
    expect(text('comment.yml')).toContain("if: github.event.workflow_run.event == 'pull_request_target'");
    expect(parse(text('comment.yml')).on.workflow_run).toEqual({ workflows: ['check'], types: ['completed'] });
  });
});

describe('a workflow is refused', () => {
  const swap = (name: string, from: string | RegExp, to: string): string => {
    const edited = text(name).replace(from, () => to);
    expect(edited).not.toBe(text(name));
    return edited;
  };

  it.each([
    ['with more rights', () => swap('check.yml', 'contents: read', 'contents: write')],
    ['with all rights', () => swap('check.yml', /permissions:\n {2}contents: read/, 'permissions: write-all')],
    ['with an action by tag', () => swap('check.yml', /checkout@\S+ # v5\.0\.0/, 'checkout@v5')],
    [
      'with an action by a short digest',
      () => swap('check.yml', /checkout@\S+ # v5\.0\.0/, 'checkout@08c6903 # v5.0.0'),
    ],
    [
      'with the head pasted into a script',
      () => swap('check.yml', '"$HEAD" --out', '${{ github.event.pull_request.head.sha }} --out'),
    ],
    [
      'with the title of the change',
      () => swap('check.yml', 'TENANTRY: scripts/tenantry', 'TITLE: ${{ github.event.pull_request.title }}'),
    ],
    [
      'with the branch of the change',
      () => swap('check.yml', 'TENANTRY: scripts/tenantry', 'BRANCH: ${{ github.head_ref }}'),
    ],
    [
      'with the head checked out',
      () =>
        swap(
          'check.yml',
          'base_sha || github.sha }}\n          fetch-depth',
          'head_sha || github.sha }}\n          fetch-depth',
        ),
    ],
    ['with the pull request checked out', () => swap('check.yml', /ref: \S+ .*\n/, 'ref: refs/pull/1/merge\n')],
    ['with whatever the event checks out', () => swap('comment.yml', /ref: .*\n/, '')],
    [
      'with git checking the head out',
      () => swap('check.yml', 'git fetch --quiet', 'git checkout "$HEAD"; git fetch --quiet'),
    ],
    [
      'with credentials left behind',
      () => swap('check.yml', 'persist-credentials: false', 'persist-credentials: true'),
    ],
    ['with a secret', () => swap('check.yml', 'github.token', 'secrets.TENANTRY_STAFF_TOKEN')],
    ['with scripts of packages', () => swap('check.yml', 'npm ci --ignore-scripts', 'npm ci')],
    [
      'with packages beside the lockfile',
      () => swap('check.yml', 'npm ci --ignore-scripts', 'npm install --ignore-scripts'),
    ],
    ['with a shared cache', () => swap('check.yml', 'fetch-depth: 0', 'cache: npm')],
    ['without an end', () => swap('check.yml', 'timeout-minutes: 15', 'name: endless')],
  ])('%s', (_what, edited) => {
    expect(workflowFaults(edited())).not.toEqual([]);
  });
});
