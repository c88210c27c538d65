import { hash } from 'node:crypto';
import type { FileFacts, Sha256Hex } from '../core/model/index.ts';

// Where the files of one org's repository lie, seen from its own folder: TUF consistent snapshots, so every file but
// the timestamp is named by its version or its hash and never changes.

export const TIMESTAMP_FILE = 'timestamp.json';
/** The field in which Tenantry signs what TUF has no word for: fleet, org, time of signing. */
export const OWN_FIELD = 'x-tenantry';
/** Versions above this leave no room to count on; timestamps are near Unix seconds, a factor of 500 below. */
export const MAX_VERSION = 2 ** 40;

export type VersionedRole = 'root' | 'targets' | 'snapshot';

export function metadataFile(role: VersionedRole, version: number): string {
  return `${version}.${role}.json`;
}

const ROOT_FILE = /^[1-9]\d*\.root\.json$/;

export function isRootFile(path: string): boolean {
  return ROOT_FILE.test(path);
}

/** The names of a gateway's targets, as targets.json lists them. */
export function bundleTarget(gateway: string): string {
  return `${gateway}/bundle.tar`;
}

export function provenanceTarget(gateway: string): string {
  return `${gateway}/provenance.json`;
}

/** The form of a bundle that OPA reads; no gateway of ours does. */
export function opaTarget(gateway: string): string {
  return `${gateway}/opa.tar.gz`;
}

/** The file of a target: its hash stands before its last step. */
export function targetFile(target: string, sha256: Sha256Hex): string {
  const cut = target.lastIndexOf('/') + 1;
  return `targets/${target.slice(0, cut)}${sha256}.${target.slice(cut)}`;
}

export function sha256Of(bytes: Uint8Array): Sha256Hex {
  return hash('sha256', bytes, 'hex') as Sha256Hex;
}

export function factsOf(bytes: Uint8Array): FileFacts {
  return { length: bytes.length, sha256: sha256Of(bytes) };
}
