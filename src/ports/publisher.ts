import type { OrgUid } from '../core/model/index.ts';

/** Where published files of an org live: `<org uid>/<path>`. A path never leaves its org's folder. */
export interface Publisher {
  /** Writes an immutable object; writing other bytes under a name that exists is refused with PUBLISH_CONFLICT. */
  putImmutable(org: OrgUid, path: string, bytes: Uint8Array): Promise<void>;
  /** Replaces the one mutable file (timestamp.json), durably. */
  putMutable(org: OrgUid, path: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, or undefined when there is no such file. */
  get(org: OrgUid, path: string): Promise<Uint8Array | undefined>;
}
