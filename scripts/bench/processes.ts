// Starting, timing and stopping the processes that benches measure.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = join(import.meta.dirname, '../..');
export const CLI = join(ROOT, 'dist/tenantry.mjs');
export const GATEWAY = join(ROOT, 'dist/tenantry-gateway.mjs');

const OUTPUT_LIMIT = 512 * 1024 * 1024;
const SHOWN = 4_000;

/** A command of Node with what it may answer. */
export interface Command {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Exit codes that are no failure; default only 0. */
  readonly codes?: readonly number[];
}

export interface Finished {
  /** Wall time from before the start to after the exit. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Run Node to its end. Throws when the exit code is not among those expected, with what the process said. */
export const runNode = (command: Command): Finished => {
  const started = performance.now();
  const done = spawnSync(process.execPath, [...command.args], {
    encoding: 'utf8',
    maxBuffer: OUTPUT_LIMIT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...process.env, NO_COLOR: '1', ...command.env },
  });
  const ms = performance.now() - started;
  if (!(command.codes ?? [0]).includes(done.status ?? -1)) {
    const said = `${done.stderr}\n${done.stdout}`.trim().slice(0, SHOWN);
    const end = done.error?.message ?? `exit ${done.status ?? done.signal}`;
    throw new Error(`Expected \`node ${command.args.join(' ')}\` to succeed, found ${end}:\n${said}`);
  }
  return { ms, stdout: done.stdout, stderr: done.stderr, code: done.status };
};

/** A process that listens, told by one JSON line `{"listening": url}` on its stdout. */
export interface Listening {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
};

/** Start Node with `args` and wait until it says where it listens. */
export const startListening = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Listening> => {
  const child = spawn(process.execPath, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part.toString('utf8')}`.slice(-SHOWN);
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`Expected ${args[0]} to listen, found that it ended (exit ${code}): ${said}`);
  });
  const first = once(lines, 'line').then(([line]) => String(line));
  const line = await Promise.race([first, ended]);
  ended.catch(() => undefined);
  const { listening } = JSON.parse(line);
  return { url: String(listening), pid: child.pid ?? 0, stop: () => stopChild(child) };
};

const TICKS_PER_SECOND = 100;

/** CPU time that a process has used so far, in microseconds; undefined where the system does not tell. */
export const cpuMicrosOf = (pid: number): number | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
};
