import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit, type RepoPath, repoPath } from '../../core/model/index.ts';

const FOLDERS = ['templates', 'prices', '.github/workflows'];
const FILES = ['package.json'];

/** Templates, prices, workflows and package.json of the framework at `root`, by path. */
export async function readFramework(root: string): Promise<ReadonlyMap<RepoPath, string>> {
  const listed = await Promise.all(FOLDERS.map((folder) => filesBelow(root, folder)));
  const paths = [...listed.flat(), ...FILES].flatMap((path) => repoPath(path) ?? []).sort(byCodeUnit);
  const texts = await Promise.all(paths.map((path) => readFile(join(root, path), 'utf8')));
  return new Map(paths.map((path, index) => [path, texts[index] ?? ''] as const));
}

async function filesBelow(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(root, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}
