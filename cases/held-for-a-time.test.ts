import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, ROOT, type TestFleet } from './fleet.testkit.ts';

// What holds a commit for a time alone: a controller applies it when that is over, without another commit, and says once that it
// was held.

const TIMEOUT_MS = 180_000;
const WAIT = { timeout: 90_000, interval: 100 };
const FREEZE_MS = 14_000;

let fleet: TestFleet;
let child: ChildProcess;
let said = '';

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  const line = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
  child = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (part: Buffer) => (said += part.toString('utf8')));
}, TIMEOUT_MS);
afterAll(async () => {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  fleet.destroy();
});

const times = (words: string): number => said.split(words).length - 1;
const limit = (org: string, was: string, is: string): Promise<unknown> => {
  fleet.edit(`orgs/${org}/org.yaml`, `limit: '${was}'`, `limit: '${is}'`);
  return fleet.save(`${org}: ${is}`);
};

it(
  'rows that are not what was applied, until they are again',
  async () => {
    const rename = (was: string, is: string): void => {
      const store = new DatabaseSync(join(fleet.dir, '.tenantry/store.db'), { timeout: 10_000 });
      store
        .prepare(`UPDATE objects SET document = replace(document, ?, ?) WHERE org = 'alder' AND kind = 'Team'`)
        .run(`"${was}"`, `"${is}"`);
      store.close();
    };
    await expect.poll(() => said, WAIT).toContain('control plane on http://127.0.0.1:');
    rename('desk', 'disk');
    await limit('alder', '100.00', '110.00');
    await expect.poll(() => said, WAIT).toContain('alder is held: DRIFT_FIRST');
    rename('disk', 'desk');
    await expect.poll(() => said, WAIT).toMatch(/applied alder at \w+: generation 2/);
    expect(times('alder is held: DRIFT_FIRST')).toBe(1);
  },
  TIMEOUT_MS,
);

it(
  'a freeze, until it ends',
  async () => {
    const [from, to] = [-60_000, FREEZE_MS].map((ms) => instantText(Date.now() + ms));
    fleet.edit('fleet.yaml', 'spec:\n', `spec:\n  freeze:\n    - { from: '${from}', to: '${to}', reason: year end }\n`);
    await fleet.save('a freeze');
    await expect.poll(() => said, WAIT).toMatch(/applied _fleet at \w+: generation 2/);
    await limit('birch', '100.00', '110.00');
    await expect.poll(() => said, WAIT).toContain('birch is held: APPLY_FROZEN');
    await expect.poll(() => said, WAIT).toMatch(/applied birch at \w+: generation 2/);
    expect(times('birch is held: APPLY_FROZEN')).toBe(1);
  },
  TIMEOUT_MS,
);
