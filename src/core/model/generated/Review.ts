// Generated from src/core/kinds/schemas/Review.schema.json by `npm run generate`. Do not edit.

import type { Name, OrgMetadata } from './common.ts';

/**
 * Who decides about requests that a policy hands to people.
 */
export interface Review {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Review";
  readonly metadata: OrgMetadata;
  /**
   * The settings of the queue
   */
  readonly spec: {
    /**
     * The queue that policies escalate to
     */
    readonly queue: Name;
    /**
     * Who decides
     */
    readonly reviewers: {
      /**
       * Teams whose members decide
       *
       * Items: A team of this org
       */
      readonly teams: readonly Name[];
    };
    /**
     * How long a decision may take, in minutes
     */
    readonly slaMinutes: number;
    /**
     * Who is told
     *
     * Items: One channel
     */
    readonly notifications: readonly {
      /**
       * How people are told
       */
      readonly kind: ("email" | "webhook");
      /**
       * A mail address, or a URL for webhook
       */
      readonly to: string;
      /**
       * For webhook: the environment variable of the control plane that holds the signing secret; never the secret
       */
      readonly secretEnv?: string;
    }[];
    /**
     * What happens when nobody decided in time
     */
    readonly onTimeout: ("deny" | "approve");
  };
}
