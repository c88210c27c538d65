import type { Sha256Hex } from './ids.ts';

/** The four roles of an org's update repository (bundles.md); each has a key of its own per org and epoch. */
export type TrustRole = 'root' | 'targets' | 'snapshot' | 'timestamp';

/** Key epoch per role, counted from 1 and raised by rotation. */
export type RoleEpochs = { readonly [role in TrustRole]: number };

/** What metadata says of a file it names. */
export interface FileFacts {
  readonly length: number;
  readonly sha256: Sha256Hex;
}

/** A signed file as it was put, and until when its signature holds, in Unix milliseconds. */
export interface SignedFacts extends FileFacts {
  readonly expiresAt: number;
}

/** What is published for an org: the numbers that may only rise, and the content digest per gateway. */
export interface Publication {
  /** The org's generation that the published files reflect; below the head's means a publish is due. */
  readonly generation: number;
  readonly epochs: RoleEpochs;
  readonly rootVersion: number;
  /**
   * The roots that were published, by version, from the first publication on. Enrolment pins the first, so another one in
   * its place is found out here; whoever can write to the published files cannot write this.
   */
  readonly roots: PublishedRoots;
  readonly targetsVersion: number;
  readonly snapshotVersion: number;
  readonly timestampVersion: number;
  /** Unix milliseconds at which each was signed last. */
  readonly signedAt: { readonly targets: number; readonly snapshot: number; readonly timestamp: number };
  /** The newest targets and snapshot files, as snapshot and timestamp name them: a renewal reads no file. */
  readonly meta: { readonly targets: SignedFacts; readonly snapshot: SignedFacts };
  /** Gateway name to what its target carries. */
  readonly targets: { readonly [gateway: string]: PublishedTarget };
}

export type PublishedRoots = { readonly [version: number]: SignedFacts };

export interface PublishedTarget {
  readonly environment: string;
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
  readonly previous: Sha256Hex | null;
  /** Length and SHA-256 of the target files, as targets.json lists them. */
  readonly bundle: FileFacts;
  readonly provenance: FileFacts;
  /** The form for OPA, where fleet.yaml asks for it (rulings 29). */
  readonly opa?: FileFacts;
}
