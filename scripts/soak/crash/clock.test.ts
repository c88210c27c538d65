import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openClock } from './clock.ts';

const HOUR_MS = 3_600_000;
/** Says for each line that it reads how many hours both of its clocks are ahead of the right time, which is that line. */
const PROGRAM = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const hours = (ms) => Math.round((ms - Number(line)) / ${HOUR_MS});
  console.log(JSON.stringify([hours(Date.now()), hours(new Date().getTime()), new Date(5).getTime()]));
})`;

it('the clock of a process jumps forward and back while it runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-clock-'));
  const clock = openClock(join(folder, 'clock'));
  const child = spawn(process.execPath, ['-e', PROGRAM], { env: { ...process.env, ...clock.env } });
  const lines = createInterface({ input: child.stdout });
  const ask = async (): Promise<string> => {
    child.stdin.write(`${Date.now()}\n`);
    const [line] = await once(lines, 'line');
    return String(line);
  };
  try {
    for (const hours of [0, 10, -1, 0]) {
      clock.set(hours * HOUR_MS);
      const wanted = `[${hours},${hours},5]`;
      await expect.poll(ask, { timeout: 10_000 }).toBe(wanted);
    }
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
});
