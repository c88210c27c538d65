// Generated from src/core/kinds/schemas/Waiver.schema.json by `npm run generate`. Do not edit.

import type { Handle, Instant, OrgMetadata, Reason } from './common.ts';

/**
 * An exception to what one finding says of one object, with an owner and an end.
 */
export interface Waiver {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Waiver";
  readonly metadata: OrgMetadata;
  /**
   * The waiver
   */
  readonly spec: {
    /**
     * The code of the finding
     */
    readonly code: string;
    /**
     * The object that it is about, as Kind/name or Kind/environment/name
     */
    readonly object: string;
    /**
     * What check found when it was accepted, word for word; a finding that says anything else counts
     *
     * Items: One finding's found
     */
    readonly found?: readonly string[];
    /**
     * Who answers for the exception
     */
    readonly owner: Handle;
    /**
     * Platform owners who agreed: one for medium findings, two for high ones
     */
    readonly approvers?: readonly Handle[];
    readonly reason: Reason;
    /**
     * When the finding counts again
     */
    readonly expires: Instant;
  };
}
