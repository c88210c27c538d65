import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fleetAt, ROOT, type TestFleet } from './fleet.testkit.ts';

// Plays check.yml step by step, with real git over two checkouts: the author's, where the change is made, and the
// runner's. Only npm is played: it notes how it was called and links the packages that are there.

let folder = '';
let author: TestFleet;
let base = '';

const own = (...args: readonly string[]): string =>
  execFileSync('git', [...args], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-base-'));
  const dir = join(folder, 'author');
  mkdirSync(dir);
  for (const path of own('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0')) {
    if (path !== '' && existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(dir, path), { recursive: true });
  }
  author = fleetAt(dir);
  author.git('init', '-q', '-b', 'main');
  author.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  base = author.commit('base');
  writeFileSync(join(folder, 'npm'), NPM);
  chmodSync(join(folder, 'npm'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NPM = `#!/bin/sh
echo "$PWD $*" >> "$NPM_LOG"
ln -sfn "${join(ROOT, 'node_modules')}" node_modules
`;

type Context = Readonly<Record<string, string>>;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** `${{ a || b }}` over the few names that check.yml uses; any other name fails the test. */
function evaluated(text: string, context: Context): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_all, expression: string) => {
    const values = expression.split('||').map((name) => {
      const value = context[name.trim()];
      if (value === undefined) throw new Error(`expected a known name, found ${name.trim()}`);
      return value;
    });
    return values.find((value) => value !== '') ?? '';
  });
}

interface Played {
  readonly last: SpawnSyncReturns<string>;
  readonly work: string;
  readonly report: string;
  readonly npm: readonly string[];
}

function play(event: Context): Played {
  const [work, temp] = [join(folder, 'work'), join(folder, 'temp')];
  for (const path of [temp, join(folder, 'npm.log')]) rmSync(path, { recursive: true, force: true });
  mkdirSync(temp);
  const { env, steps } = parse(author.git('show', `${base}:.github/workflows/check.yml`)).jobs.check as {
    readonly env: Readonly<Record<string, string>>;
    readonly steps: readonly Step[];
  };
  const context: Context = { 'runner.temp': temp, 'github.token': 'a-token', 'github.sha': '', ...EMPTY, ...event };
  const values = (of: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(of).map(([name, text]) => [name, evaluated(text, context)]));
  let last: SpawnSyncReturns<string> | undefined;
  for (const step of steps) {
    if (step.uses?.startsWith('actions/checkout@')) checkOut(work, evaluated(String(step.with?.['ref']), context));
    if (step.run === undefined) continue;
    const environment = {
      PATH: [folder, process.env['PATH']].join(delimiter),
      HOME: temp,
      CI: '1',
      NPM_LOG: join(folder, 'npm.log'),
      RUNNER_TEMP: temp,
      GITHUB_SERVER_URL: 'https://github.com',
      ...values(env),
      ...values(step.env),
    };
    last = spawnSync('bash', ['-e', '-c', step.run], {
      cwd: work,
      env: environment,
      encoding: 'utf8',
      timeout: 90_000,
    });
    if (last.status !== 0) break;
  }
  if (last === undefined) throw new Error('expected steps');
  return {
    last,
    work,
    report: join(temp, 'report'),
    npm: readFileSync(join(folder, 'npm.log'), 'utf8').trim().split('\n'),
  };
}

const EMPTY: Context = {
  'github.event.merge_group.base_sha': '',
  'github.event.merge_group.head_sha': '',
  'github.event.pull_request.head.sha': '',
};

/** What actions/checkout leaves: one commit checked out, and the way to origin. */
function checkOut(work: string, ref: string): void {
  if (!existsSync(work)) execFileSync('git', ['clone', '-q', '--no-checkout', `file://${author.dir}`, work]);
  execFileSync('git', ['checkout', '-q', '--detach', ref], { cwd: work });
}

const asPullRequest = (head: string): Context => ({ 'github.sha': base, 'github.event.pull_request.head.sha': head });
/** In a merge queue github.sha is the queue's own commit, which holds the change. */
const asMergeGroup = (head: string): Context => ({
  'github.sha': head,
  'github.event.merge_group.base_sha': base,
  'github.event.merge_group.head_sha': head,
});

const MARK = 'this-ran';
const touch = (): string => `touch "${join(folder, MARK)}"`;

/** Everything that a change may try in its own favour. */
const TRICKS: readonly (readonly [string, () => void])[] = [
  [
    'the rules',
    () =>
      author.write(
        'src/core/validate/rules/generated-stale.ts',
        'export type GeneratedFacts = { org: never };\nexport const generatedStale = () => [];\n',
      ),
  ],
  ['the command', () => author.write('scripts/tenantry', `#!/bin/sh\n${touch()}\nexit 0\n`)],
  [
    'package.json',
    () =>
      author.write('package.json', JSON.stringify({ scripts: { preinstall: touch(), postinstall: touch() }, bin: {} })),
  ],
  [
    'the lockfile',
    () =>
      author.write(
        'package-lock.json',
        '{"lockfileVersion":3,"packages":{"node_modules/evil":{"version":"1.0.0","hasInstallScript":true}}}',
      ),
  ],
  [
    'the workflow',
    () =>
      author.write(
        '.github/workflows/check.yml',
        `on: pull_request_target\njobs: { check: { steps: [{ run: '${MARK}' }] } }\n`,
      ),
  ],
  ['git itself', () => author.write('.gitattributes', '* filter=evil diff=evil\n')],
  [
    'settings of npm and git',
    () => {
      author.write('.npmrc', 'ignore-scripts=false\n');
      author.write('.gitmodules', '[submodule "x"]\n  path = x\n  url = ext::sh -c touch%20x\n');
    },
  ],
  ['the fleet', () => author.edit('fleet.yaml', 'renderVersion: 1', 'renderVersion: 1 # the same')],
];

describe.each([
  ['pull_request_target', asPullRequest],
  ['merge_group', asMergeGroup],
] as const)('on %s', (_event, contextOf) => {
  beforeEach(() => {
    author.git('checkout', '-q', '-f', '--detach', base);
    author.git('clean', '-qfdx');
  });

  it('a change that edits its own judges is judged by those of the base', () => {
    author.edit('orgs/acme/org.yaml', "limit: '400.00'", "limit: '999.00'");
    for (const [, trick] of TRICKS) trick();
    const head = author.commit('in my own favour');
    const { last, work, report, npm } = play(contextOf(head));
    expect(last, last.stderr).toMatchObject({ status: 1 });
    const { findings } = JSON.parse(readFileSync(join(report, 'check.json'), 'utf8'));
    expect(findings.map((item: { code: string }) => item.code)).toContain('GENERATED_STALE');
    expect(JSON.parse(readFileSync(join(report, 'pr.json'), 'utf8')).platform).toEqual(
      expect.arrayContaining(['framework', 'workflows']),
    );
    const git = (...args: readonly string[]): string =>
      execFileSync('git', [...args], { cwd: work, encoding: 'utf8' }).trim();
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain', '--untracked-files=no')]).toEqual([base, '']);
    expect(npm).toEqual([`${work} ci --ignore-scripts --no-audit --no-fund`]);
    expect(existsSync(join(folder, MARK)) || existsSync(join(work, MARK))).toBe(false);
  });

  it('a change that keeps the rules passes', () => {
    author.write('docs/words.md', 'words\n');
    const head = author.commit('words');
    const { last, report } = play(contextOf(head));
    expect(last, last.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(join(report, 'check.json'), 'utf8')).ok).toBe(true);
  });
});
