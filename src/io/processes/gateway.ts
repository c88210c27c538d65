import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where the gateway's program lies and what it is given. */
export interface GatewayProgram {
  readonly entry: string;
  readonly stateDir: string;
  readonly listen: string;
  /** The announced stand-in for providers without a key; null: none. */
  readonly simulatorUrl: string | null;
}

export interface ChildGateway {
  readonly pid: number;
  readonly url: string;
  readonly logFile: string;
  /** Asks it to drain and waits for its end; kills it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Runs `enroll` once; rejects with what the program said. The code travels in the environment, not in the arguments. */
export async function enrolChild(
  program: GatewayProgram,
  ask: { readonly code: string; readonly source: string },
): Promise<void> {
  mkdirSync(dirname(program.stateDir), { recursive: true, mode: 0o700 });
  const args = [program.entry, 'enroll', '--source', ask.source, '--state', program.stateDir];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TENANTRY_ENROLMENT_CODE: ask.code },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`enrolment of ${program.stateDir} ended with ${status}: ${said.trim()}`);
}

/** Starts a gateway and waits for the line that names its address. */
export async function startChild(program: GatewayProgram): Promise<ChildGateway> {
  const logFile = join(program.stateDir, 'gateway.log');
  const log = openSync(logFile, 'a', 0o600);
  const simulator = program.simulatorUrl === null ? [] : ['--simulator', program.simulatorUrl];
  const args = [program.entry, 'run', '--state', program.stateDir, '--listen', program.listen, ...simulator];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  const url = await addressOf(child, logFile);
  return { pid: child.pid ?? 0, url, logFile, stop: (graceMs) => stopChild(child, graceMs) };
}

function addressOf(child: ChildProcess, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) =>
      reject(new Error(`the gateway ended with ${status} before it listened; see ${logFile}`)),
    );
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /"listening":"([^"]+)"/.exec(line);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
  });
}

function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
