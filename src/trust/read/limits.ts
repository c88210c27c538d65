/** Bytes of each kind of file, and root versions walked in one poll. */
export interface VerifyLimits {
  readonly rootBytes: number;
  readonly timestampBytes: number;
  readonly snapshotBytes: number;
  readonly targetsBytes: number;
  readonly bundleBytes: number;
  readonly provenanceBytes: number;
  readonly rootRotations: number;
}

export const DEFAULT_LIMITS: VerifyLimits = {
  rootBytes: 64 * 1024,
  timestampBytes: 16 * 1024,
  snapshotBytes: 16 * 1024,
  targetsBytes: 1024 * 1024,
  bundleBytes: 4 * 1024 * 1024,
  provenanceBytes: 256 * 1024,
  rootRotations: 1024,
};
