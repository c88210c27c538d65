// A copy of the checkout to change files in: the tree that the person works in is only read.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
const RELATED_LIMIT_MS = 10 * 60_000;

export interface Checkout {
  readonly read: (file: string) => string;
  readonly write: (file: string, text: string) => void;
  readonly folder: string;
  /** Does every test that imports this file, over however many others, pass? Slow: a vitest of its own. */
  readonly passesRelated: (file: string) => Promise<boolean>;
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
    folder,
    passesRelated: async (file) => {
      const args = ['node_modules/vitest/vitest.mjs', 'related', '--run', '--bail=1', '--reporter=dot', file];
      const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', timeout: RELATED_LIMIT_MS });
      const [code] = await once(child, 'exit');
      return code === 0;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
