import { type ChildProcess, spawn } from 'node:child_process';
import { errorCode } from './files.ts';

export interface ProgramBounds {
  /** For the program and all that it starts. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/** Of the error of a program that took too long or said too much. */
export const TOO_LONG = 'too long';
export const TOO_MUCH = 'too much';

/**
 * What a program of this host says. Rejects with a `code` and no word of the program when it fails or goes beyond its bounds,
 * whatever it does: it is killed then, with what it has started, and nobody waits for its end.
 */
export function runProgram(command: string, words: readonly string[], bounds: ProgramBounds): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what it starts can be ended too: a child of it that keeps the pipe open keeps it from ending.
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, windowsHide: true });
    const parts: Buffer[] = [];
    let size = 0;
    const fail = (code: string): void => {
      clearTimeout(timer);
      reject(Object.assign(new Error('the program failed'), { code }));
    };
    const stop = (code: string): void => {
      killGroup(child);
      child.stdout.destroy();
      fail(code);
    };
    const timer = setTimeout(() => stop(TOO_LONG), bounds.timeoutMs);
    child.stdout.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size > bounds.mostBytes) stop(TOO_MUCH);
    });
    child.once('error', (error) => fail(errorCode(error)));
    child.once('close', (code, signal) => {
      if (code !== 0) return fail(String(code ?? signal));
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString('utf8'));
    });
  });
}

function killGroup(child: ChildProcess): void {
  try {
    // SIGTERM may be ignored.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
