// Generated from src/core/kinds/schemas/Overlay.schema.json by `npm run generate`. Do not edit.

import type { AnyValue, KindName, Name, OrgMetadata, Reason } from './common.ts';

/**
 * Guarded changes of one generated manifest of one org: applied only where the template still says what the author saw.
 */
export interface Overlay {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Overlay";
  readonly metadata: OrgMetadata;
  /**
   * The overlay
   */
  readonly spec: {
    /**
     * The manifest that it changes
     */
    readonly target: {
      /**
       * Its kind
       */
      readonly kind: KindName;
      /**
       * Its name
       */
      readonly name: Name;
      /**
       * Its environment, for kinds that have one
       */
      readonly environment?: Name;
    };
    readonly reason: Reason;
    /**
     * The changes, in the order in which they are made
     *
     * Items: One change
     */
    readonly patches: readonly {
      /**
       * JSON pointer in keyed form: lists with keys are addressed by key
       */
      readonly path: string;
      /**
       * What happens at the path
       */
      readonly op: ("replace" | "add" | "remove");
      /**
       * The new value, for replace and add
       */
      readonly value?: AnyValue;
      /**
       * What the template must say for the change to be made, for replace and remove
       */
      readonly was?: AnyValue;
    }[];
  };
}
