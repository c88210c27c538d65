import {
  type Clock,
  FLEET_UID,
  type Hash,
  type JsonObject,
  type OrgUid,
  type Random,
  type Sha256Hex,
  type ZoneOffset,
} from '../../core/model/index.ts';
import type {
  Fence,
  IdentityKeys,
  Log,
  OrgHead,
  OrgStore,
  Publisher,
  RuntimeStore,
  Signer,
} from '../../ports/index.ts';
import { encodeSecret, formatToken, tokenDigest } from '../../trust/index.ts';
import type { Lanes } from '../lanes.ts';

/** What the control plane works with; wire.ts supplies it. */
export interface ControlPlane {
  readonly fleet: string;
  readonly orgs: OrgStore;
  readonly runtime: RuntimeStore;
  readonly publisher: Publisher;
  /** The lease of the process that it is a part of (STORE_FENCED once it is overtaken). */
  readonly fence: Fence | undefined;
  /** Needs the online seed alone. */
  readonly signer: Signer;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly random: Random;
  readonly zoneOffset: ZoneOffset;
  readonly log: Log;
  readonly wakes: Wakes<OrgUid>;
  /** Who waits for the decision about an escalation, by `<org uid>/<id>`. */
  readonly decisions: Wakes<string>;
  /** The credential of other commands on this machine, good while this process runs. */
  readonly localStaff: LocalStaff;
  readonly directory: Directory;
  readonly lanes: Lanes;
  /** Keys of the CI system that fleet.yaml pins. */
  readonly identityKeys: IdentityKeys;
}

/** An answer with its HTTP status; the server adds nothing but headers. */
export type Answer<T> =
  | { readonly ok: true; readonly status: 200 | 201 | 202; readonly body: T }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: string;
      readonly message: string;
      /** Facts of this case for programs. */
      readonly details?: JsonObject;
    };

export function answer<T>(body: T): Answer<T> {
  return { ok: true, status: 200, body };
}

export function refusal(status: number, code: string, message: string, details?: JsonObject): Answer<never> {
  return { ok: false, status, code, message, ...(details === undefined ? {} : { details }) };
}

/** A staff credential that no file of the repository knows: made at start, kept in a file of mode 0600. */
export interface LocalStaff {
  readonly id: string;
  readonly digest: Sha256Hex;
  readonly text: string;
  /** What this process answers to who shows `text`, so that another program on its address is told from it. */
  readonly run: string;
  /** Who can read that file, as the history names them. */
  readonly actor: string;
}

/** `user` is who runs this process. */
export function localStaff(random: Random, user: string): LocalStaff {
  const secret = random.bytes(32);
  const text = formatToken('local', secret);
  const run = encodeSecret(random.bytes(32));
  const digest = tokenDigest(FLEET_UID, 'local', secret);
  return { id: 'local', digest, text, run, actor: `${user} at the controller` };
}

/** Waits as `wait` does, and holds nobody up meanwhile: the request gives its place to others, and has one again afterwards. */
export type Away = <T>(wait: () => Promise<T>) => Promise<T>;

/** Who waits for what happens next, such as an org's publication. Waking is fair: in the order of arrival. */
export interface Wakes<Key> {
  /** Resolves at the next `wake` for the key, or after `waitMs`, or when `signal` aborts; true when woken. */
  wait(key: Key, waitMs: number, signal: AbortSignal): Promise<boolean>;
  wake(key: Key): void;
}

/** Finds orgs by slug and uid without a row of any other org. */
export interface Directory {
  bySlug(slug: string): Promise<OrgHead | undefined>;
  byUid(uid: string): Promise<OrgHead | undefined>;
}

/** Heads are read again once they are this old. */
const DIRECTORY_MS = 1000;

interface Names {
  readonly slugs: ReadonlyMap<string, OrgHead>;
  readonly uids: ReadonlyMap<string, OrgHead>;
}

/** Heads as they were at most a second ago, read by whoever asks first then; a clock that was put back makes them old at once. */
export function openDirectory(orgs: OrgStore, clock: Clock): Directory {
  let known: Promise<Names> | undefined;
  let readAtMs = 0;
  const read = async (): Promise<Names> => {
    const heads = await orgs.heads();
    return {
      slugs: new Map(heads.map((head) => [head.org, head])),
      uids: new Map(heads.map((head) => [head.uid, head])),
    };
  };
  const names = (): Promise<Names> => {
    const nowMs = clock.nowMs();
    if (known === undefined || Math.abs(nowMs - readAtMs) >= DIRECTORY_MS) {
      readAtMs = nowMs;
      known = read();
      // What could not be read is asked again by the next one.
      known.catch(() => {
        known = undefined;
      });
    }
    return known;
  };
  return {
    bySlug: async (slug) => (await names()).slugs.get(slug),
    byUid: async (uid) => (await names()).uids.get(uid),
  };
}
