// Generated from src/core/kinds/schemas/Template.schema.json by `npm run generate`. Do not edit.

import type { AnyValue, KindName, Labels, ShownName, TemplateVersion, Version } from './common.ts';

/**
 * One version of a template: what it asks for and what an org may not loosen. Immutable once on main.
 */
export interface Template {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Template";
  /**
   * What identifies the object
   */
  readonly metadata: {
    /**
     * name@version; the two directories that the file is in
     */
    readonly name: TemplateVersion;
    readonly labels?: Labels;
  };
  /**
   * The template
   */
  readonly spec: {
    readonly displayName?: ShownName;
    /**
     * JSON Schema of the inputs that an org gives
     */
    readonly inputs: {
      readonly [k: string]: unknown;
    };
    /**
     * Inputs with which `org add` begins an org; leaves may use org and next (port, env, expires)
     */
    readonly starter?: {
      readonly [k: string]: unknown;
    };
    /**
     * What overlays may not loosen
     *
     * Items: One floor
     */
    readonly floors: readonly {
      /**
       * The kind that it is about
       */
      readonly kind: KindName;
      /**
       * JSON pointer in keyed form
       */
      readonly path: string;
      /**
       * min, max: the value is a bound; locked: stays as generated; contains: the list keeps the value
       */
      readonly rule: ("min" | "max" | "locked" | "contains");
      /**
       * The bound, or what the list must contain
       */
      readonly value?: AnyValue;
    }[];
    /**
     * What this version changes, one sentence each
     *
     * Items: One change
     */
    readonly changelog: readonly string[];
    /**
     * How inputs of the version before become inputs of this one
     */
    readonly migrations?: {
      /**
       * The version before
       */
      readonly from: Version;
      /**
       * Inputs that have a new name
       *
       * Items: One move
       */
      readonly moves: readonly {
        /**
         * JSON pointer in the old inputs; `*` stands for every child
         */
        readonly from: string;
        /**
         * JSON pointer in the new inputs, with as many `*`
         */
        readonly to: string;
      }[];
      /**
       * Values for inputs that an org must state from this version on, where it does not
       *
       * Items: One default
       */
      readonly defaults?: readonly {
        /**
         * JSON pointer in the new inputs; `*` stands for every child
         */
        readonly path: string;
        /**
         * The value
         */
        readonly value: AnyValue;
      }[];
    };
  };
}
