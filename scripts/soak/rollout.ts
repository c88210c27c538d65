// The tests of roll-out by acknowledgement at full size: 200 gateways, and a controller that dies at every write.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Soak, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILES = ['cases/rollout.test.ts', 'cases/rollout-crash.test.ts'];

const run = async (): Promise<SoakResult> => {
  const env = {
    ...process.env,
    TENANTRY_ROLLOUT_GATEWAYS: '20',
    TENANTRY_ROLLOUT_ENVIRONMENTS: '10',
    TENANTRY_ROLLOUT_STRIDE: '1',
  };
  // Progress and failures go where progress goes.
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...FILES], {
    cwd: ROOT,
    env,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const [code] = await once(child, 'exit');
  const table = alignedTable([
    ['gateways', 'kill points', 'outcome'],
    ['200', 'every one', code === 0 ? 'stopped in the first ring each time' : `vitest ended with ${code}`],
  ]);
  return { ok: code === 0, table };
};

export const rollout: Soak = {
  name: 'rollout',
  title: 'bad changes stop in the first ring of 200 gateways, and a controller may die at every write',
  run,
};
