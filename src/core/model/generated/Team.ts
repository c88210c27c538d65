// Generated from src/core/kinds/schemas/Team.schema.json by `npm run generate`. Do not edit.

import type { Address, Name, OrgMetadata, RateLimits, ShownName } from './common.ts';

/**
 * A team of one customer: who leads it, who is in it, what it may do itself.
 */
export interface Team {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Team";
  readonly metadata: OrgMetadata;
  /**
   * The settings of the team
   */
  readonly spec: {
    readonly displayName: ShownName;
    /**
     * Who decides for the team
     */
    readonly leads: readonly Address[];
    /**
     * Who is in the team
     */
    readonly members: readonly Address[];
    /**
     * What the customer's leads may ask for without the provider's consent: an agreement that consoles show and people keep
     */
    readonly delegation?: {
      /**
       * Leads may have the team's tokens issued and revoked
       */
      readonly mayManageTokens: boolean;
      /**
       * Leads may have the team's wallets adjusted within the parent's limit
       */
      readonly mayAdjustWallets: boolean;
    };
    /**
     * What all tokens of the team together may ask at most, at each gateway
     */
    readonly limits?: RateLimits;
    /**
     * The wallet that pays for the team
     */
    readonly wallet?: Name;
  };
}
