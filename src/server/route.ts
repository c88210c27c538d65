import type { Context } from 'hono';
import type { ServerParts } from './parts.ts';

/** One route of the contract; `path` in OpenAPI notation, `{rest}` only at the end and matching several steps. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly scope: 'public' | 'tenant' | 'fleet' | 'gateway';
  readonly summary: string;
  /** What may be asked for behind `?`. */
  readonly query?: readonly string[];
  /** Headers of its own that it reads. */
  readonly headers?: readonly string[];
  readonly bodyBytes: number;
  readonly run: (c: Context, parts: ServerParts) => Promise<Response>;
}

/** Limits of bodies in bytes. */
export const NO_BODY = 0;
export const SMALL_BODY = 64 * 1024;
export const EVENTS_BODY = 4 * 1024 * 1024;
