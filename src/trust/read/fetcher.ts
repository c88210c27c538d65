import type { KnownFiles } from '../parcel.ts';

/** How the verifier reaches the source: one file below the org's folder, such as `timestamp.json`. */
export interface BundleFetcher {
  /** Throws when there is no usable answer: a TrustError with the refusal's own code, or any error (TRUST_UNREACHABLE). */
  get(path: string, options: FetchOptions): Promise<FetchAnswer>;
}

export interface FetchOptions {
  /** The fetcher stops reading and throws beyond this. */
  readonly limitBytes: number;
  /** Sent as If-None-Match. */
  readonly etag?: string;
  /** How long the source may hold the request until something changes. */
  readonly waitSeconds?: number;
  /** With the timestamp: what need not be sent after it. */
  readonly known?: KnownFiles;
  readonly signal?: AbortSignal;
}

export type FetchAnswer =
  | { readonly status: 200; readonly bytes: Uint8Array; readonly etag: string | null }
  | { readonly status: 304 }
  | { readonly status: 404 };
