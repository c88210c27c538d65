import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommitId, RepoPath } from '../../core/model/index.ts';
import { type Objects, openObjects } from './objects.ts';
import { gitRunner } from './run.ts';
import { openTrees } from './trees.ts';

// Trees of a real repository, so large that not all of them are kept.

const FOLDERS = 10;
/** Some 40 bytes each: a tree of about a mebibyte. */
const FILES_EACH = 25_000;

let dir = '';
let commit = '' as CommitId;
const git = (args: readonly string[], input = ''): string =>
  execFileSync('git', [...args], { cwd: dir, input, encoding: 'utf8', maxBuffer: 1 << 26 }).trim();

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-trees-'));
  git(['init', '-q', '-b', 'main']);
  const blob = git(['hash-object', '-w', '--stdin'], 'a: 1\n');
  const folders = Array.from({ length: FOLDERS }, (_, folder) => {
    const files = Array.from(
      { length: FILES_EACH },
      (_, file) => `100644 blob ${blob}\tf${folder}-${file + 100_000}.yaml`,
    );
    return `040000 tree ${git(['mktree'], files.join('\n'))}\tfolder-${folder}`;
  });
  const tree = git(['mktree'], folders.join('\n'));
  const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@acme.example'];
  commit = git([...who, 'commit-tree', tree, '-m', 'a commit']) as CommitId;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Git's objects, with the names of the trees that were asked for. */
function watched(): { readonly objects: Objects; readonly asked: string[] } {
  const objects = openObjects(dir, { processes: 0, blobsRead: 0 });
  const asked: string[] = [];
  const trees: Objects['trees'] = (names) => {
    asked.push(...names);
    return objects.trees(names);
  };
  return { objects: { ...objects, trees }, asked };
}

it('keeps the trees that were looked at last, up to a bound, and reads one again that it let go', async () => {
  const { objects, asked } = watched();
  const trees = openTrees(objects, gitRunner(dir));
  const look = async (folder: number): Promise<number> => {
    const before = asked.length;
    const inside = await trees.inside(commit, `folder-${folder}` as RepoPath);
    expect(inside.entries.length).toBe(FILES_EACH);
    return asked.length - before;
  };
  expect(await look(0)).toBe(2);
  expect(await look(0)).toBe(0);
  for (let folder = 1; folder < FOLDERS; folder += 1) expect(await look(folder)).toBe(1);
  expect(await look(FOLDERS - 1)).toBe(0);
  // The top is looked at every time, so it is still there.
  expect(await look(0)).toBe(1);
});
