import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../../src/core/policy/index.ts';
import { errorCode } from './files.ts';
import type { Log } from './log.ts';
import { runProgram } from './program.ts';

// Keys of providers, by reference only: `env` is a variable of this process; `store` is a name that this host resolves, as
// a file of a folder or by a program. A key is in memory and in the request that needs it, and nowhere else. Why one is not there
// is for the log of this machine; who asks through the gateway hears no name.

export type SecretReference = NonNullable<Target['secret']>;

/** A key, or that there is none. */
export type SecretAnswer = { readonly value: string } | { readonly missing: true };

export interface SecretOptions {
  /** Where the secret called `name` is the file `name`. */
  readonly folder?: string;
  /** A program that gets the name as its only argument and writes the secret. */
  readonly command?: string;
  /** After so long a program is killed; 10 seconds by default. */
  readonly commandMs?: number;
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

/** What was found, or why nothing: words for the log. */
type Found = { readonly value: string } | { readonly why: string };

export function createSecrets(parts: SecretParts): Secrets {
  const { log, nowMs } = parts;
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<SecretAnswer>>();
  const told = createTold();
  const answered = ({ kind, name }: SecretReference, found: Found): SecretAnswer => {
    const isNews = told.isNews(`${kind} ${name}`, 'why' in found ? found.why : null);
    if ('value' in found) return found;
    if (isNews) log.warn('a key is not there', { [kind === 'env' ? 'variable' : 'secret']: name, why: found.why });
    return { missing: true };
  };
  const readAgain = async (reference: SecretReference): Promise<SecretAnswer> => {
    const { name } = reference;
    const found = await readStored(parts, name);
    const before = known.get(name)?.answer;
    const isKept = 'why' in found && before !== undefined && 'value' in before;
    if (isKept) log.warn('a key could not be read again; the former one stays', { secret: name, why: found.why });
    const answer = isKept ? before : answered(reference, found);
    known.set(name, { answer, untilMs: nowMs() + ('why' in found ? MISSING_MS : FRESH_MS) });
    return answer;
  };
  const readOnce = (reference: SecretReference): Promise<SecretAnswer> => {
    const { name } = reference;
    const running = reading.get(name) ?? readAgain(reference).finally(() => reading.delete(name));
    reading.set(name, running);
    return running;
  };
  return {
    read(reference) {
      const { kind, name } = reference;
      if (kind === 'env') return answered(reference, fromEnvironment(parts, name));
      if (parts.folder === undefined && parts.command === undefined) {
        return answered(reference, { why: 'this gateway was started without --secrets-dir or --secrets-command' });
      }
      const before = known.get(name);
      if (before === undefined) return readOnce(reference);
      // A stale key serves while it is read again, so that no request waits for a rotation.
      if (nowMs() >= before.untilMs) void readOnce(reference);
      return before.answer;
    },
    refused({ kind, name }) {
      const before = known.get(name);
      if (kind === 'store' && before !== undefined) before.untilMs = Math.min(before.untilMs, nowMs() + 1000);
    },
  };
}

/** References whose absence the log has; more than configurations name are not kept. */
const MOST_TOLD = 1000;

/** Tells a reason that the log does not have yet, so that requests do not fill it; what is found is news when it is missing again. */
function createTold(): { isNews(reference: string, why: string | null): boolean } {
  const told = new Map<string, string>();
  return {
    isNews(reference, why) {
      if (told.get(reference) === why) return false;
      told.delete(reference);
      if (why === null) return false;
      if (told.size >= MOST_TOLD) told.clear();
      told.set(reference, why);
      return true;
    },
  };
}

const NOT_PRINTABLE = 'it is not one line of printable text';

function fromEnvironment({ environment }: SecretParts, name: string): Found {
  const value = environment(name);
  if (value === undefined || value === '') return { why: 'the environment variable is not set' };
  return PRINTABLE.test(value) ? { value } : { why: NOT_PRINTABLE };
}

async function readStored(parts: SecretParts, name: string): Promise<Found> {
  const { folder, command = '', commandMs: timeoutMs = COMMAND_MS } = parts;
  // A name is a name and no path.
  if (name === '.' || name === '..') return { why: 'no file can have this name' };
  try {
    const text = await (folder === undefined
      ? runProgram(command, [name], { timeoutMs, mostBytes: MOST_BYTES })
      : readBounded(join(folder, name)));
    const value = text.replace(/\r?\n$/, '');
    return PRINTABLE.test(value) ? { value } : { why: NOT_PRINTABLE };
  } catch (error) {
    // Only the code: the output of a program or the words of an error may hold the key.
    return { why: `it could not be read (${errorCode(error) || 'failed'})` };
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
