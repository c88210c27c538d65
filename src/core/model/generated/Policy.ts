// Generated from src/core/kinds/schemas/Policy.schema.json by `npm run generate`. Do not edit.

import type { EnvironmentMetadata } from './common.ts';

/**
 * One configuration lineage of one environment: a whole policy-config document.
 */
export interface Policy {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Policy";
  readonly metadata: EnvironmentMetadata;
  /**
   * The configuration
   */
  readonly spec: {
    /**
     * The policy-config document; its own checks are those of the policy engine
     */
    readonly document: {
      readonly [k: string]: unknown;
    };
  };
}
