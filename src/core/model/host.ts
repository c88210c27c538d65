import type { GitId, Sha256Hex } from './ids.ts';

/** What pure code needs from its host, as types; Node's implementations live in `src/host`. */
export interface Hash {
  /** SHA-256 over the bytes, or over the UTF-8 of the text. */
  sha256(data: Uint8Array | string): Sha256Hex;
  /** The id git gives a blob with this text: SHA-1 over "blob <length>\0" and the UTF-8 bytes. Equality only, never trust. */
  gitBlobId(text: string): GitId;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

export interface Random {
  /** `count` bytes from the system's generator. */
  bytes(count: number): Uint8Array;
}

/** Minutes that local time in `zone` (IANA name) is ahead of UTC at `epochMs`; undefined for an unknown zone. */
export type ZoneOffset = (zone: string, epochMs: number) => number | undefined;
