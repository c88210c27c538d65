import type { OrgUid, RoleEpochs, TrustRole } from '../core/model/index.ts';

/** A word of core/model, for those who meet it here. */
export type { TrustRole } from '../core/model/index.ts';

/** Signs per role, org and epoch; private material never leaves it (rulings 19). */
export interface Signer {
  /** Signs bundles in the form for OPA with ES256; there where fleet.yaml asks for it (rulings 29). */
  readonly opa?: {
    keyId(): Promise<string>;
    /** The 64 bytes r and s over exactly these bytes. */
    sign(bytes: Uint8Array): Promise<Uint8Array>;
  };
  /** The raw 32-byte Ed25519 public key. */
  publicKey(role: TrustRole, org: OrgUid, epoch: number): Promise<Uint8Array>;
  /** The 64-byte Ed25519 signature over exactly these bytes. */
  sign(role: TrustRole, org: OrgUid, epoch: number, bytes: Uint8Array): Promise<Uint8Array>;
}

/** Who holds a key: root offline, publish with the controller, online with the control plane (bundles.md). */
export type KeyHolder = 'root' | 'publish' | 'online';

/** A seed or key that is at hand, for people: where it lies, never what it is. */
export interface HeldSeed {
  readonly holder: KeyHolder;
  /** Which of several root seeds: `a`, `b`, …; empty where there is one. */
  readonly share: string;
  /** The first epoch whose keys come from it. */
  readonly fromEpoch: number;
  /** A path, the name of a variable, or a program. */
  readonly where: string;
}

/** Everything of keys that is at hand on this machine. */
export interface Custody {
  /** Signs the daily roles; and roots, where there is one root seed. */
  readonly signer: Signer;
  /** One for each root seed that is at hand; each answers SIGNER_SEED_MISSING for epochs of other seeds. */
  rootSigners(): Promise<readonly Signer[]>;
  held(): Promise<readonly HeldSeed[]>;
  /** The epochs that a new org begins with: keys below them come from seeds that were replaced. */
  firstEpochs(): Promise<RoleEpochs>;
  /**
   * Sees to new seeds (`shares` of them, for root) from which the keys of `fromEpoch` and later ones are derived; keeps those
   * that stand already. SIGNER_SEED_MISSING where seeds are not made here and they are not there.
   */
  renewSeeds(renewal: {
    readonly holder: KeyHolder;
    readonly fromEpoch: number;
    readonly shares: number;
  }): Promise<void>;
}

/** First roots that a ceremony signed before their orgs existed: public material, written once. */
export interface PresignedRoots {
  /** The org uids that have one, sorted. */
  uids(): Promise<readonly OrgUid[]>;
  get(org: OrgUid): Promise<Uint8Array | undefined>;
  /** Durable when it resolves; refuses to replace another root (SIGNER_ROOT_FILE). */
  put(org: OrgUid, bytes: Uint8Array): Promise<void>;
  remove(org: OrgUid): Promise<void>;
}
