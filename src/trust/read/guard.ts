import { join } from 'node:path';
import { type Fetcher, Updater } from 'tuf-js';
import tufErrors from 'tuf-js/dist/error.js';
import type { FileFacts, GatewayIdentity, JsonObject } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { metadataFile, sha256Of, TIMESTAMP_FILE } from '../layout.ts';
import {
  checkExact,
  checkNextRoot,
  checkSize,
  checkSnapshot,
  checkTargetsFile,
  checkTimestamp,
  type Judging,
} from './checks.ts';
import type { BundleFetcher } from './fetcher.ts';
import type { StateFiles } from './files.ts';
import { type Floors, presentMs } from './floors.ts';
import type { VerifyLimits } from './limits.ts';
import { type NamedFacts, readSigned } from './metadata.ts';
import { refusalOf, unreachable } from './refusal.ts';
import type { MetadataBytes } from './state.ts';

/** tuf-js wants a URL; nothing is ever asked of this host. */
const BASE_URL = 'https://repository.invalid/';

/** One run of tuf-js behind the guard. */
export interface GuardedRun {
  readonly identity: GatewayIdentity;
  readonly floors: Floors;
  readonly limits: VerifyLimits;
  readonly fetcher: BundleFetcher;
  readonly files: StateFiles;
  /** Scratch folder; tuf-js reads and writes it. */
  readonly workDir: string;
  /** What was verified last, or the pinned root alone. */
  readonly local: Partial<MetadataBytes> & Pick<MetadataBytes, 'root.json'>;
  /** The new timestamp, fetched before. */
  readonly timestamp: Uint8Array;
  readonly clockMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs the TUF client workflow over a new timestamp. Gives the metadata that tuf-js ended up trusting; throws TrustError.
 * Every file passes the guard's own checks before tuf-js verifies its signatures.
 */
export async function runGuarded(run: GuardedRun): Promise<MetadataBytes> {
  const { files, workDir } = run;
  await files.removeTree(workDir);
  await files.makeFolder(workDir);
  try {
    for (const [name, bytes] of Object.entries(run.local)) await files.writeScratch(join(workDir, name), bytes);
    const guard = new Guard(run);
    const updater = new Updater({
      metadataDir: workDir,
      metadataBaseUrl: BASE_URL,
      fetcher: guard.fetcher,
      config: {
        maxRootRotations: run.limits.rootRotations,
        rootMaxLength: run.limits.rootBytes,
        targetsMaxLength: run.limits.targetsBytes,
      },
    });
    guard.updater = updater;
    await updater.refresh().catch((error: unknown) => {
      throw guard.refusal ?? refusalOf(error);
    });
    return await trustedFiles(run);
  } finally {
    await files.removeTree(workDir);
  }
}

/** What tuf-js left in its folder is what it verified: the one source for what comes next. */
async function trustedFiles(run: GuardedRun): Promise<MetadataBytes> {
  const trusted = {
    'root.json': await trustedFile(run, 'root.json'),
    'timestamp.json': await trustedFile(run, 'timestamp.json'),
    'snapshot.json': await trustedFile(run, 'snapshot.json'),
    'targets.json': await trustedFile(run, 'targets.json'),
  };
  if (sha256Of(trusted['timestamp.json']) !== sha256Of(run.timestamp)) {
    throw new TrustError(
      'TRUST_SAME_VERSION',
      'expected the new timestamp to be trusted, found that the former one stayed',
    );
  }
  return trusted;
}

async function trustedFile(run: GuardedRun, name: keyof MetadataBytes): Promise<Uint8Array> {
  const bytes = await run.files.read(join(run.workDir, name));
  if (bytes === undefined) throw new TrustError('TRUST_METADATA', `expected ${name} after verification, found none`);
  return bytes;
}

/** tuf-js reads the system's clock at construction; ours is the later of the injected clock and the newest signed time. */
export function setReferenceTime(updater: Updater, nowMs: number): void {
  const trustedSet: unknown = Reflect.get(updater, 'trustedSet');
  if (!(trustedSet instanceof Object) || !('referenceTime' in trustedSet)) {
    throw new Error('expected tuf-js with a reference time in its trusted set, found another version');
  }
  trustedSet.referenceTime = new Date(nowMs);
}

/** The checks of one run, in the order in which tuf-js asks for files. Lives as long as its run. */
class Guard {
  /** The first refusal: tuf-js flattens errors to text on the way. */
  refusal: TrustError | undefined;
  updater: Updater | undefined;
  readonly #run: GuardedRun;
  #root: JsonObject;
  #nowMs: number;
  /** Length and hash of what was named by a file whose signatures tuf-js has verified meanwhile. */
  readonly #named = new Map<string, FileFacts>();

  constructor(run: GuardedRun) {
    this.#run = run;
    this.#root = readSigned(run.local['root.json'], 'root');
    this.#nowMs = run.clockMs;
  }

  get fetcher(): Fetcher {
    return {
      downloadBytes: (url, maxLength) => this.#answer(url.slice(BASE_URL.length), maxLength),
      downloadFile: () => Promise.reject(new Error('targets are fetched by the verifier itself')),
    };
  }

  async #answer(path: string, maxLength: number): Promise<Buffer> {
    try {
      const bytes = path === TIMESTAMP_FILE ? this.#run.timestamp : await this.#fetch(path, maxLength);
      this.#check(path, bytes);
      return Buffer.from(bytes);
    } catch (error) {
      if (error instanceof tufErrors.DownloadHTTPError) throw error;
      this.refusal ??= refusalOf(error);
      throw this.refusal;
    }
  }

  async #fetch(path: string, maxLength: number): Promise<Uint8Array> {
    const { fetcher, signal } = this.#run;
    const named = this.#named.get(path);
    const bytes = await fetchFile(fetcher, path, named?.length ?? maxLength, signal);
    if (bytes !== undefined && named !== undefined) checkExact(path, bytes, named);
    if (bytes !== undefined) return bytes;
    if (path.endsWith('.root.json')) throw new tufErrors.DownloadHTTPError('no newer root', 404);
    throw new TrustError('TRUST_MISSING', `expected ${path}, found nothing`);
  }

  #check(path: string, bytes: Uint8Array): void {
    if (path === TIMESTAMP_FILE) this.#checkTimestamp(bytes);
    else if (path.endsWith('.root.json')) this.#root = checkNextRoot(path, bytes, this.#run);
    else if (path.endsWith('.snapshot.json')) this.#expect('targets', checkSnapshot(bytes, this.#judging()));
    else checkTargetsFile(bytes, this.#nowMs);
  }

  /** The first file after all roots: from here on the root stands, and with it the present. */
  #checkTimestamp(bytes: Uint8Array): void {
    this.#nowMs = presentMs(this.#run.floors, this.#root, this.#run.clockMs);
    if (this.updater !== undefined) setReferenceTime(this.updater, this.#nowMs);
    this.#expect('snapshot', checkTimestamp(bytes, this.#judging()));
  }

  #expect(role: 'snapshot' | 'targets', facts: NamedFacts): void {
    this.#named.set(metadataFile(role, facts.version), facts);
  }

  #judging(): Judging {
    return { ...this.#run, root: this.#root, nowMs: this.#nowMs };
  }
}

/** Fetches a file of at most `limitBytes`; undefined when there is none. */
export async function fetchFile(
  fetcher: BundleFetcher,
  path: string,
  limitBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const options = { limitBytes, ...(signal === undefined ? {} : { signal }) };
  const answer = await fetcher.get(path, options).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (answer.status === 404) return undefined;
  if (answer.status === 304) throw new TrustError('TRUST_NOT_ASKED', `expected ${path}, found an answer for a cache`);
  checkSize(path, answer.bytes.length, limitBytes);
  return answer.bytes;
}
