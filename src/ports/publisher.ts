import type { OrgUid } from '../core/model/index.ts';

/** Where published files of an org live: `<org uid>/<path>`. A path never leaves its org's folder. */
export interface Publisher {
  /**
   * Writes immutable files; all of them are there for good when it resolves. Other bytes under a name that exists are
   * refused with PUBLISH_CONFLICT; some of the other files may be there then.
   */
  putImmutable(org: OrgUid, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Replaces the one mutable file (timestamp.json), durably. */
  putMutable(org: OrgUid, path: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, or undefined when there is no such file. */
  get(org: OrgUid, path: string): Promise<Uint8Array | undefined>;
}
