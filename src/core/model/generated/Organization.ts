// Generated from src/core/kinds/schemas/Organization.schema.json by `npm run generate`. Do not edit.

import type { Domain, Handle, Instant, OrgMetadata, Region, ShownName, TemplateVersion, Uid } from './common.ts';

/**
 * One customer: the file that operators edit.
 */
export interface Organization {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Organization";
  readonly metadata: OrgMetadata;
  /**
   * The settings of the org
   */
  readonly spec: {
    readonly displayName: ShownName;
    readonly uid: Uid;
    /**
     * dedicated: gateways, upstream accounts and sinks of its own; shared: parts may be shared where a rule allows it
     */
    readonly isolation: ("dedicated" | "shared");
    /**
     * Staff on the forge who review changes of this org
     */
    readonly owners: readonly Handle[];
    /**
     * Domains that belong to this customer and to no other
     */
    readonly domains: readonly Domain[];
    /**
     * Regions in which this customer's data may be; without it, any
     */
    readonly regions?: readonly Region[];
    /**
     * The template that generates this org's manifests, pinned as name@version
     */
    readonly template: TemplateVersion;
    /**
     * What the template asks for; checked against the template's own schema
     */
    readonly inputs: {
      readonly [k: string]: unknown;
    };
    /**
     * Since when the org is retired: it has no gateway and no token, whatever its template says
     */
    readonly retired?: Instant;
    /**
     * What gateways do when their configuration is too old to trust; the fleet's setting where absent
     */
    readonly onExpired?: ("block" | "keep-serving");
  };
}
