import { readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, type TestFleet } from './fleet.testkit.ts';

// `check` as a whole process, where it may remember: outside of CI, on the real clock.

const LOCAL = { CI: undefined };
const IN_CI = { CI: '1' };
const ORG = 'orgs/alder/org.yaml';
const SETTLED_MS = 2_500;

let fleet: TestFleet;
beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  // What changed a moment ago is not sealed.
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
});
afterAll(() => fleet.destroy());

interface Checked {
  readonly status: number | null;
  readonly codes: readonly string[];
  readonly counters: { readonly orgs: number; readonly orgsFromCache: number; readonly documentsParsed: number };
}

function check(env: NodeJS.ProcessEnv, ...args: readonly string[]): Checked {
  const { status, stdout, stderr } = fleet.run(['check', '-C', fleet.dir, '--format', 'json', ...args], { env });
  if (stdout === '') throw new Error(`expected a report, found: ${stderr}`);
  const { findings, counters } = JSON.parse(stdout);
  return { status, counters, codes: findings.map(({ code }: { readonly code: string }) => code) };
}

const answerOf = ({ status, codes }: Checked): object => ({ status, codes });
const isSealed = (): boolean =>
  /^last .*"seal":\{/m.test(readFileSync(join(fleet.dir, '.tenantry/cache/check'), 'utf8'));

describe('a check that remembers', () => {
  it('reads nothing the second time, and answers the same', () => {
    const first = check(LOCAL);
    expect(first.counters).toMatchObject({ orgs: 3, orgsFromCache: 0 });
    expect(isSealed()).toBe(true);
    const second = check(LOCAL);
    expect(second.counters).toMatchObject({ orgs: 3, orgsFromCache: 3, documentsParsed: 0 });
    expect(answerOf(second)).toEqual(answerOf(first));
  });

  it('leaves the seal to the next check where a change was checked, and reads nothing then', async () => {
    const path = join(fleet.dir, ORG);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, `${before}# a comment\n`);
    fleet.commit('a comment');
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    expect(check(LOCAL).counters).toMatchObject({ orgsFromCache: 2 });
    expect(isSealed()).toBe(false);
    expect(check(LOCAL).counters).toMatchObject({ orgsFromCache: 3, documentsParsed: 0 });
    expect(isSealed()).toBe(true);
  });

  it('loads no part of Node that only other commands need: their loading would be most of what it costs', () => {
    check(LOCAL);
    const loaded = join(fleet.dir, '.tenantry/loaded');
    const note = `process.on('exit', () => process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join('\\n')))`;
    const env = { ...LOCAL, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(note)}` };
    expect(check(env).counters).toMatchObject({ orgsFromCache: 3 });
    const modules = readFileSync(loaded, 'utf8');
    expect(modules).toContain('NativeModule child_process\n');
    expect(modules).not.toMatch(/NativeModule (crypto|https?|http2|sqlite|tls|worker_threads|zlib)\n/);
  });

  it('is no help in CI or without the cache: everything is read, to the same answer', () => {
    const remembered = check(LOCAL);
    expect(remembered.counters.orgsFromCache).toBe(3);
    for (const cold of [check(IN_CI), check(LOCAL, '--no-cache')]) {
      expect(cold.counters).toMatchObject({ orgs: 3, orgsFromCache: 0 });
      expect(cold.counters.documentsParsed).toBeGreaterThan(0);
      expect(answerOf(cold)).toEqual(answerOf(remembered));
    }
  });

  it('sees an edit of the same length with the old times put back, and forgets it when it is undone', () => {
    check(LOCAL);
    const path = join(fleet.dir, ORG);
    const before = readFileSync(path, 'utf8');
    const { atime, mtime } = statSync(path);
    writeFileSync(path, before.replace('kind: Organization', 'kind: Organisation'));
    utimesSync(path, atime, mtime);
    const edited = check(LOCAL);
    expect(edited.status).toBe(1);
    expect(edited.counters.orgsFromCache).toBe(2);
    expect(answerOf(check(IN_CI))).toEqual(answerOf(edited));
    writeFileSync(path, before);
    expect(check(LOCAL).status).toBe(0);
  });

  it('sees a new file in a new folder', () => {
    check(LOCAL);
    const path = join(fleet.dir, 'orgs/Not A Name');
    fleet.write('orgs/Not A Name/org.yaml', 'a: 1\n');
    try {
      expect(check(LOCAL).codes).toContain('ORG_NAME');
    } finally {
      rmSync(path, { recursive: true });
    }
    expect(check(LOCAL).status).toBe(0);
  });

  it('still answers when what it remembers is torn', () => {
    for (const file of ['check', 'folders', 'orgs']) {
      check(LOCAL);
      truncateSync(join(fleet.dir, '.tenantry/cache', file), 100);
      expect(check(LOCAL).status).toBe(0);
    }
  });
});
