import { canonicalText } from '../../core/bundle/index.ts';
import type { GatewayIdentity, Hash, TrustCode, TrustRole } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import type { SignedTimes } from '../freshness.ts';
import { factsOf, sha256Of, TIMESTAMP_FILE } from '../layout.ts';
import type { KnownFiles } from '../parcel.ts';
import { checkExpiry } from './checks.ts';
import type { BundleFetcher, FetchAnswer } from './fetcher.ts';
import { type Floors, floorUnder, newestSignedMs, presentMs, type RoleFloor } from './floors.ts';
import { runGuarded } from './guard.ts';
import type { VerifyLimits } from './limits.ts';
import { keyIdsOf, METADATA_ROLES, type MetadataFile, type MetadataFiles, roleFacts, signedAt } from './metadata.ts';
import { unreachable } from './refusal.ts';
import { type Slot, type StatePlace, type VerifiedTarget, writeFloors, writeSlot } from './state.ts';
import { fetchTarget, type ListedTarget, listedTarget } from './target.ts';

export interface PollOptions {
  /** Passed on to the source: how long it may hold the question for the timestamp. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

export type PollResult =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'candidate'; readonly target: VerifiedTarget; commit(): Promise<void> }
  | { readonly kind: 'refused'; readonly code: TrustCode; readonly detail: string };

/** Refusals that a poll in the middle of a rotation or publish can meet once; asked again at once (tuf-notes). */
const RACES: ReadonlySet<TrustCode> = new Set<TrustCode>(['TRUST_SIGNATURE', 'TRUST_MISSING']);

/** A state directory that was read, and what polling needs. */
export interface Opened {
  readonly identity: GatewayIdentity;
  /** The root pinned at enrolment. */
  readonly root: MetadataFile;
  readonly fetcher: BundleFetcher;
  readonly nowMs: () => number;
  readonly hash: Hash;
  readonly limits: VerifyLimits;
  readonly place: StatePlace;
  readonly floors: Floors;
  readonly slot: Slot | null;
}

/** Metadata that passed every check, on its way to a slot. */
interface VerifiedChain {
  readonly metadata: MetadataFiles;
  readonly etag: string | null;
  readonly times: SignedTimes;
  readonly listed: ListedTarget | undefined;
}

/** Lives as long as the gateway; polls and commits run one after the other. */
export class StoredVerifier {
  readonly #options: Opened;
  readonly #limits: VerifyLimits;
  readonly #place: StatePlace;
  #floors: Floors;
  #slot: Slot | null;
  #etag: string | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(opened: Opened) {
    this.#options = opened;
    this.#limits = opened.limits;
    this.#place = opened.place;
    this.#floors = opened.floors;
    this.#slot = opened.slot;
  }

  lastKnownGood(): VerifiedTarget | null {
    return this.#floors.withdrawn ? null : (this.#slot?.target ?? null);
  }

  times(): SignedTimes | null {
    return this.#slot === null ? null : { signedAtMs: this.#slot.signedAtMs, expiresAtMs: this.#slot.expiresAtMs };
  }

  clockBehindMs(): number {
    return Math.max(0, this.#floors.newestMs - this.#options.nowMs());
  }

  poll(options: PollOptions = {}): Promise<PollResult> {
    return this.#inTurn(async () => {
      const first = await this.#attempt(options);
      const again = first.kind === 'refused' && RACES.has(first.code);
      return again ? this.#attempt({ ...options, waitSeconds: 0 }) : first;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #attempt(options: PollOptions): Promise<PollResult> {
    try {
      return await this.#ask(options);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      return { kind: 'refused', code: error.code, detail: error.message };
    }
  }

  async #ask(options: PollOptions): Promise<PollResult> {
    const answer = await this.#askTimestamp(options);
    if (answer.status === 404) throw new TrustError('TRUST_MISSING', `expected ${TIMESTAMP_FILE}, found nothing`);
    const slot = this.#inForce();
    if (answer.status === 304) {
      if (slot === null || this.#etag === null)
        throw new TrustError('TRUST_NOT_ASKED', `expected ${TIMESTAMP_FILE}, found an answer for a cache`);
      return this.#stillFresh(slot);
    }
    if (answer.bytes.length > this.#limits.timestampBytes) {
      throw new TrustError('TRUST_LENGTH', `expected at most ${this.#limits.timestampBytes} bytes of timestamp`);
    }
    if (slot !== null && sha256Of(answer.bytes) === slot.metadata.timestamp.sha256) {
      this.#etag = answer.etag;
      return this.#stillFresh(slot);
    }
    return this.#judge(await this.#verify(answer, options.signal), options.signal);
  }

  /** The slot, when it is what the floors were raised for: not after a withdrawal or an interrupted commit. */
  #inForce(): Slot | null {
    return this.lastKnownGood() !== null && this.#slot?.floors.sequence === this.#floors.sequence ? this.#slot : null;
  }

  async #askTimestamp({ waitSeconds, signal }: PollOptions): Promise<FetchAnswer> {
    const { fetcher } = this.#options;
    try {
      return await fetcher.get(TIMESTAMP_FILE, {
        limitBytes: this.#limits.timestampBytes,
        known: this.#known(),
        ...(this.#etag === null ? {} : { etag: this.#etag }),
        ...(waitSeconds === undefined || this.#etag === null ? {} : { waitSeconds }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      throw unreachable(error);
    }
  }

  #known(): KnownFiles {
    const { root, snapshot } = this.#slot?.metadata ?? { root: this.#options.root, snapshot: null };
    const running = this.lastKnownGood();
    return {
      root: roleFacts(root.signed, 'root').version,
      snapshot: snapshot && roleFacts(snapshot.signed, 'snapshot').version,
      bundle: running && sha256Of(running.bundle),
    };
  }

  /** Nothing new: everything that is in force must still not have expired. */
  #stillFresh(slot: Slot): PollResult {
    const nowMs = presentMs(this.#floors, slot.metadata.root.signed, this.#options.nowMs());
    for (const role of METADATA_ROLES) {
      checkExpiry(role, roleFacts(slot.metadata[role].signed, role).expiresMs, nowMs);
    }
    return { kind: 'unchanged' };
  }

  async #verify(
    answer: FetchAnswer & { readonly status: 200 },
    signal: AbortSignal | undefined,
  ): Promise<VerifiedChain> {
    const { identity, fetcher, nowMs, root } = this.#options;
    const metadata = await runGuarded({
      identity,
      floors: this.#floors,
      limits: this.#limits,
      fetcher,
      local: this.#slot?.metadata ?? { root },
      timestamp: answer.bytes,
      clockMs: nowMs(),
      ...(signal === undefined ? {} : { signal }),
    });
    const { signed } = metadata.timestamp;
    const times = { signedAtMs: signedAt(signed, identity), expiresAtMs: roleFacts(signed, 'timestamp').expiresMs };
    return { metadata, etag: answer.etag, times, listed: listedTarget(metadata.targets.signed, identity.gateway) };
  }

  async #judge(chain: VerifiedChain, signal: AbortSignal | undefined): Promise<PollResult> {
    const { listed } = chain;
    if (listed === undefined) return this.#withdraw(chain);
    const current = this.lastKnownGood();
    if (current !== null && isSameTarget(current, listed)) {
      await this.#keep(chain, current);
      return { kind: 'unchanged' };
    }
    const generationFloor =
      floorUnder(this.#floors, 'targets', chain.metadata.root.signed) === null ? 0 : this.#floors.generation;
    const { bundleBytes, provenanceBytes } = this.#limits;
    const checks = {
      identity: this.#options.identity,
      generationFloor,
      bundleBytes,
      provenanceBytes,
      hash: this.#options.hash,
    };
    const target = await fetchTarget(listed, checks, this.#options.fetcher, signal);
    const { sequence } = this.#floors;
    const commit = (): Promise<void> =>
      this.#inTurn(async () => {
        if (this.#floors.sequence !== sequence)
          throw new TrustError('TRUST_SUPERSEDED', 'expected the newest candidate, found a former one');
        await this.#keep(chain, target);
      });
    return { kind: 'candidate', target, commit };
  }

  /**
   * The publication is genuine and has no place for this gateway: remembered, so that no replay brings it back. It ends what is
   * served whether or not the disk takes that; until it does, each poll meets the withdrawal anew and writes it again.
   */
  async #withdraw(chain: VerifiedChain): Promise<never> {
    const floors = { ...this.#raised(chain, this.#floors.generation), withdrawn: true };
    this.#floors = floors;
    this.#etag = null;
    const unwritten = await this.#writeWithdrawn(floors).then(
      () => '',
      (error: unknown) => `; it is not on disk yet: ${String(error)}`,
    );
    const { gateway } = this.#options.identity;
    throw new TrustError('TRUST_NOT_LISTED', `expected a target for ${gateway}, found none${unwritten}`);
  }

  /** Floors that are withdrawn, in a slot too: where floors.json is lost, no slot of before brings back what was served. */
  async #writeWithdrawn(floors: Floors): Promise<void> {
    const slot = this.#slot;
    if (slot === null || slot.floors.withdrawn) return writeFloors(this.#place, floors);
    const withdrawn: Slot = { ...slot, name: spareOf(slot), floors };
    await writeSlot(this.#place, withdrawn);
    this.#slot = withdrawn;
  }

  /** Makes a verified chain and target the state: the spare slot, then floors, then its commit. */
  async #keep(chain: VerifiedChain, target: VerifiedTarget): Promise<void> {
    const floors = this.#raised(chain, target.custom.generation);
    const slot: Slot = {
      name: spareOf(this.#slot),
      floors,
      metadata: chain.metadata,
      target,
      ...this.#timesWith(chain),
    };
    // In memory first: when the disk fails half-way, floors on it may be up already, and must not be written lower.
    this.#floors = floors;
    await writeSlot(this.#place, slot);
    this.#slot = slot;
    this.#etag = chain.etag;
  }

  /**
   * How long what is served counts as fresh. Nothing that the same timestamp key signed before is taken back: a timestamp of a
   * moment's life, or of long ago, would otherwise end what is served for who holds that key alone.
   */
  #timesWith({ metadata, times }: VerifiedChain): SignedTimes {
    const former = this.#slot;
    if (former === null || floorUnder(former.floors, 'timestamp', metadata.root.signed) === null) return times;
    return {
      signedAtMs: Math.max(times.signedAtMs, former.signedAtMs),
      expiresAtMs: Math.max(times.expiresAtMs, former.expiresAtMs),
    };
  }

  #raised(chain: VerifiedChain, generation: number): Floors {
    const newestMs = newestSignedMs(this.#floors, chain.metadata.root.signed);
    return {
      ...this.#floors,
      sequence: this.#floors.sequence + 1,
      root: floorOf(chain, 'root'),
      timestamp: floorOf(chain, 'timestamp'),
      snapshot: floorOf(chain, 'snapshot'),
      targets: floorOf(chain, 'targets'),
      generation,
      newestMs: Math.max(newestMs, chain.times.signedAtMs),
      withdrawn: false,
    };
  }
}

/** Where the next slot goes, so that a write that fails leaves this one. */
function spareOf(slot: Slot | null): Slot['name'] {
  return slot?.name === 'a' ? 'b' : 'a';
}

function floorOf({ metadata }: VerifiedChain, role: TrustRole): RoleFloor {
  const { signed, sha256 } = metadata[role];
  return { version: roleFacts(signed, role).version, sha256, keyIds: keyIdsOf(metadata.root.signed, role) };
}

/** True when what is running is what is listed: the facts of its bytes, and what was signed about it. */
function isSameTarget(current: VerifiedTarget, listed: ListedTarget): boolean {
  const { custom, bundle, provenance } = current;
  const running: ListedTarget = { custom, bundle: factsOf(bundle), provenance: provenance && factsOf(provenance) };
  return canonicalText(running) === canonicalText(listed);
}
