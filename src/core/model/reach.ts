import type { OrgSlug } from './ids.ts';

/** Limits that rise and fall in one currency, in millionths of it; a wallet that comes or goes counts with its whole limit. */
export interface MoneyMoved {
  readonly currency: string;
  readonly upMicros: bigint;
  readonly downMicros: bigint;
}

/** How far a change reaches: what a person asks first. */
export interface Reach {
  /** Orgs that change, or that get other bundles by what all share, of `orgsInFleet` that there are on either side. */
  readonly orgs: number;
  readonly orgsInFleet: number;
  /** Gateways that change themselves, through a policy, wallet, team or token that they use, or by prices or settings of the fleet. */
  readonly gateways: number;
  /** Tokens and wallets that change themselves. */
  readonly tokens: number;
  readonly wallets: number;
  /** Sorted by currency; empty when no limit moves. */
  readonly money: readonly MoneyMoved[];
}

/**
 * What is proved of the orgs whose own inputs a change leaves alone (files that people and commands write, not generated
 * ones): how each was compared, and those that are not the same. It holds exactly when `affected`,
 * `unproved` and `carried` are empty.
 */
export interface Untouched {
  /** byInputs + byRender + affected + unproved. */
  readonly compared: number;
  /** Same folder, same templates, same renderer: equal inputs of a pure function. */
  readonly byInputs: number;
  /** Rendered on both sides to the same bytes. */
  readonly byRender: number;
  /** Orgs that change though nothing that was written for them does. */
  readonly affected: readonly OrgSlug[];
  /** Orgs that could not be rendered on one side, where their inputs are not the same; all where what all share cannot be read. */
  readonly unproved: readonly OrgSlug[];
  /** Of all that were compared: orgs whose bundles carry what changes of the fleet's settings or prices. */
  readonly carried: readonly OrgSlug[];
  /** False when settings or prices differ that bundles carry; `carried` says whose. */
  readonly sameSettings: boolean;
}
