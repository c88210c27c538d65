import type { WalletBalance } from '../../ports/index.ts';

/** The wallet, period and currency that an amount belongs to: a late settlement books to the period of its lease. */
export interface Account {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
}

/** What the newest lease said of the wallet. */
export interface KeptTerms {
  readonly limitMicros: number;
  readonly thresholds: readonly number[];
}

export interface StoredBalance extends WalletBalance {
  /** Null before the first lease. */
  readonly terms: KeptTerms | null;
}
