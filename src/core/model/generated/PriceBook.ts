// Generated from src/core/kinds/schemas/PriceBook.schema.json by `npm run generate`. Do not edit.

import type { Currency, FleetMetadata, Instant, ModelName, Money } from './common.ts';

/**
 * What models cost, since when, and who says so.
 */
export interface PriceBook {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "PriceBook";
  readonly metadata: FleetMetadata;
  /**
   * The prices
   */
  readonly spec: {
    readonly currency: Currency;
    /**
     * Where the prices come from
     */
    readonly source: string;
    /**
     * One entry for each model and start date
     *
     * Items: The price of one model from one date on
     */
    readonly entries: readonly {
      readonly model: ModelName;
      /**
       * From when on the price holds
       */
      readonly from: Instant;
      /**
       * Price of a million input tokens
       */
      readonly inputPerMillion: Money;
      /**
       * Price of a million output tokens
       */
      readonly outputPerMillion: Money;
    }[];
  };
}
