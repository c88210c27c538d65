import type { OrgUid, Sha256Hex } from '../core/model/index.ts';

/** Where published files of an org live: `<org uid>/<path>`. A path never leaves its org's folder. */
export interface Publisher {
  /**
   * What keeps two publishers that race from both winning. `conditions`: the place itself compares and replaces. `claims`: it
   * only overwrites, and publishers tell each other there before they write; that fails where a write takes effect long
   * after it was sent, so flows write there under the store's lease alone, and ask for it anew before each write.
   */
  readonly races: 'conditions' | 'claims';
  /**
   * Writes immutable files; all of them are there for good when it resolves. Other bytes under a name that exists are
   * refused with PUBLISH_CONFLICT; some of the other files may be there then.
   */
  putImmutable(org: OrgUid, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /**
   * Replaces the one mutable file (timestamp.json), durably, when it is what `over` is the SHA-256 of; null: when there
   * is none; 'overlong': when it is one of which `get` says PUBLISH_OVERLONG. PUBLISH_CONFLICT when it is not: another
   * publisher came first, and of two that race only one wins.
   */
  putMutable(org: OrgUid, path: string, bytes: Uint8Array, over: Sha256Hex | 'overlong' | null): Promise<void>;
  /**
   * The bytes, or undefined when there is no such file. Where the place does not answer it is asked again for a while
   * (PUBLISH_UNREACHABLE), and no more once the signal aborts: nobody waits for it any longer. PUBLISH_OVERLONG for a file
   * that is longer than any of ours and can be replaced all the same.
   */
  get(org: OrgUid, path: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Every published file of the org, in any order; what a crash left half-written is none. */
  list(org: OrgUid): Promise<readonly PublishedEntry[]>;
  /** Removes files that nothing leads to any more; one that is not there is no error. */
  remove(org: OrgUid, paths: readonly string[]): Promise<void>;
}

export interface PublishedEntry {
  readonly path: string;
  readonly bytes: number;
}
