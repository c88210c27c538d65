import type { RateLimits, SecretReference } from './generated/index.ts';
import type { OrgUid, Sha256Hex } from './ids.ts';

export const BUNDLE_FORMAT = 'tenantry/bundle/v1';
export const BUNDLE_FILES = ['bundle.json', 'data.json', 'policy-config.yaml'] as const;

/** Who a bundle is for; pinned at enrolment, compared before anything of a bundle is used. */
export interface GatewayIdentity {
  readonly fleet: string;
  readonly orgUid: OrgUid;
  readonly gateway: string;
}

/** bundle.json: nothing in it changes unless the content does. */
export interface BundleHeader extends GatewayIdentity {
  readonly format: typeof BUNDLE_FORMAT;
  readonly environment: string;
}

/** A token as a gateway needs it: digests only, never a secret. Times are Unix milliseconds. */
export interface BundleToken {
  readonly name: string;
  readonly team: string;
  /** The wallet tried first, or null when the token spends nothing. */
  readonly wallet: string | null;
  /** What it may do here: `chat`, `models`, `embeddings`. */
  readonly scopes: readonly string[];
  /** Models it may ask for; null means every model the policy offers. */
  readonly models: readonly string[] | null;
  /** Endpoints it may call; absent means all that its scopes open. */
  readonly paths?: readonly string[];
  /** Networks (CIDR) or addresses that calls may come from; absent means everywhere. */
  readonly addresses?: readonly string[];
  readonly limits?: RateLimits;
  /** The role that `rbac` sees, from the manifest, never from a header. */
  readonly role: string | null;
  readonly notAfterMs: number;
  readonly credentials: readonly {
    readonly id: string;
    readonly digest: Sha256Hex;
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
  }[];
}

export type WalletScope = 'org' | 'team' | 'user';
export type PaymentRule = 'first-that-can-pay' | 'all-must-pass';
export type WhenExhausted = 'block' | 'hold' | 'allow';

/** How a wallet's periods are computed; they are computed, never reset. */
export interface WalletPeriod {
  readonly kind: 'day' | 'week' | 'month' | 'total';
  /** IANA zone name. */
  readonly timeZone: string;
  /** Day of month (1-28) for `month`, ISO day of week (1-7) for `week`; ignored else. */
  readonly anchorDay: number;
}

/** A wallet in integer micro-units of its currency. */
export interface BundleWallet {
  readonly name: string;
  readonly scope: WalletScope;
  readonly parent: string | null;
  readonly currency: string;
  readonly limitMicros: number;
  readonly period: WalletPeriod;
  /** Percent of the limit, ascending. */
  readonly thresholds: readonly number[];
  readonly whenExhausted: WhenExhausted;
  readonly paymentRule: PaymentRule;
}

/** Prices in integer micro-units of the currency per million tokens; of one model, the newest `fromMs` not in the future holds. */
export interface BundlePrice {
  readonly model: string;
  /** Unix milliseconds from which the price holds. */
  readonly fromMs: number;
  readonly currency: string;
  readonly inputMicrosPerMillion: number;
  readonly outputMicrosPerMillion: number;
}

/** A receiver that the Gateway manifest names. */
export interface BundleSink {
  readonly name: string;
  readonly url: string;
  /** Where the secret of its signature is found; absent means that deliveries are not signed. */
  readonly secret?: SecretReference;
}

/** data.json: what this gateway needs beside the policy document, and no address of a person. */
export interface BundleData {
  readonly org: string;
  readonly teams: readonly { readonly name: string; readonly limits?: RateLimits }[];
  readonly tokens: readonly BundleToken[];
  readonly wallets: readonly BundleWallet[];
  readonly prices: readonly BundlePrice[];
  readonly reviews: readonly { readonly name: string; readonly queue: string; readonly slaMinutes: number }[];
  readonly limits: {
    readonly requestsPerMinute: number | null;
    readonly concurrentRequests: number | null;
    readonly tokensPerMinute?: number;
    /** Of one client address. */
    readonly perAddress?: RateLimits;
    readonly models?: readonly { readonly model: string; readonly limits: RateLimits }[];
    readonly bodyBytes: number;
  };
  /** Receivers of decisions beside the webhooks of the policy; absent means none. */
  readonly sinks?: readonly BundleSink[];
  /** What to do when the bundle's freshness has run out (bundles.md, freshness ladder). */
  readonly onExpired: 'block' | 'keep-serving';
}

/** What the publisher packs for one gateway: three files and the digest of their content. */
export interface Bundle {
  readonly header: BundleHeader;
  /** Name to exact bytes. */
  readonly files: ReadonlyMap<(typeof BUNDLE_FILES)[number], Uint8Array>;
  readonly contentDigest: Sha256Hex;
}

/** What a target's signed `custom` says; compared with the pinned identity before the content is read. */
export interface TargetCustom {
  readonly fleet: string;
  readonly org: OrgUid;
  readonly gateway: string;
  readonly environment: string;
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
  readonly previous: Sha256Hex | null;
}
