import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../../src/core/policy/index.ts';
import { errorCode } from './files.ts';
import type { Log } from './log.ts';

// Keys of providers, by reference only: `env` is a variable of this process; `store` is a name that this host resolves, as
// a file of a folder or by a program. A key is in memory and in the request that needs it, and nowhere else.

export type SecretReference = NonNullable<Target['secret']>;

/** A key, or why there is none, in words that name the reference. */
export type SecretAnswer = { readonly value: string } | { readonly missing: string };

export interface SecretOptions {
  /** Where the secret called `name` is the file `name`. */
  readonly folder?: string;
  /** A program that gets the name as its only argument and writes the secret. */
  readonly command?: string;
}

export interface Secrets {
  /** At once where it is known already. */
  read(reference: SecretReference): SecretAnswer | Promise<SecretAnswer>;
  /** The provider did not take the key: a stored one is read again next time. */
  refused(reference: SecretReference): void;
}

interface SecretParts extends SecretOptions {
  readonly environment: (name: string) => string | undefined;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** For so long a stored key is used before it is read again; a rotated key is seen within it. */
const FRESH_MS = 60_000;
/** A key that is not there is not looked for again within this. */
const MISSING_MS = 5000;
const MOST_BYTES = 16 * 1024;
const COMMAND_MS = 10_000;
/** What a header can carry. */
const PRINTABLE = /^[\x20-\x7e]{1,16000}$/;

interface Known {
  answer: SecretAnswer;
  untilMs: number;
}

export function createSecrets(parts: SecretParts): Secrets {
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<SecretAnswer>>();
  const readAgain = async (name: string): Promise<SecretAnswer> => {
    const found = await readStored(parts, name);
    const before = known.get(name)?.answer;
    const isKept = 'missing' in found && before !== undefined && 'value' in before;
    if (isKept) parts.log.warn('a key could not be read again; the former one stays', { secret: name });
    const answer = isKept ? before : found;
    known.set(name, { answer, untilMs: parts.nowMs() + ('missing' in found ? MISSING_MS : FRESH_MS) });
    return answer;
  };
  const readOnce = (name: string): Promise<SecretAnswer> => {
    const running = reading.get(name) ?? readAgain(name).finally(() => reading.delete(name));
    reading.set(name, running);
    return running;
  };
  return {
    read({ kind, name }) {
      if (kind === 'env') return fromEnvironment(parts, name);
      if (parts.folder === undefined && parts.command === undefined) {
        return {
          missing: `The secret ${name} is in a store, and this gateway was started without --secrets-dir or --secrets-command.`,
        };
      }
      const before = known.get(name);
      if (before === undefined) return readOnce(name);
      // A stale key serves while it is read again, so that no request waits for a rotation.
      if (parts.nowMs() >= before.untilMs) void readOnce(name);
      return before.answer;
    },
    refused({ kind, name }) {
      const before = known.get(name);
      if (kind === 'store' && before !== undefined) before.untilMs = Math.min(before.untilMs, parts.nowMs() + 1000);
    },
  };
}

function fromEnvironment({ environment }: SecretParts, name: string): SecretAnswer {
  const value = environment(name);
  if (value === undefined || value === '')
    return { missing: `The environment variable ${name} is not set on the gateway.` };
  return PRINTABLE.test(value)
    ? { value }
    : { missing: `The environment variable ${name} is not one line of printable text.` };
}

async function readStored(parts: SecretParts, name: string): Promise<SecretAnswer> {
  const { folder, command } = parts;
  // A name is a name and no path.
  if (name === '.' || name === '..') return { missing: `The secret ${name} has no name that a file can have.` };
  try {
    const text = folder === undefined ? await runCommand(command ?? '', name) : await readBounded(join(folder, name));
    const value = text.replace(/\r?\n$/, '');
    return PRINTABLE.test(value) ? { value } : { missing: `The secret ${name} is not one line of printable text.` };
  } catch (error) {
    // Only the code: the output of a program or the words of an error may hold the key.
    return { missing: `The secret ${name} could not be read on the gateway (${errorCode(error) || 'failed'}).` };
  }
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function runCommand(command: string, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: COMMAND_MS, maxBuffer: MOST_BYTES, encoding: 'utf8' as const, windowsHide: true };
    const child = execFile(command, [name], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(Object.assign(new Error('the program failed'), { code: String(error.code ?? error.signal ?? '') }));
    });
    child.stdin?.end();
  });
}
