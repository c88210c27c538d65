import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

describe('telling the controller of a merge', () => {
  const BODY = { token: '{"value":"identity"}', applied: '{"ok":true,"orgs":[]}', held: '{"ok":false,"orgs":[]}' };
  /** Runs the step as GitHub does, with a curl that gives what is said and a jq that knows these two questions. */
  const tell = (token: string, outcome: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'tenantry-tell-'));
    try {
      const tool = (name: string, script: string): void =>
        writeFileSync(join(dir, name), `#!/bin/sh\n${script}`, { mode: 0o755 });
      tool(
        'curl',
        `cat > /dev/null; case "$*" in *fleet/reconcile*) said="$OUTCOME" ;; *) said="$TOKEN_ANSWER" ;; esac\necho "$*" >> "$ASKED"; test -n "$said" && echo "$said"\n`,
      );
      tool('jq', 'case "$2" in .ok) grep -q \'"ok":true\' "$3" ;; *) grep -o identity ;; esac\n');
      const asked = join(dir, 'asked');
      const env = {
        ...{
          PATH: `${dir}:${process.env['PATH']}`,
          CONTROLLER: 'https://controller.example/',
          GITHUB_SHA: 'a'.repeat(40),
        },
        ...{ ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x', ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/?a=b' },
        ...{
          GITHUB_STEP_SUMMARY: join(dir, 'summary'),
          RUNNER_TEMP: dir,
          TOKEN_ANSWER: token,
          OUTCOME: outcome,
          ASKED: asked,
        },
      };
      const { jobs, defaults } = parse(text('reconcile.yml'));
      const flags = defaults.run.shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];
      const { status, stderr } = spawnSync('bash', [...flags, '-c', jobs.tell.steps[0].run], { env, encoding: 'utf8' });
      return { status, stderr, asked: readFileSync(asked, 'utf8') };
    } finally {
      rmSync(dir, { recursive: true });
    }
  };

  it('ends well only where everything is applied', () => {
    const applied = tell(BODY.token, BODY.applied);
    expect([applied.status, applied.stderr]).toEqual([0, '']);
    expect(applied.asked).toContain(' https://controller.example/api/v1/fleet/reconcile\n');
    expect(tell(BODY.token, BODY.held)).toMatchObject({ status: 1, stderr: expect.stringContaining('what is held') });
  });

  it('fails where nobody answers, the forge or the controller', () => {
    expect(tell('', BODY.applied)).toMatchObject({ status: 1, asked: expect.not.stringContaining('fleet/reconcile') });
    expect(tell(BODY.token, '').status).toBe(1);
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
    [
      'with a failure that a pipe hides',
      () => swap('reconcile.yml', '    shell: bash\n', '    working-directory: .\n'),
    ],
    ['without an end', () => swap('check.yml', 'timeout-minutes: 15', 'name: endless')],
  ])('%s', (_what, edited) => {
    expect(workflowFaults(edited())).not.toEqual([]);
  });
});
