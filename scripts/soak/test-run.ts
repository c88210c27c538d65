// Runs one test file at a size of its own: what `npm test` plays in small is the soak in full.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Run the test with these variables; gives how it ended and the JSON that it wrote to the path in `reportVariable`. */
export const runTest = async (
  file: string,
  sizes: Readonly<Record<string, string>>,
  reportVariable: string,
): Promise<{ readonly ok: boolean; readonly report: unknown }> => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-soak-'));
  const report = join(folder, 'report.json');
  try {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file], {
      cwd: ROOT,
      env: { ...process.env, ...sizes, [reportVariable]: report },
      stdio: ['ignore', process.stderr, process.stderr],
    });
    const [code] = await once(child, 'exit');
    return { ok: code === 0, report: JSON.parse(readFileSync(report, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
