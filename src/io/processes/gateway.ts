import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
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
  /** How it ended, once it has: `exit code 70`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
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
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const how = await endOf(child);
  if (how !== 'exit code 0') throw notStarted(said, `expected the gateway to enrol, found that it ended with ${how}`);
}

/** Longer than any start takes that comes to an end. */
const START_WITHIN_MS = 60_000;

/** Starts a gateway and waits for the line that names its address; rejects with the gateway's own code where it has one. */
export async function startChild(program: GatewayProgram): Promise<ChildGateway> {
  const logFile = join(program.stateDir, 'gateway.log');
  const log = openSync(logFile, 'a', 0o600);
  const from = fstatSync(log).size;
  const simulator = program.simulatorUrl === null ? [] : ['--simulator', program.simulatorUrl];
  const run = ['run', '--until-stdin-ends', '--state', program.stateDir, '--listen', program.listen, ...simulator];
  // Nothing is ever written into its standard input: the system ends that with this process, also where it is killed. In a
  // group of its own Ctrl-C does not reach it beside us, which would be its second signal and leave it no time to drain.
  const child = spawn(process.execPath, [program.entry, ...run], { stdio: ['pipe', 'pipe', log], detached: true });
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  const ended = endOf(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
  const found = await Promise.race([addressOf(child), ended.then((how) => ({ how }))]);
  clearTimeout(timer);
  if (typeof found === 'object')
    throw notStarted(
      readFileSync(logFile).subarray(from).toString('utf8'),
      `expected the gateway to listen, found that it ended with ${found.how}; see ${logFile}`,
    );
  return { pid: child.pid ?? 0, url: found, logFile, ended, stop: (graceMs) => stopChild(child, ended, graceMs) };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

/** Never resolves where it does not say one. */
function addressOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      const match = /"listening":"([^"]+)"/.exec(line);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
  });
}

/** What a gateway says last when it does not start: a code with its title, what was expected and found, what to do; or a code with words. */
const REFUSAL = /(?:^|\n)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): ([^\n]*)(?:\n([^\n]+)\n([^\n]*))?\n*$/;

function notStarted(said: string, otherwise: string): Error {
  const [, code, title, message, fix] = REFUSAL.exec(said) ?? [];
  if (code === undefined) return Object.assign(new Error(otherwise), { code: 'GATEWAY_NOT_STARTED' });
  const words = message === undefined ? title : `${message}. ${fix}`;
  return Object.assign(new Error(words?.replace(/\.$/, '')), { code });
}

async function stopChild(child: ChildProcess, ended: Promise<string>, graceMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}
