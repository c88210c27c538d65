import tufErrors from 'tuf-js/dist/error.js';
import type { FileFacts, GatewayIdentity, TrustRole } from '../../core/model/index.ts';
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
import { type Floors, presentMs } from './floors.ts';
import type { VerifyLimits } from './limits.ts';
import { METADATA_ROLES, type MetadataFile, type MetadataFiles, type NamedFacts, readMetadata } from './metadata.ts';
import { refusalOf, unreachable } from './refusal.ts';
import { type Kept, type TufClient, tufClient } from './tuf.ts';

/** One run of tuf-js behind the guard. */
export interface GuardedRun {
  readonly identity: GatewayIdentity;
  readonly floors: Floors;
  readonly limits: VerifyLimits;
  readonly fetcher: BundleFetcher;
  /** What was verified last, or the pinned root alone. */
  readonly local: Partial<MetadataFiles> & Pick<MetadataFiles, 'root'>;
  /** The new timestamp, fetched before. */
  readonly timestamp: Uint8Array;
  readonly clockMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs the TUF client workflow over a new timestamp. Gives the metadata that tuf-js ended up trusting; throws TrustError.
 * Every file passes the guard's own checks before tuf-js verifies its signatures.
 */
export async function runGuarded(run: GuardedRun): Promise<MetadataFiles> {
  const guard = new Guard(run);
  await guard.refresh();
  const trusted = trustedFiles(guard.kept, guard.read);
  if (trusted.timestamp.sha256 !== sha256Of(run.timestamp)) {
    throw new TrustError(
      'TRUST_SAME_VERSION',
      'expected the new timestamp to be trusted, found that the former one stayed',
    );
  }
  return trusted;
}

/** What tuf-js kept is what it verified: the one source for what comes next. `read` knows each buffer that it was given. */
export function trustedFiles(kept: Kept, read: ReadonlyMap<Buffer, MetadataFile>): MetadataFiles {
  const trusted = (role: TrustRole): MetadataFile => {
    const bytes = kept.get(`${role}.json`);
    const file = bytes === undefined ? undefined : read.get(bytes);
    if (file === undefined)
      throw new TrustError('TRUST_METADATA', `expected ${role}.json after verification, found none`);
    return file;
  };
  return {
    root: trusted('root'),
    timestamp: trusted('timestamp'),
    snapshot: trusted('snapshot'),
    targets: trusted('targets'),
  };
}

/** The checks of one run, in the order in which tuf-js asks for files. Lives as long as its run. */
class Guard {
  readonly kept: Kept = new Map();
  /** What the guard read, by the buffer that tuf-js got of it. */
  readonly read = new Map<Buffer, MetadataFile>();
  readonly #client: TufClient;
  /** The first refusal: tuf-js flattens errors to text on the way. */
  #refusal: TrustError | undefined;
  readonly #run: GuardedRun;
  #root: MetadataFile;
  #nowMs: number;
  /** Length and hash of what was named by a file whose signatures tuf-js has verified meanwhile. */
  readonly #named = new Map<string, FileFacts>();

  constructor(run: GuardedRun) {
    this.#run = run;
    this.#root = run.local.root;
    this.#nowMs = run.clockMs;
    for (const role of METADATA_ROLES) {
      const file = run.local[role];
      if (file !== undefined) this.kept.set(`${role}.json`, this.#given(file));
    }
    this.#client = tufClient(this.kept, {
      limits: run.limits,
      fetch: (path, maxBytes) => this.#answer(path, maxBytes),
    });
  }

  /** Throws the first refusal, whoever's it is. */
  async refresh(): Promise<void> {
    await this.#client.refresh().catch((error: unknown) => {
      throw this.#refusal ?? refusalOf(error);
    });
  }

  #given(file: MetadataFile): Buffer {
    const { buffer, byteOffset, length } = file.bytes;
    const bytes = Buffer.from(buffer, byteOffset, length);
    this.read.set(bytes, file);
    return bytes;
  }

  async #answer(path: string, maxBytes: number): Promise<Buffer> {
    try {
      const bytes = path === TIMESTAMP_FILE ? this.#run.timestamp : await this.#fetch(path, maxBytes);
      const file = readMetadata(bytes, roleOf(path));
      this.#check(path, file);
      return this.#given(file);
    } catch (error) {
      if (error instanceof tufErrors.DownloadHTTPError) throw error;
      this.#refusal ??= refusalOf(error);
      throw this.#refusal;
    }
  }

  async #fetch(path: string, maxBytes: number): Promise<Uint8Array> {
    const { fetcher, signal } = this.#run;
    const named = this.#named.get(path);
    const bytes = await fetchFile(fetcher, path, named?.length ?? maxBytes, signal);
    if (bytes !== undefined && named !== undefined) checkExact(path, bytes, named);
    if (bytes !== undefined) return bytes;
    if (roleOf(path) === 'root') throw new tufErrors.DownloadHTTPError('no newer root', 404);
    throw new TrustError('TRUST_MISSING', `expected ${path}, found nothing`);
  }

  #check(path: string, file: MetadataFile): void {
    switch (roleOf(path)) {
      case 'timestamp':
        this.#checkTimestamp(file);
        break;
      case 'root':
        checkNextRoot(path, file, this.#run);
        this.#root = file;
        break;
      case 'snapshot':
        this.#expect('targets', checkSnapshot(file, this.#judging()));
        break;
      case 'targets':
        checkTargetsFile(file, this.#nowMs);
        break;
    }
  }

  /** The first file after all roots: from here on the root stands, and with it the present. */
  #checkTimestamp(file: MetadataFile): void {
    this.#nowMs = presentMs(this.#run.floors, this.#root.signed, this.#run.clockMs);
    this.#client.setReferenceTime(this.#nowMs);
    this.#expect('snapshot', checkTimestamp(file, this.#judging()));
  }

  #expect(role: 'snapshot' | 'targets', facts: NamedFacts): void {
    this.#named.set(metadataFile(role, facts.version), facts);
  }

  #judging(): Judging {
    return { ...this.#run, root: this.#root.signed, nowMs: this.#nowMs };
  }
}

/** `timestamp.json`, `2.root.json` and so on; what is neither is asked for as targets. */
function roleOf(path: string): TrustRole {
  return METADATA_ROLES.find((role) => path === `${role}.json` || path.endsWith(`.${role}.json`)) ?? 'targets';
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
