// Generated from src/core/kinds/schemas/Credentials.schema.json by `npm run generate`. Do not edit.

import type { Digest, Instant, Name, OrgMetadata, TokenId } from './common.ts';

/**
 * Digests of token secrets, written by `tenantry token`; a digest copied to another org opens nothing.
 */
export interface Credentials {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Credentials";
  readonly metadata: OrgMetadata;
  /**
   * The credentials of the org
   */
  readonly spec: {
    /**
     * One entry for each secret that was issued
     *
     * Items: One secret, by its digest
     */
    readonly tokens: readonly {
      /**
       * The token that it belongs to
       */
      readonly token: Name;
      readonly id: TokenId;
      /**
       * SHA-256 over the org's uid, the id and the secret
       */
      readonly digest: Digest;
      /**
       * When it starts to work
       */
      readonly notBefore: Instant;
      /**
       * When it stops working
       */
      readonly notAfter: Instant;
    }[];
  };
}
