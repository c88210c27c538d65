// Generated from src/core/kinds/schemas/Wallet.schema.json by `npm run generate`. Do not edit.

import type { Address, Currency, Money, Name, OrgMetadata } from './common.ts';

/**
 * How much may be spent, by whom, in which period, and what happens when it is used up.
 */
export interface Wallet {
  /**
   * The version of this format
   */
  readonly apiVersion: "tenantry/v1";
  /**
   * The kind of manifest
   */
  readonly kind: "Wallet";
  readonly metadata: OrgMetadata;
  /**
   * The settings of the wallet
   */
  readonly spec: {
    /**
     * Whose spending it bounds
     */
    readonly scope: ("org" | "team" | "user");
    /**
     * The team, for scope team
     */
    readonly team?: Name;
    /**
     * The person, for scope user
     */
    readonly user?: Address;
    /**
     * The wallet above this one
     */
    readonly parent?: Name;
    readonly currency: Currency;
    /**
     * The most that may be spent in one period, in the wallet's currency
     */
    readonly limit: Money;
    /**
     * The time after which the limit starts anew
     */
    readonly period: {
      /**
       * The length of a period; total never starts anew
       */
      readonly kind: ("day" | "week" | "month" | "total");
      /**
       * The time zone in which days begin (IANA name)
       */
      readonly timeZone: string;
      /**
       * First day of a period: 1 to 28 for month, 1 (Monday) to 7 for week; not used else
       */
      readonly anchorDay: number;
    };
    /**
     * At which percentages of the limit people are told
     *
     * Items: A percentage
     */
    readonly thresholds: readonly number[];
    /**
     * What a request gets when the wallet cannot pay
     */
    readonly whenExhausted: ("block" | "hold" | "allow");
    /**
     * first-that-can-pay: the first wallet from here upwards; all-must-pass: every wallet upwards must have room
     */
    readonly paymentRule?: ("first-that-can-pay" | "all-must-pass");
  };
}
