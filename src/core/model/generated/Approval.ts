// Generated from src/core/kinds/schemas/Approval.schema.json by `npm run generate`. Do not edit.

import type { Digest, Handle, Instant, Labels, Reason } from './common.ts';

/**
 * Hazards of one change that a platform owner accepts; the file's name is the digest of spec.changes.
 */
export interface Approval {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Approval";
  /**
   * What identifies the object
   */
  readonly metadata: {
    /**
     * SHA-256 of RFC 8785 of spec.changes; the file's name
     */
    readonly name: Digest;
    readonly labels?: Labels;
  };
  /**
   * The approval
   */
  readonly spec: {
    /**
     * The changeDigest of every org that the change touches; _fleet for the fleet's own objects
     */
    readonly changes: {
      readonly [k: string]: Digest;
    };
    /**
     * The hazards that are accepted
     *
     * Items: One hazard
     */
    readonly hazards: readonly {
      /**
       * The org that it is about, or _fleet
       */
      readonly org: string;
      /**
       * The hazard's id, as diff prints it
       */
      readonly id: string;
    }[];
    /**
     * Who accepts; not the author of the change
     */
    readonly approver: Handle;
    /**
     * Who wrote the change
     */
    readonly author?: Handle;
    readonly reason: Reason;
    /**
     * Until when the change may be applied
     */
    readonly expires: Instant;
  };
}
