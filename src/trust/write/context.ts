import type { OrgUid, RoleEpochs, Sha256Hex, TrustRole } from '../../core/model/index.ts';

/** What publishing asks of a signer; the Signer port fits. */
export interface SigningKeys {
  /** There where fleet.yaml asks for a form for OPA. */
  readonly opa?: OpaSigningKey;
  publicKey(role: TrustRole, org: OrgUid, epoch: number): Promise<Uint8Array>;
  sign(role: TrustRole, org: OrgUid, epoch: number, bytes: Uint8Array): Promise<Uint8Array>;
}

/** Signs bundles for OPA with ES256, which knows no Ed25519. */
export interface OpaSigningKey {
  /** What `kid` says: by it an OPA finds the key in its configuration. */
  keyId(): Promise<string>;
  /** The 64 bytes r and s over exactly these bytes (RFC 7518, 3.4). */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** What publishing asks of the place it writes to; the Publisher port fits. */
export interface PublishedFiles {
  /** Refuses other bytes under a name that exists with an error whose `code` is PUBLISH_CONFLICT. */
  putImmutable(org: OrgUid, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /**
   * Only over the file whose SHA-256 is `over` ('overlong': one that is too long to be read; null: none); else an error whose
   * `code` is PUBLISH_CONFLICT.
   */
  putMutable(org: OrgUid, path: string, bytes: Uint8Array, over: Sha256Hex | 'overlong' | null): Promise<void>;
  /** An error whose `code` is PUBLISH_OVERLONG for a file that is longer than any that is published. */
  get(org: OrgUid, path: string): Promise<Uint8Array | undefined>;
}

/** How long each role's signature holds, in milliseconds. */
export type Lifetimes = { readonly [role in TrustRole]: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const DEFAULT_LIFETIMES: Lifetimes = {
  root: 365 * DAY_MS,
  targets: 30 * DAY_MS,
  snapshot: 7 * DAY_MS,
  timestamp: 72 * HOUR_MS,
};

/** Age from which a timestamp is renewed when asked for (rulings 1). */
export const TIMESTAMP_RENEWAL_MS = HOUR_MS;

/** How far clocks may differ before a signing time counts as one that has not come. */
export const CLOCK_SLACK_MS = 60_000;

export const FIRST_EPOCHS: RoleEpochs = { root: 1, targets: 1, snapshot: 1, timestamp: 1 };

/** One org to publish for, by whom, to where, and the present as the caller sees it. */
export interface OrgTrust {
  readonly fleet: string;
  readonly org: OrgUid;
  readonly signer: SigningKeys;
  readonly publisher: PublishedFiles;
  readonly nowMs: number;
  readonly lifetimes?: Partial<Lifetimes>;
}

/** An OrgTrust in work: lifetimes settled, signatures counted. */
export interface Signing extends Omit<OrgTrust, 'lifetimes'> {
  readonly epochs: RoleEpochs;
  /**
   * Roles that sign with the keys of these epochs too: while a rotation goes on, who has the root before it and who has
   * the root after it both find the signature that they look for.
   */
  readonly former: Partial<RoleEpochs>;
  readonly lifetimes: Lifetimes;
  readonly count: { signatures: number };
}

/** What signing alone needs: a ceremony publishes nothing. */
export type KeyTrust = Omit<OrgTrust, 'publisher'>;
export type KeySigning = Omit<Signing, 'publisher'>;

export function keySigning(trust: KeyTrust, epochs: RoleEpochs): KeySigning {
  const { fleet, org, signer, nowMs } = trust;
  const lifetimes = { ...DEFAULT_LIFETIMES, ...trust.lifetimes };
  return { fleet, org, signer, nowMs, epochs, former: {}, lifetimes, count: { signatures: 0 } };
}

export function signingFor(trust: OrgTrust, epochs: RoleEpochs): Signing {
  return { ...keySigning(trust, epochs), publisher: trust.publisher };
}
