import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleBundle } from '../core/bundle/bundle.testkit.ts';
import {
  type Bundle,
  type OrgUid,
  orgUid,
  type Publication,
  type Sha256Hex,
  type TrustCode,
} from '../core/model/index.ts';
import { nodeHash } from '../host/index.ts';
import { environmentCustody } from '../io/signer/index.ts';
import { TrustError } from './error.ts';
import {
  type BundleFetcher,
  ensureRoot,
  type FetchAnswer,
  type OrgTrust,
  openVerifier,
  type PublishedFiles,
  type PublishOutcome,
  type PublishRequest,
  publishOrg,
  type SigningKeys,
  type Verifier,
  type VerifierOptions,
} from './index.ts';
import { type StateFiles, stateFiles } from './read/files.ts';

export const FLEET = 'example';
export const ORG = orgUid('aaaabbbbccccddddeeee') as OrgUid;
export const OTHER_ORG = orgUid('zzzzbbbbccccddddeeee') as OrgUid;
export const GATEWAY = 'desk';
export const START_MS = Date.parse('2027-01-01T00:00:00Z');
export const HOUR_MS = 3_600_000;

const TEXT = new TextEncoder();

/** Published files in memory; every put counts, and can be made the last one. */
export class MemoryFiles implements PublishedFiles {
  readonly files = new Map<string, Uint8Array>();
  puts = 0;
  /** Puts after which the process "dies"; the put itself is done or not, as a crash may have it. */
  dieAfter = Number.POSITIVE_INFINITY;

  async putImmutable(org: OrgUid, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [path, bytes] of files) {
      const existing = this.files.get(`${org}/${path}`);
      if (existing !== undefined && !Buffer.from(existing).equals(bytes)) {
        throw Object.assign(new Error(`other bytes at ${path}`), { code: 'PUBLISH_CONFLICT' });
      }
      this.#put(`${org}/${path}`, bytes);
    }
  }

  async putMutable(org: OrgUid, path: string, bytes: Uint8Array, over: Sha256Hex | 'overlong' | null): Promise<void> {
    const existing = this.files.get(`${org}/${path}`);
    if ((existing === undefined ? null : nodeHash.sha256(existing)) !== over) {
      throw Object.assign(new Error(`another ${path}`), { code: 'PUBLISH_CONFLICT' });
    }
    this.#put(`${org}/${path}`, bytes);
  }

  async get(org: OrgUid, path: string): Promise<Uint8Array | undefined> {
    return this.files.get(`${org}/${path}`);
  }

  #put(path: string, bytes: Uint8Array): void {
    if (this.puts >= this.dieAfter) throw new Error('crash');
    this.puts += 1;
    this.files.set(path, bytes);
  }
}

/** A seed of one's own per text. */
export function signerOf(text: string): SigningKeys {
  const seed = (name: string): string => nodeHash.sha256(`${text}/${name}`);
  return environmentCustody({
    TENANTRY_ROOT_SEED: seed('root'),
    TENANTRY_PUBLISH_SEED: seed('publish'),
    TENANTRY_ONLINE_SEED: seed('online'),
  }).signer;
}

/** An org that publishes into memory, as the controller does: it remembers its publication when a run went through. */
export class Publishing {
  readonly files: MemoryFiles;
  readonly org: OrgUid;
  readonly signer: SigningKeys;
  publication: Publication | undefined;
  nowMs = START_MS;
  generation = 0;
  #timestamp = 0;

  constructor(org: OrgUid = ORG, files = new MemoryFiles(), signer = signerOf('seeds')) {
    this.org = org;
    this.files = files;
    this.signer = signer;
  }

  get trust(): OrgTrust {
    return { fleet: FLEET, org: this.org, signer: this.signer, publisher: this.files, nowMs: this.nowMs };
  }

  readonly nextTimestamp = async (nowMs: number): Promise<number> => {
    this.#timestamp = Math.max(this.#timestamp + 1, Math.floor(nowMs / 1000));
    return this.#timestamp;
  };

  request(bundles: readonly Bundle[]): PublishRequest {
    const provenance = (gateway: string) => ({ gateway, generation: this.generation });
    const { trust, publication, generation, nextTimestamp } = this;
    return { ...trust, publication, generation, bundles, provenance, nextTimestamp };
  }

  bundle(policyText: string, gateway = GATEWAY): Bundle {
    return sampleBundle({ fleet: FLEET, orgUid: this.org, gateway }, policyText);
  }

  /** Publishes these policy texts, one per gateway, under the next generation, a second later. */
  async publish(texts: Readonly<Record<string, string>>): Promise<PublishOutcome> {
    this.nowMs += 1000;
    this.generation += 1;
    await ensureRoot(this.trust);
    return this.keep(
      await publishOrg(this.request(Object.entries(texts).map(([gateway, text]) => this.bundle(text, gateway)))),
    );
  }

  keep(outcome: PublishOutcome): PublishOutcome {
    this.publication = outcome.publication;
    return outcome;
  }

  file(path: string): Uint8Array {
    const bytes = this.files.files.get(`${this.org}/${path}`);
    if (bytes === undefined) throw new Error(`nothing published at ${path}`);
    return bytes;
  }
}

/** A source over published files, with ETags, counting; `answer` lets a test lie. */
export class Source implements BundleFetcher {
  readonly requests: string[] = [];
  readonly statuses: number[] = [];
  /** Bytes given out. */
  bytes = 0;
  lie: ((path: string, bytes: Uint8Array | undefined) => Uint8Array | undefined) | undefined;
  readonly #files: MemoryFiles;
  readonly #org: OrgUid;

  constructor(files: MemoryFiles, org: OrgUid = ORG) {
    this.#files = files;
    this.#org = org;
  }

  async get(path: string, options: { readonly limitBytes: number; readonly etag?: string }): Promise<FetchAnswer> {
    this.requests.push(path);
    const stored = this.#files.files.get(`${this.#org}/${path}`);
    const bytes = this.lie === undefined ? stored : this.lie(path, stored);
    const answer = this.#answer(bytes, options);
    this.statuses.push(answer.status);
    if (answer.status === 200) this.bytes += answer.bytes.length;
    return answer;
  }

  /** Counts from here. */
  forget(): void {
    this.requests.length = 0;
    this.statuses.length = 0;
    this.bytes = 0;
  }

  #answer(
    bytes: Uint8Array | undefined,
    options: { readonly limitBytes: number; readonly etag?: string },
  ): FetchAnswer {
    if (bytes === undefined) return { status: 404 };
    const etag = nodeHash.sha256(bytes);
    if (etag === options.etag) return { status: 304 };
    if (bytes.length > options.limitBytes) throw new TrustError('TRUST_LENGTH', 'body over the limit');
    return { status: 200, bytes, etag };
  }
}

/** The real file layer without waiting for the disk: for tests in which no power is lost. */
export const quickFiles: StateFiles = stateFiles(async () => {});

/** Opens a verifier for the desk gateway in `stateDir`. */
export function open(
  publishing: Publishing,
  stateDir: string,
  options: Partial<VerifierOptions> & { readonly fetcher: BundleFetcher },
): Promise<Verifier> {
  return openVerifier({
    stateDir,
    identity: { fleet: FLEET, orgUid: publishing.org, gateway: GATEWAY },
    root: publishing.file('1.root.json'),
    nowMs: () => publishing.nowMs,
    hash: nodeHash,
    files: quickFiles,
    ...options,
  });
}

/** Polls and commits; the policy text that is in force afterwards, or the refusal's code. */
export async function pull(verifier: Verifier): Promise<string> {
  const result = await verifier.poll();
  if (result.kind === 'refused') return result.code;
  if (result.kind === 'candidate') await result.commit();
  return verifier.lastKnownGood()?.content.policyText ?? 'nothing';
}

/** A folder for the length of a test. */
export async function scratch<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'trust-'));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

export function bytesOf(value: unknown): Uint8Array {
  return TEXT.encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The code with which this refuses, or null when it does not; anything but a refusal is thrown on. */
export function codeOf(judge: () => unknown): TrustCode | null {
  try {
    judge();
    return null;
  } catch (error) {
    if (error instanceof TrustError) return error.code;
    throw error;
  }
}
