// Generated from src/core/kinds/schemas/Token.schema.json by `npm run generate`. Do not edit.

import type { Address, Instant, ModelName, Name, OrgMetadata, RateLimits, ShownName } from './common.ts';

/**
 * Machine access: which team, to which gateways, for what, until when. Never a secret.
 */
export interface Token {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Token";
  readonly metadata: OrgMetadata;
  /**
   * The settings of the token
   */
  readonly spec: {
    readonly displayName?: ShownName;
    /**
     * Who answers for the token
     */
    readonly owner: Address;
    /**
     * The team that the token acts for
     */
    readonly team: Name;
    /**
     * The wallet that is tried first; the gateway's where absent
     */
    readonly wallet?: Name;
    /**
     * Where the token works
     *
     * Items: A gateway of this org
     */
    readonly gateways: readonly Name[];
    /**
     * What the token may do; console reads this org's pages and API
     *
     * Items: One scope
     */
    readonly scopes: readonly ("chat" | "embeddings" | "models" | "mcp" | "console")[];
    /**
     * Models that the token may ask for; without it, every model that the policy offers
     */
    readonly models?: readonly ModelName[];
    /**
     * Endpoints that the token may call, of those that its scopes open; without it, all of them
     *
     * Items: One endpoint of a gateway; /mcp/ and the id of a tool server for its tools
     */
    readonly paths?: readonly string[];
    /**
     * Where calls with the token may come from; without it, everywhere
     */
    readonly addresses?: readonly ClientNetwork[];
    /**
     * What the token may ask at most, at each gateway
     */
    readonly limits?: RateLimits;
    /**
     * The role that the policy sees
     */
    readonly role?: string;
    /**
     * When the token stops working, whatever its credentials say
     */
    readonly expires: Instant;
    /**
     * How long an old secret still works after a rotation, in hours
     */
    readonly rotationOverlapHours: number;
  };
}

/**
 * Addresses of clients: a network as CIDR, or one address; IPv4 or IPv6
 */
export type ClientNetwork = string;
