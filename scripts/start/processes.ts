import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What `tenantry up` writes when everything runs. */
export interface RunReport {
  readonly controlPlane: string;
  readonly pid: number;
  readonly gateways: readonly {
    readonly name: string;
    readonly url: string;
    readonly pid: number;
    readonly log: string;
  }[];
}

/** Starts the upstream simulator and waits for its address. */
export async function startSimulator(root: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'scripts/simulator.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`the simulator ended with ${status}`)));
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve((JSON.parse(line) as { listening: string }).listening),
    );
  });
  return { url, stop: () => stopChild(child) };
}

/** Starts `tenantry up` on the clone and waits until it reports. */
export async function startFleet(
  root: string,
  dir: string,
  simulatorUrl: string,
): Promise<{ readonly report: RunReport; stop(): Promise<void>; readonly ended: Promise<number | null> }> {
  const file = join(root, '.tenantry/run.json');
  rmSync(file, { force: true });
  const args = [join(root, 'dist/tenantry.mjs'), 'up', '-C', dir, '--simulator', simulatorUrl, '--report', file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (!existsSync(file)) {
    if (gone) throw new Error('tenantry up ended before everything ran; its messages stand above');
    await sleep(100);
  }
  await sleep(20);
  return { report: JSON.parse(readFileSync(file, 'utf8')) as RunReport, stop: () => stopChild(child), ended };
}

export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
