import type { Context } from 'hono';
import type { JsonObject } from '../core/model/index.ts';
import { refusal } from '../flows/index.ts';
import { jsonAnswer } from './answers.ts';
import type { ServerParts } from './parts.ts';
import type { Seats } from './seats.ts';

/** One route of the contract; `path` in OpenAPI notation, `{rest}` only at the end and matching several steps. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly scope: 'public' | 'tenant' | 'fleet' | 'gateway';
  readonly summary: string;
  /** The JSON Schema of a row, for a page whose rows are not all alike. */
  readonly item?: JsonObject;
  /** What may be asked for behind `?`. */
  readonly query?: readonly string[];
  /** Headers of its own that it reads. */
  readonly headers?: readonly string[];
  readonly bodyBytes: number;
  readonly run: (c: Context, parts: SeatedParts) => Promise<Response>;
}

/** Limits of bodies in bytes. */
export const NO_BODY = 0;
export const SMALL_BODY = 64 * 1024;
export const EVENTS_BODY = 4 * 1024 * 1024;

/** What a route works with: the server's parts, and a seat of the org that it works for. */
export interface SeatedParts extends ServerParts {
  readonly seats: Seats;
}

const ORG_BUSY = refusal(429, 'ORG_BUSY', 'too much of this org waits already; ask again in a second');

/** The answer of work that asked for a seat, once its caller had shown who it is; 429 where too much of the org waits. */
export async function seated(c: Context, asked: Promise<Response | undefined>): Promise<Response> {
  const answered = await asked;
  if (answered !== undefined) return answered;
  c.header('retry-after', '1');
  return jsonAnswer(c, ORG_BUSY);
}
