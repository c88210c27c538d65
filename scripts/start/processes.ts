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
  /** Gateways that do not run yet, each with why. */
  readonly waiting: readonly string[];
}

/** Why a local run cannot go on, with the exit code that says so. */
export class StartFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Starts the upstream simulator and waits for its address. */
export async function startSimulator(root: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'scripts/simulator.ts'), '--until-stdin-ends'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
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
  const args = [
    ...[join(root, 'dist/tenantry.mjs'), 'up', '-C', dir, '--simulator', simulatorUrl, '--report', file],
    '--until-stdin-ends',
  ];
  // Nothing is written into its standard input: the system ends that with this process, also where it is killed.
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let gone: number | undefined;
  void ended.then((status) => {
    gone = status ?? 1;
  });
  while (!existsSync(file)) {
    if (gone !== undefined)
      throw new StartFailure('tenantry up ended before everything ran; its messages stand above', gone);
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
