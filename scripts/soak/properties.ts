// Tries every property with cases that `npm test` never draws: another seed each time, and many times as many cases.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const TIMES = 20;
const FOLDERS = '{src,gateway,scripts,cases}';

/** Files that state properties; tests reach those of a test kit by importing it. */
const propertyFiles = (): readonly string[] =>
  globSync(`${FOLDERS}/**/*.{test,testkit}.ts`, { cwd: ROOT })
    .filter((file) => /^import .* from 'fast-check';$/m.test(readFileSync(join(ROOT, file), 'utf8')))
    .sort();

const run = async (options: SoakOptions): Promise<SoakResult> => {
  const files = propertyFiles().filter((file) => options.only === undefined || file.includes(options.only));
  if (files.length === 0) return { ok: false, table: 'Expected files with properties, found none.\n' };
  const times = options.runs ?? TIMES;
  const args = ['related', '--run', '--config', 'scripts/soak/properties/vitest.config.ts', ...files];
  const env = {
    ...process.env,
    TENANTRY_PROPERTY_SEED: `${options.seed}`,
    TENANTRY_PROPERTY_TIMES: `${times}`,
  };
  // Progress and counterexamples go where progress goes.
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const [code] = await once(child, 'exit');
  const table = alignedTable([
    ['seed', 'times the cases', 'files', 'outcome'],
    [
      `${options.seed}`,
      `${times}`,
      `${files.length}`,
      code === 0 ? 'every property holds' : `vitest ended with ${code}`,
    ],
  ]);
  return { ok: code === 0, table };
};

export const properties: Soak = {
  name: 'properties',
  title: 'every property holds for cases that nobody drew yet',
  run,
};
