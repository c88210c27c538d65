// Generated from src/core/kinds/schemas/Conflict.schema.json by `npm run generate`. Do not edit.

import type { AnyValue, OrgMetadata, TemplateVersion } from './common.ts';

/**
 * What an upgrade of an org's template could not decide: the sides, what both began from, and a suggestion.
 */
export interface Conflict {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Conflict";
  readonly metadata: OrgMetadata;
  /**
   * The conflict
   */
  readonly spec: {
    /**
     * The template that the org is pinned to
     */
    readonly from: TemplateVersion;
    /**
     * The template that it was to be pinned to
     */
    readonly to: TemplateVersion;
    /**
     * Each thing to decide
     *
     * Items: One thing to decide
     */
    readonly items: readonly {
      /**
       * The org's file that says what ours is: org.yaml or one of overlays/
       */
      readonly file: string;
      /**
       * JSON pointer: below /spec/inputs of org.yaml, or as the overlay's patch has it
       */
      readonly path: string;
      /**
       * The manifest that the overlay changes
       */
      readonly object?: string;
      /**
       * Why it cannot be decided by rule
       */
      readonly cause: ("both-changed" | "target-gone" | "field-gone" | "floor" | "input-missing" | "input-unknown" | "input-invalid" | "input-moved-twice");
      /**
       * What happened, in a sentence
       */
      readonly words: string;
      /**
       * What the old template says; absent: nothing
       */
      readonly base?: AnyValue;
      /**
       * What the org says; absent: nothing
       */
      readonly ours?: AnyValue;
      /**
       * What the new template says; absent: nothing
       */
      readonly theirs?: AnyValue;
      /**
       * What may be meant
       */
      readonly suggestion: Choice;
      /**
       * What a person decided; the next upgrade follows it
       */
      readonly resolution?: Choice;
    }[];
  };
}

/**
 * A way out of a conflict
 */
export interface Choice {
  /**
   * ours: what the org says stays; theirs: what the new template says holds; value: another value
   */
  readonly take: ("ours" | "theirs" | "value");
  /**
   * The value, for value
   */
  readonly value?: AnyValue;
}
