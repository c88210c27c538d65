import fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { RepoPath } from '../../core/model/index.ts';
import type { WriteTree } from '../../ports/index.ts';
import { GitError } from './process.ts';

/**
 * Writes manifests into a work tree: every new text is written and fsynced beside its place first, and only when all
 * of them stand are they renamed; so a full disk or a refused path leaves the tree as it was.
 */
export function openWriteTree(dir: string): WriteTree {
  return {
    async write(files) {
      const staged: Staged[] = [];
      const made: string[] = [];
      try {
        for (const [path, text] of files) {
          await assertOwnFolders(dir, path);
          await assertNoFolder(dir, path);
          if (text === null) continue;
          const final = join(dir, path);
          const first = await fs.promises.mkdir(dirname(final), { recursive: true });
          if (first !== undefined) made.push(first);
          const item = { temporary: `${final}.${crypto.randomUUID()}.tenantry-new`, final };
          staged.push(item);
          await writeDurably(item.temporary, text);
        }
      } catch (cause) {
        // What cannot be removed either keeps nothing else.
        await Promise.allSettled(staged.map(({ temporary }) => fs.promises.rm(temporary, { force: true })));
        await Promise.allSettled(made.map((folder) => fs.promises.rm(folder, { recursive: true, force: true })));
        throw cause;
      }
      for (const item of staged) await fs.promises.rename(item.temporary, item.final);
      for (const [path, text] of files) {
        if (text === null) await removeFile(dir, path);
      }
    },
  };
}

/** A text beside its place. */
interface Staged {
  readonly temporary: string;
  readonly final: string;
}

async function writeDurably(temporary: string, text: string): Promise<void> {
  const file = await fs.promises.open(temporary, 'w', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Throws GIT_FAILED where the way to a file goes through a link: what it leads to may lie outside the repository. */
async function assertOwnFolders(dir: string, path: RepoPath): Promise<void> {
  const steps = dirname(path).split('/');
  for (let count = 1; count <= steps.length; count += 1) {
    const folder = steps.slice(0, count).join('/');
    const found = await fs.promises.lstat(join(dir, folder)).catch(() => null);
    if (found === null) return;
    if (found.isDirectory()) continue;
    throw new GitError('GIT_FAILED', `expected a folder at ${folder}, found a link or a file`);
  }
}

/** Throws GIT_FAILED where a folder stands in the place of a file: it holds what somebody may want to keep. */
async function assertNoFolder(dir: string, path: RepoPath): Promise<void> {
  const found = await fs.promises.lstat(join(dir, path)).catch(() => null);
  if (found?.isDirectory() === true)
    throw new GitError('GIT_FAILED', `expected a file or nothing at ${path}, found a folder; move it away`);
}

/** Removes a file and the folders that it leaves empty. */
async function removeFile(dir: string, path: RepoPath): Promise<void> {
  await fs.promises.rm(join(dir, path), { force: true });
  let folder = dirname(path);
  while (folder !== '.') {
    const emptied = await fs.promises.rmdir(join(dir, folder)).then(
      () => true,
      () => false,
    );
    if (!emptied) return;
    folder = dirname(folder);
  }
}
