// Generated from src/core/kinds/schemas/Pin.schema.json by `npm run generate`. Do not edit.

import type { Instant, Name, OrgMetadata, Reason } from './common.ts';

/**
 * A rollback that holds: the org, or one gateway, stays on the content of an earlier generation.
 */
export interface Pin {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Pin";
  readonly metadata: OrgMetadata;
  /**
   * The pin
   */
  readonly spec: {
    /**
     * The gateway that is pinned; the whole org where absent
     */
    readonly gateway?: Name;
    /**
     * The generation whose content holds
     */
    readonly generation: number;
    readonly reason: Reason;
    /**
     * When the pin ends by itself
     */
    readonly expires: Instant;
  };
}
