import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GatewayIdentity,
  isName,
  orgUid,
  parseJson,
  type Sha256Hex,
  type WalletSlice,
} from '../../src/core/model/index.ts';
import { type GatewayKey, generateGatewayKey } from '../../src/trust/index.ts';
import { type ChainHead, EMPTY_CHAIN, readHead } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import {
  errorCode,
  makeFolder,
  readIfThere,
  replaceFile,
  replaceFileAsync,
  replaceHint,
  replaceHintAsync,
} from './files.ts';

/** What enrolment pinned: who this gateway is, where it asks, and the key it signs with. */
export interface PinnedIdentity extends GatewayIdentity {
  readonly source: string;
  readonly rootSha256: string;
  /** PKCS8 DER, base64url: a secret. */
  readonly privateKey: string;
}

const IDENTITY = 'identity.json';
const ROOT = 'root.json';
const ENROLMENT = 'enrolment.json';

/**
 * Writes identity and root of a new state folder. Refuses ENROL_STATE_EXISTS when there is one, GATEWAY_STATE_UNUSABLE when
 * they cannot be written.
 */
export function writeIdentity(folder: string, identity: PinnedIdentity, root: Uint8Array): void {
  refuseExisting(folder);
  usable(folder, () => {
    makeFolder(folder);
    replaceFile(join(folder, ROOT), root);
    replaceFile(join(folder, IDENTITY), `${JSON.stringify(identity, null, 2)}\n`);
    rmSync(join(folder, ENROLMENT), { force: true });
  });
}

/** Throws ENROL_STATE_EXISTS when the folder holds an identity, GATEWAY_STATE_UNUSABLE when that cannot be seen. */
export function refuseExisting(folder: string): void {
  if (usable(folder, () => readIfThere(join(folder, IDENTITY))) === undefined) return;
  throw new GatewayFailure('ENROL_STATE_EXISTS', `expected an empty state folder, found an identity in ${folder}`);
}

/**
 * The key with which a code is used, durable before the code is: one that was used, by an enrolment that then lost the answer,
 * its disk or its life, is good for this key alone. Throws GATEWAY_STATE_UNUSABLE.
 */
export function enrolmentKey(folder: string, codeSha256: string): GatewayKey {
  return usable(folder, () => {
    const path = join(folder, ENROLMENT);
    const text = readIfThere(path) ?? '';
    const [code, privateKey, publicKey] = ['codeSha256', 'privateKey', 'publicKey'].map((name) => fieldOf(text, name));
    if (code === codeSha256 && typeof privateKey === 'string' && typeof publicKey === 'string')
      return { privateKey, publicKey };
    const key = generateGatewayKey();
    makeFolder(folder);
    replaceFile(path, `${JSON.stringify({ codeSha256, ...key })}\n`);
    return key;
  });
}

/** Does something with the folder; GATEWAY_STATE_UNUSABLE for whatever the system says of it. */
function usable<T>(folder: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const found = errorCode(error);
    if (found === '') throw error;
    throw new GatewayFailure(
      'GATEWAY_STATE_UNUSABLE',
      `expected a folder to read and write at ${folder}, found ${found}`,
      69,
    );
  }
}

/**
 * The pinned identity and root; throws GATEWAY_IDENTITY_INVALID when they are missing, damaged or do not fit each other,
 * GATEWAY_STATE_UNUSABLE when the system does not give them.
 */
export function readIdentity(folder: string): { readonly identity: PinnedIdentity; readonly root: Uint8Array } {
  const text = usable(folder, () => readIfThere(join(folder, IDENTITY)));
  if (text === undefined) throw invalid(`expected an enrolled gateway, found no ${IDENTITY} in ${folder}`);
  const identity = parseIdentity(text);
  if (identity === undefined) throw invalid(`expected an identity, found something else in ${IDENTITY}`);
  let root: Uint8Array;
  try {
    root = readFileSync(join(folder, ROOT));
  } catch {
    throw invalid(`expected the pinned root, found no ${ROOT}`);
  }
  if (createHash('sha256').update(root).digest('hex') !== identity.rootSha256) {
    throw invalid(`expected the root that enrolment pinned, found another in ${ROOT}`);
  }
  return { identity, root };
}

function parseIdentity(text: string): PinnedIdentity | undefined {
  let value: Record<string, unknown> | null;
  try {
    value = parseJson(text) as typeof value;
  } catch {
    return undefined;
  }
  if (value === null) return undefined;
  const { fleet, orgUid: org, gateway, source, rootSha256, privateKey } = value;
  const texts = [fleet, org, gateway, source, rootSha256, privateKey];
  if (!texts.every((item): item is string => typeof item === 'string')) return undefined;
  const uid = orgUid(String(org));
  if (uid === undefined || !isName(String(gateway))) return undefined;
  return {
    fleet: String(fleet),
    orgUid: uid,
    gateway: String(gateway),
    source: String(source),
    rootSha256: String(rootSha256),
    privateKey: String(privateKey),
  };
}

function invalid(detail: string): GatewayFailure {
  return new GatewayFailure('GATEWAY_IDENTITY_INVALID', detail);
}

/** Numbers for signed POSTs: strictly rising over restarts, reserved in blocks so that not every request writes a file. */
export interface Sequences {
  next(): number;
}

const BLOCK = 1000;

/** Reads the reserved ceiling of the folder and goes on above it. */
export function openSequences(folder: string): Sequences {
  const path = join(folder, 'sequence.json');
  let ceiling = countIn(path, 'ceiling');
  let last = ceiling;
  return {
    next() {
      if (last + 1 > ceiling) {
        // On disk first: what a full disk did not reserve is not given out.
        const reserved = last + 1 + BLOCK;
        replaceFile(path, `{"ceiling":${reserved}}\n`);
        ceiling = reserved;
      }
      last += 1;
      return last;
    },
  };
}

const CURSOR_DELAY_MS = 1000;
const CURSORS = 'cursors.json';
const WALLETS = 'wallets.json';

/**
 * Through which line the control plane has the journal, with its hash, so that another journal is never taken for this one.
 * Losing the file only repeats work that is idempotent.
 */
export type ShippedCursor = Hinted<ChainHead>;

/** The cursor of the folder; the beginning where there is none, or one of before that says no hash. */
export function openShippedCursor(folder: string): ShippedCursor {
  return hinted(join(folder, CURSORS), {
    read: (text) => {
      const shipped = fieldOf(text, 'shipped') as Partial<ChainHead> | null | undefined;
      return readHead(shipped?.sequence, shipped?.hash) ?? EMPTY_CHAIN;
    },
    textOf: ({ sequence, hash }) => JSON.stringify({ shipped: { sequence, hash } }),
  });
}

/** A line that was in the journal, as something else in the state folder tells; a hash of null is not known. */
export interface KnownLine {
  readonly sequence: number;
  readonly hash: Sha256Hex | null;
  /** What became of it, as in "line 7, which …". */
  readonly why: string;
}

/**
 * What the folder beside the journal says of it. Each is written after the line was durable, so no crash leaves one of them
 * ahead of the journal.
 */
export function knownLines(folder: string): readonly KnownLine[] {
  const sinks = join(folder, SINKS);
  const taken = existsSync(sinks) ? readdirSync(sinks).filter((file) => file.endsWith('.json')) : [];
  return [
    { ...openShippedCursor(folder).read(), why: 'was delivered' },
    { sequence: readCheckpoint(folder).through, hash: null, why: 'is booked in the wallets' },
    ...taken.map((file) => ({ sequence: countIn(join(sinks, file), 'through'), hash: null, why: 'a receiver has' })),
  ];
}

/** Where the cursors of receivers of evidence are. */
const SINKS = 'sinks';

/**
 * Through which line the receiver called `name` has everything. Of one that is new that is `head`, and durable before anything
 * else happens: what comes from now on is its own.
 */
export function openSinkCursor(folder: string, name: string, head: number): Hinted<number> {
  makeFolder(join(folder, SINKS));
  const path = join(folder, SINKS, `${name}.json`);
  if (readIfThere(path) === undefined) replaceFile(path, `{"through":${head}}\n`);
  return hinted(path, {
    read: (text) => countOf(text, 'through'),
    textOf: (through) => JSON.stringify({ through }),
  });
}

/** Forgets the cursors of receivers other than these. */
export function keepSinkCursors(folder: string, names: ReadonlySet<string>): void {
  makeFolder(join(folder, SINKS));
  for (const file of readdirSync(join(folder, SINKS))) {
    if (file.endsWith('.json') && !names.has(file.slice(0, -5))) rmSync(join(folder, SINKS, file), { force: true });
  }
}

/** A value in a file that follows it within a second: losing the last moves only repeats work. */
interface Hinted<T> {
  read(): T;
  write(value: T): void;
  /** Writes what is not on disk yet; the last call, nothing follows it. */
  flush(): void;
}

interface HintForm<T> {
  /** Of any text, also of one that a power cut left empty. */
  readonly read: (text: string) => T;
  readonly textOf: (value: T) => string;
}

function hinted<T>(path: string, form: HintForm<T>): Hinted<T> {
  let current = form.read(readIfThere(path) ?? '');
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const textOf = (value: T): string => `${form.textOf(value)}\n`;
  const later = (): void => {
    timer ??= setTimeout(follow, CURSOR_DELAY_MS).unref();
  };
  const follow = (): void => {
    const written = current;
    const done = (): void => {
      timer = undefined;
      if (!closed && current !== written) later();
    };
    // What could not be written is written with the next move.
    replaceHintAsync(path, textOf(written)).then(done, done);
  };
  return {
    read: () => current,
    write(value) {
      current = value;
      later();
    },
    flush() {
      closed = true;
      clearTimeout(timer);
      try {
        replaceHint(path, textOf(current));
      } catch {
        // A disk that is full holds up no stop: the same work is done once more.
      }
    },
  };
}

/** What was leased, and what durable decisions through `through` have settled of it. */
export interface WalletCheckpoint {
  readonly through: number;
  readonly slices: readonly {
    readonly slice: WalletSlice;
    readonly settledMicros: number;
    /** The limit under which it may be used; null or, in a file of before, absent: nothing more is held of it. */
    readonly limitMicros?: number | null;
  }[];
}

export function readCheckpoint(folder: string): WalletCheckpoint {
  const text = readIfThere(join(folder, WALLETS));
  return text === undefined ? { through: 0, slices: [] } : (parseJson(text) as unknown as WalletCheckpoint);
}

/** Keeps the checkpoint on disk. Resolves when what `make` said at the call, or later, is durable; calls share writes. */
export function createCheckpoints(folder: string, make: () => WalletCheckpoint): () => Promise<void> {
  const path = join(folder, WALLETS);
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const write = (): Promise<void> => {
    writing = replaceFileAsync(path, `${JSON.stringify(make())}\n`).finally(() => {
      writing = undefined;
    });
    return writing;
  };
  return () => {
    if (writing === undefined) return write();
    next ??= writing
      .catch(() => {})
      .then(() => {
        next = undefined;
        return write();
      });
    return next;
  };
}

function countIn(path: string, name: string): number {
  return countOf(readIfThere(path) ?? '', name);
}

function countOf(text: string, name: string): number {
  const value = fieldOf(text, name);
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
}

/** A field of a JSON object; undefined also for a text that a power cut left empty. */
function fieldOf(text: string, name: string): unknown {
  try {
    return (parseJson(text) as Record<string, unknown> | null)?.[name];
  } catch {
    return undefined;
  }
}
