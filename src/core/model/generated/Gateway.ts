// Generated from src/core/kinds/schemas/Gateway.schema.json by `npm run generate`. Do not edit.

import type { Domain, EnvironmentMetadata, Listen, ModelName, Name, RateLimits, Region, Url, Version } from './common.ts';

/**
 * One gateway process of one customer workload: where it runs, what it enforces, which accounts it uses.
 */
export interface Gateway {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Gateway";
  readonly metadata: EnvironmentMetadata;
  /**
   * The settings of the gateway
   */
  readonly spec: {
    /**
     * What the customer uses it for
     */
    readonly workload: string;
    /**
     * The machine that it runs on
     */
    readonly host: Name;
    readonly listen: Listen;
    /**
     * The DNS name that clients use
     */
    readonly hostname?: Domain;
    readonly region: Region;
    /**
     * The policy that it enforces, of the same environment
     */
    readonly policy: Name;
    /**
     * Teams that use it
     *
     * Items: A team of this org
     */
    readonly teams: readonly Name[];
    /**
     * The wallet that pays where the token names none
     */
    readonly wallet?: Name;
    /**
     * The rollout ring of the fleet that it belongs to
     */
    readonly ring: Name;
    /**
     * The program that it runs
     */
    readonly runtime: {
      /**
       * The program
       */
      readonly name: "tenantry-gateway";
      readonly version: Version;
    };
    /**
     * Accounts at model providers, one for each target of the policy
     *
     * Items: One account
     */
    readonly upstreams: readonly {
      /**
       * The id of the target in the policy's providers
       */
      readonly id: string;
      /**
       * Account, project or subscription at the provider
       */
      readonly account: string;
      readonly region: Region;
      /**
       * Where the key is found: env or store, exactly one; never the key
       */
      readonly secret: SecretReference;
    }[];
    /**
     * Where the gateway posts its decisions beside the control plane, as a webhook of the policy would
     *
     * Items: One sink
     */
    readonly sinks?: readonly {
      /**
       * The sink's name
       */
      readonly name: Name;
      /**
       * Where decisions are posted; the gateway reaches no private address
       */
      readonly url: Url;
      /**
       * What deliveries are signed with: env or store, exactly one; without it they are not signed
       */
      readonly secret?: SecretReference;
    }[];
    /**
     * Hosts that it may reach, as agreed: check refuses a policy or sink that names another, and entries that are too wide, private or another customer's
     *
     * Items: A host name, a pattern such as *.acme.example, or an address, with an optional port
     */
    readonly egress: readonly string[];
    /**
     * What it takes at most
     */
    readonly limits: {
      /**
       * Requests in a minute
       */
      readonly requestsPerMinute?: number;
      /**
       * Requests at the same time
       */
      readonly concurrentRequests?: number;
      /**
       * Tokens of prompts and answers in a minute
       */
      readonly tokensPerMinute?: number;
      /**
       * What one client address may ask at most; of IPv6, one /64
       */
      readonly perAddress?: RateLimits;
      /**
       * What may be asked of a model at most, by whatever name it was asked for
       *
       * Items: One model
       */
      readonly models?: readonly {
        readonly model: ModelName;
        readonly limits: RateLimits;
      }[];
      /**
       * Size of a request in bytes
       */
      readonly bodyBytes?: number;
    };
  };
}

/**
 * Where a secret is found: env or store, exactly one; never the secret
 */
export interface SecretReference {
  /**
   * Name of an environment variable on the gateway's host
   */
  readonly env?: string;
  /**
   * Path in the secret store
   */
  readonly store?: string;
}
