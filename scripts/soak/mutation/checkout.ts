// A copy of the checkout to change files in: the tree that the person works in is only read.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const TEST_LIMIT_MS = 10 * 60_000;

export interface Checkout {
  readonly read: (file: string) => string;
  readonly write: (file: string, text: string) => void;
  /** Do these tests pass? `paths` are vitest's filters, or the source files of `related`. */
  readonly passes: (mode: 'run' | 'related', paths: readonly string[]) => boolean;
  readonly remove: () => void;
}

const listedFiles = (): readonly string[] => {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) throw new Error(`Expected git to list the files, found: ${listed.stderr}`);
  return listed.stdout.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
};

/** Copy what git knows or would add; packages are shared by a link. */
export const copyCheckout = (): Checkout => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-mutation-'));
  for (const file of listedFiles()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(folder, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    write: (file, text) => writeFileSync(join(folder, file), text),
    passes: (mode, paths) => {
      const args = ['node_modules/vitest/vitest.mjs', mode, '--run', '--bail=1', '--reporter=dot', ...paths];
      const ended = spawnSync(process.execPath, args, { cwd: folder, stdio: 'ignore', timeout: TEST_LIMIT_MS });
      return ended.status === 0;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
