import { type ChildProcess, spawn } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { parseJson } from '../../core/model/index.ts';
import type { Environment } from './environment.ts';
import { signerError } from './refusal.ts';

// One call of a program that signs: one line of JSON on its standard input, one on its standard output, exit code 0. What it
// writes to standard error is dropped, and nothing of its answer is repeated in an error: either could hold a secret.

const MOST_REQUEST_BYTES = 4 << 20;
const MOST_ANSWER_BYTES = 4096;
/** Seeds of ours are no business of a program that holds keys of its own. */
const OURS = /^TENANTRY_(ROOT|PUBLISH|ONLINE)_SEED/;

/** Which program, and what bounds it. */
export interface BoundedProgram {
  readonly path: string;
  readonly timeoutMs: number;
  readonly environment: Environment;
}

/** What to send, and the one field of the answer. */
export interface ProgramCall {
  readonly request: string;
  readonly field: 'publicKey' | 'signature';
  readonly form: RegExp;
}

/**
 * The path of a program of the signers' folder. SIGNER_PROGRAM_UNUSABLE unless the folder is named by an absolute path and
 * the program is a regular file, executable, and writable by nobody but its owner, who is this user or root.
 */
export async function programAt(folder: string | undefined, name: string): Promise<string> {
  if (folder === undefined || !isAbsolute(folder))
    throw unusable(
      `expected the absolute path of a folder with ${name} in TENANTRY_SIGNERS_DIR, found ${folder ?? 'none'}`,
    );
  const path = join(folder, name);
  for (const place of [folder, path]) {
    const facts = await lstat(place).catch(() => undefined);
    if (facts === undefined || (place === path ? !facts.isFile() : !facts.isDirectory()))
      throw unusable(`expected a program at ${path}, found none`);
    const isOurs = facts.uid === process.getuid?.() || facts.uid === 0;
    if ((facts.mode & 0o022) !== 0 || (facts.mode & 0o100) === 0 || !isOurs)
      throw unusable(
        `expected ${place} to be executable, and writable by its owner alone, who is you or root; found otherwise`,
      );
  }
  return path;
}

/** The field of the program's answer; undefined when it says that it has no such key (`{"missing":true}`). Throws SIGNER_PROGRAM. */
export async function askProgram(program: BoundedProgram, call: ProgramCall): Promise<string | undefined> {
  if (call.request.length > MOST_REQUEST_BYTES)
    throw failed(`expected at most ${MOST_REQUEST_BYTES} bytes to sign, found ${call.request.length}`);
  const answer = parsed(await run(program, call.request));
  if (isOnly(answer, 'missing') && answer['missing'] === true) return undefined;
  const value = isOnly(answer, call.field) ? answer[call.field] : undefined;
  if (typeof value !== 'string' || !call.form.test(value))
    throw failed(`expected an answer of the form {"${call.field}": "<hex>"}, found another`);
  return value;
}

function run({ path, timeoutMs, environment }: BoundedProgram, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !OURS.test(name)));
    // A process group of its own, so that what it started ends with it.
    const child = spawn(path, [], { stdio: ['pipe', 'pipe', 'ignore'], env, detached: true });
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    const end = (settle: () => void): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      settle();
    };
    const refuse = (found: string): void =>
      end(() => {
        endGroup(child);
        reject(failed(`expected an answer of ${path}, found ${found}`));
      });
    const timer = setTimeout(() => refuse(`none within ${timeoutMs} ms`), timeoutMs);
    child.on('error', (error: NodeJS.ErrnoException) => refuse(error.code ?? 'an error'));
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MOST_ANSWER_BYTES) refuse(`more than ${MOST_ANSWER_BYTES} bytes`);
    });
    child.on('close', (code, signal) => {
      if (code === 0) end(() => resolve(Buffer.concat(chunks).toString('utf8')));
      else refuse(code === null ? `signal ${signal}` : `exit code ${code}`);
    });
    // A program may answer without reading all of it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${request}\n`);
  });
}

function endGroup(child: ChildProcess): void {
  child.stdout?.destroy();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function isOnly(answer: Readonly<Record<string, unknown>>, field: string): boolean {
  return Object.keys(answer).join() === field;
}

const unusable = (message: string): Error => signerError('SIGNER_PROGRAM_UNUSABLE', message);
const failed = (message: string): Error => signerError('SIGNER_PROGRAM', message);
