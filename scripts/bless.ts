// `npm run bless [-- <test files>]`: writes the expected text that tests compare with (generated docs and the `expected`
// folders of golden cases) from what the code does now. Look at the diff: what is blessed is what is claimed.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['src', 'gateway', 'cases', 'scripts'];
/** A test that can write what it expects asks for this variable. */
const VARIABLE = 'UPDATE_DOCS';

const blessable = (): readonly string[] =>
  FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'utf8').includes(VARIABLE));

const given = process.argv.slice(2);
const files = given.length > 0 ? given : blessable();
if (files.length === 0) {
  process.stderr.write(`Nothing to bless: no test asks for ${VARIABLE}.\n`);
} else {
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...files];
  const done = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, [VARIABLE]: '1' },
  });
  const changed = spawnSync('git', ['status', '--short', '--', 'docs', 'cases'], { cwd: ROOT, encoding: 'utf8' });
  process.stdout.write(changed.stdout === '' ? 'Nothing changed.\n' : `Look at what changed:\n${changed.stdout}`);
  process.exitCode = done.status ?? 1;
}
