import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commitId, instantText } from '../src/core/model/index.ts';
import { proveAnswer } from './answers.testkit.ts';
import { buildCli, createFleet, runCli, runCliBeside, type TestFleet } from './fleet.testkit.ts';
import { BOT, type Forged, OWNER, REPOSITORY, startForge } from './forge.testkit.ts';

// `tenantry pr check` and `pr comment` as the workflows call them: the first over git alone, the second over the files
// that the first wrote, in front of a forge.

let fleet: TestFleet;
let base = '';
let folder = '';

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  base = fleet.head();
});
afterAll(() => fleet.destroy());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-pr-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  fleet.git('checkout', '-q', '-f', 'main');
  fleet.git('clean', '-qfd');
});

const out = (name: string): string => readFileSync(join(folder, name), 'utf8');
const json = (name: string) => JSON.parse(out(name));

/** A commit on a branch of its own, and main checked out again: what `edit` did is only in git's objects. */
async function branch(edit: () => void, how: { readonly render?: boolean } = {}): Promise<string> {
  fleet.git('checkout', '-q', '--detach', base);
  edit();
  if (how.render !== false) await fleet.render();
  const head = fleet.commit('change');
  fleet.git('checkout', '-q', '-f', 'main');
  return head;
}

const check = (
  head: string,
  how: { readonly dir?: string; readonly env?: NodeJS.ProcessEnv; readonly from?: string } = {},
) =>
  runCli(
    ['pr', 'check', '--base', how.from ?? base, '--head', head, '--out', folder, '-C', how.dir ?? fleet.dir],
    how.env === undefined ? {} : { env: how.env },
  );

describe('pr check', () => {
  it('judges a head that is not checked out, and writes what other jobs need', async () => {
    const head = await branch(() => fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '140.00'"));
    const summary = join(folder, 'step.md');
    const ran = check(head, { env: { GITHUB_STEP_SUMMARY: summary } });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/limit 100\.00 -> 140\.00/);
    expect(json('check.json')).toMatchObject({ schema: 'tenantry/check/v1', ok: true });
    expect(json('diff.json')).toMatchObject({ schema: 'tenantry/diff/v1', base, head, orgs: [{ org: 'alder' }] });
    expect(json('pr.json')).toEqual({ schema: 'tenantry/pr/v1', orgs: ['alder'], platform: [], notes: [] });
    expect(out('junit.xml')).toMatch(/^<\?xml/);
    expect(json('check.sarif')).toMatchObject({ version: '2.1.0' });
    expect(readFileSync(summary, 'utf8')).toBe(out('summary.md'));
    expect(out('summary.md')).toMatch(/limit 100\.00 -> 140\.00/);
  });

  it('answers in the published shape', async () => {
    const head = await branch(() => {
      fleet.edit('fleet.yaml', 'displayName: Test fleet', 'displayName: Other');
      fleet.write('templates/msp-standard/1.0.0/notes.md', 'x');
      fleet.write('src/own.ts', 'x');
      fleet.write('.github/workflows/check.yml', 'x');
      fleet.write('orgs/alder/waivers/one.yaml', 'x');
    });
    const ran = runCli([
      'pr',
      'check',
      '--base',
      base,
      '--head',
      head,
      '--out',
      folder,
      '-C',
      fleet.dir,
      '--format',
      'json',
    ]);
    expect(JSON.parse(ran.stdout)).toEqual(json('pr.json'));
    for (const name of ['check.json', 'diff.json', 'pr.json']) proveAnswer(out(name), name);
    expect(json('pr.json').platform).toEqual(
      expect.arrayContaining(['fleet.yaml', 'framework', 'templates', 'waivers', 'workflows']),
    );
  });

  it('refuses a head whose generated manifests are stale, at the line', async () => {
    const head = await branch(() => fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '140.00'"), {
      render: false,
    });
    expect(check(head).status).toBe(1);
    expect(json('check.json')).toMatchObject({ ok: false, findings: [{ code: 'GENERATED_STALE' }] });
  });

  it('measures from where the branch began, and says that the base went on', async () => {
    const head = await branch(() => fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '140.00'"));
    const later = await branch(() => fleet.edit('orgs/birch/org.yaml', "limit: '100.00'", "limit: '90.00'"));
    const ran = check(head, { from: later });
    expect([ran.status, json('pr.json').orgs]).toEqual([0, ['alder']]);
    expect(json('pr.json').notes).toEqual([expect.stringContaining('ahead of this change')]);
  });

  it('does not let a change bring its own exception', async () => {
    const far = instantText(Date.now() + 700 * 86_400_000);
    const waiver = (code: string) =>
      [
        'apiVersion: tenantry/v1',
        'kind: Waiver',
        'metadata: { org: alder, name: far }',
        `spec: { code: ${code}, object: Token/app, found: ['${far}'], owner: '@msp/operators', approvers: ['@msp/platform'], reason: agreed with the customer, expires: '${instantText(Date.now() + 30 * 86_400_000)}' }`,
        '',
      ].join('\n');
    const lengthen = (): void => {
      const text = fleet.read('orgs/alder/org.yaml');
      fleet.write('orgs/alder/org.yaml', text.replace(/tokensExpire: '[^']+'/, `tokensExpire: '${far}'`));
    };
    const both = await branch(() => {
      lengthen();
      fleet.write('orgs/alder/waivers/far.yaml', waiver('TOKEN_EXPIRES_FAR'));
    });
    expect(check(both).status).toBe(1);
    const found = json('check.json').findings.filter((item: { code: string }) => item.code === 'TOKEN_EXPIRES_FAR');
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((item: { waived?: object }) => item.waived === undefined)).toBe(true);
    expect(JSON.stringify(found)).toContain('came with this change');
  });

  it('says what to fetch in a shallow clone', async () => {
    const head = await branch(() => fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '140.00'"));
    fleet.git('branch', '-f', 'topic', head);
    const clone = join(folder, 'clone');
    fleet.git('clone', '-q', '--depth=1', '--branch=topic', `file://${fleet.dir}`, clone);
    const absent = check('HEAD', { dir: clone });
    expect([absent.status, absent.stderr]).toEqual([
      69,
      expect.stringMatching(/GIT_HISTORY_MISSING.*git fetch --unshallow/),
    ]);
    fleet.git('-C', clone, 'fetch', '-q', '--depth=1', 'origin', 'main');
    const apart = check('HEAD', { dir: clone, from: 'FETCH_HEAD' });
    expect([apart.status, apart.stderr]).toEqual([
      69,
      expect.stringMatching(/GIT_HISTORY_MISSING.*git fetch --unshallow/),
    ]);
  });
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe('pr comment', () => {
  let forged: Forged;
  let head = '';

  beforeEach(async () => {
    forged = await startForge();
    forged.fake.state.collaborators.push('platform', 'operators', 'otto');
    head = await branch(() => fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '140.00'"));
    check(head);
    forged.pull.head = head;
  });
  afterEach(async () => {
    await forged.fake.close();
    expect(forged.fake.violations).toEqual([]);
  });

  const event = (run: object = {}): string => {
    const path = join(folder, 'event.json');
    const usual = {
      id: 31,
      run_attempt: 1,
      event: 'pull_request_target',
      conclusion: 'success',
      // As GitHub says it of a run of pull_request_target: the base, and nothing of a fork.
      head_sha: base,
      head_branch: 'main',
      display_title: `check 7 ${head}`,
      html_url: 'https://github.com/northlight/fleet/actions/runs/31',
      pull_requests: [],
    };
    writeFileSync(path, JSON.stringify({ action: 'completed', workflow_run: { ...usual, ...run } }));
    return path;
  };

  /** Beside this process, because this process is the forge. */
  const comment = async (run: object = {}, args: readonly string[] = []): Promise<Ended> => {
    const line = ['pr', 'comment', '--in', folder, '-C', fleet.dir, '--format', 'json', ...args];
    const { status, stdout, stderr } = await runCliBeside(line, {
      env: {
        GITHUB_REPOSITORY: `${OWNER}/${REPOSITORY}`,
        GITHUB_API_URL: forged.fake.url,
        GITHUB_TOKEN: 'bot-token',
        GITHUB_EVENT_PATH: event(run),
        TENANTRY_FORGE_SECOND_MS: '2',
      },
    });
    return { status, out: stdout, err: stderr };
  };

  const ours = () => forged.fake.state.comments.filter(({ user }) => user === BOT);

  it('tells of drift in issues, one for each org, as long as it drifts', async () => {
    const file = join(folder, 'drift.json');
    const tell = async (org: string, away: readonly string[] = []): Promise<unknown> => {
      const unseen = away.length === 0 ? [] : [{ code: 'PUBLISH_UNREACHABLE', message: 'no answer', orgs: away }];
      const drifts = org === '' ? [] : [{ where: 'published', org, words: 'other bytes are out' }];
      const done = { healed: [], adopted: [], notAdopted: [], written: [] };
      const report = { schema: 'tenantry/drift/v1', applied: 1, drifts, unseen, ...done, left: drifts };
      writeFileSync(file, JSON.stringify(report));
      proveAnswer(JSON.stringify(report), file);
      const ran = await runCliBeside(['forge', 'drift', '--in', file, '-C', fleet.dir, '--format', 'json'], {
        env: {
          GITHUB_REPOSITORY: `${OWNER}/${REPOSITORY}`,
          GITHUB_API_URL: forged.fake.url,
          GITHUB_TOKEN: 'bot-token',
          TENANTRY_FORGE_SECOND_MS: '2',
        },
      });
      const words =
        'warning published files of alder and 1 more could not be looked at: PUBLISH_UNREACHABLE: no answer\n';
      expect([ran.stderr, ran.status]).toEqual(away.length === 0 ? ['', 0] : [words, 69]);
      return JSON.parse(ran.stdout).issues;
    };
    expect(await tell('alder')).toMatchObject([{ org: 'alder', did: 'opened' }]);
    expect(await tell('alder')).toMatchObject([{ org: 'alder', did: 'unchanged' }]);
    // Of neither is it known whether it drifts: no issue is opened for one, nor closed of the other.
    expect(await tell('', ['alder', 'birch'])).toEqual([]);
    expect(await tell('')).toMatchObject([{ org: 'alder', did: 'closed' }]);
    expect(await tell('')).toEqual([]);
  });

  it('tells the pull request once, however often it runs', async () => {
    const first = await comment({}, ['--sarif']);
    expect([first.status, JSON.parse(first.out)]).toMatchObject([0, { pull: 7, comment: { did: 'created' } }]);
    const again = await comment({ id: 32 }, ['--sarif']);
    expect(JSON.parse(again.out)).toMatchObject({ comment: { did: 'unchanged' }, check: 'unchanged' });
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.body).toContain('limit 100.00 -&gt; 140.00'.replace('&gt;', '>'));
    expect(forged.fake.state.checks).toMatchObject([{ head_sha: head, conclusion: 'success' }]);
    expect(forged.pull.labels).toEqual(['tenantry/one-org']);
    expect([forged.pull.reviewers, forged.pull.teams]).toEqual([[], []]);
    expect(forged.fake.state.sarifs[0]).toMatchObject({ commit_sha: head, ref: 'refs/pull/7/head' });
  });

  it('does nothing for a head that moved on, a closed pull request, or a run that the change could have written', async () => {
    const nothing = async (run: object): Promise<unknown> => JSON.parse((await comment(run)).out).pull;
    expect(await nothing({ display_title: `check 7 ${base}` })).toBeNull();
    expect(await nothing({ display_title: `check 8 ${head}` })).toBeNull();
    expect(await nothing({ display_title: 'A friendly change' })).toBeNull();
    expect(await nothing({ event: 'pull_request' })).toBeNull();
    forged.pull.state = 'closed';
    expect(await nothing({})).toBeNull();
    expect(forged.fake.seen.filter(({ operation }) => /create|update|add|request-/.test(operation))).toEqual([]);
  });

  it.each([
    ['huge', () => writeFileSync(join(folder, 'diff.json'), Buffer.alloc(33 * 1024 * 1024, 32))],
    ['no JSON', () => writeFileSync(join(folder, 'diff.json'), '{"schema":')],
    ['nested without end', () => writeFileSync(join(folder, 'diff.json'), '['.repeat(200_000))],
    ['no UTF-8', () => writeFileSync(join(folder, 'diff.json'), Buffer.from([0xff, 0xfe, 0x00]))],
    [
      'a link to a secret',
      () => {
        rmSync(join(folder, 'diff.json'));
        symlinkSync('/etc/hostname', join(folder, 'diff.json'));
      },
    ],
    [
      'a folder',
      () => {
        rmSync(join(folder, 'diff.json'));
        mkdirSync(join(folder, 'diff.json'));
      },
    ],
    [
      'another field',
      () => writeFileSync(join(folder, 'diff.json'), JSON.stringify({ ...json('diff.json'), pull: 8, head_sha: base })),
    ],
    [
      'a prototype',
      () => writeFileSync(join(folder, 'diff.json'), out('diff.json').replace('{', '{"__proto__":{"polluted":1},')),
    ],
  ])('fails, says so and asks nobody wrongly when an artefact is %s', async (_what, spoil) => {
    spoil();
    const ran = await comment();
    expect([ran.status, JSON.parse(ran.out)]).toMatchObject([1, { pull: 7 }]);
    expect(ours()[0]?.body).toContain('The report of the check is not whole: diff.json');
    expect(forged.fake.state.checks).toMatchObject([{ conclusion: 'failure' }]);
  });

  it('takes number and commit from the event, and shows texts of artefacts as texts', async () => {
    const other = { ...forged.pull, number: 8, branch: 'other', labels: [], head: commitId('d'.repeat(40)) ?? '' };
    forged.fake.state.pulls.push(other);
    const hostile =
      '@northlight/platform <!-- tenantry:comment fleet 99 --> ![x](https://evil.example/x.png) `</details>`';
    const diff = json('diff.json');
    diff.orgs[0].changes[0].fields[0].words = hostile;
    diff.head = other.head;
    writeFileSync(join(folder, 'diff.json'), JSON.stringify(diff));
    writeFileSync(join(folder, 'pr.json'), JSON.stringify({ ...json('pr.json'), notes: [hostile] }));
    expect((await comment()).status).toBe(0);
    const body = ours()[0]?.body ?? '';
    expect(ours().map(({ issue }) => issue)).toEqual([7]);
    const outside = body
      .split('\n')
      .slice(1)
      .join('\n')
      .replace(/(`+)[^`].*?\1/g, '');
    for (const markup of ['@northlight', '![x]', 'https://evil']) expect(outside).not.toContain(markup);
    expect(outside.replaceAll('<!-- -->', '')).not.toContain('<!--');
    expect(other.labels).toEqual([]);
  });

  it('asks owners of the base only, whoever an artefact names', async () => {
    fleet.edit('orgs/alder/org.yaml', "owners: ['@msp/operators']", "owners: ['@otto']");
    writeFileSync(join(folder, 'pr.json'), JSON.stringify({ ...json('pr.json'), orgs: ['alder', 'nobody'] }));
    const ran = await comment();
    expect([forged.pull.reviewers, ran.err]).toEqual([['otto'], expect.stringContaining('@msp/platform')]);
  });

  it('uses exit code 69 when the forge stays away, and 64 without a token', async () => {
    forged.fake.fail({ kind: 'broken', times: 1000 });
    const away = await comment();
    expect([away.status, away.err]).toEqual([69, expect.stringContaining('FORGE_UNAVAILABLE')]);
    const bare = runCli(['pr', 'comment', '--in', folder, '-C', fleet.dir, '--pull', '7', '--head', head], {
      env: { GITHUB_REPOSITORY: 'a/b', GITHUB_TOKEN: '' },
    });
    expect([bare.status, bare.stderr]).toEqual([64, expect.stringContaining('GITHUB_TOKEN')]);
  });
});
