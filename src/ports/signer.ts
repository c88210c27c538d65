import type { OrgUid, TrustRole } from '../core/model/index.ts';

/** A word of core/model, for those who meet it here. */
export type { TrustRole } from '../core/model/index.ts';

/** Holds the seeds and derives keys per role, org and epoch; private material never leaves it (rulings 19). */
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
