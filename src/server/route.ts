import type { Context } from 'hono';
import { type JsonObject, parseJson } from '../core/model/index.ts';
import { refusal, type Seen, type Visitor } from '../flows/index.ts';
import { jsonAnswer } from './answers.ts';
import type { Bodies } from './bodies.ts';
import type { ServerParts } from './parts.ts';
import type { Seat, Seats } from './seats.ts';

/** One route of the contract; `path` in OpenAPI notation, `{rest}` only at the end and matching several steps. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly scope: 'public' | 'tenant' | 'fleet' | 'gateway';
  readonly summary: string;
  /** The JSON Schema of a row, where it needs more words than the summary has. */
  readonly item?: JsonObject;
  /** What may be asked for behind `?`. */
  readonly query?: readonly string[];
  /** Headers of its own that it reads. */
  readonly headers?: readonly string[];
  /** Null where it bounds its bodies itself, by the org of who sends them. */
  readonly bodyBytes: number | null;
  readonly run: (c: Context, parts: SeatedParts) => Promise<Response>;
}

/** Of a route whose answers have an ETag (RFC 9110). */
export const IF_NONE_MATCH = 'If-None-Match';

/** Limits of bodies in bytes. */
export const NO_BODY = 0;
export const SMALL_BODY = 64 * 1024;
export const EVENTS_BODY = 4 * 1024 * 1024;

/** The JSON of a body, `empty` for one without a byte; undefined for what is none. */
export async function jsonOf(c: Context, empty?: JsonObject): Promise<unknown> {
  const text = await c.req.text();
  if (text === '') return empty;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** What a route works with: the server's parts, and places for those who ask. */
export interface SeatedParts extends ServerParts {
  readonly seats: Seats;
  /**
   * Places of gateways that read published files, which may lie in a store that does not answer: whoever waits for it keeps no
   * lease, evidence or console of its org waiting.
   */
  readonly shelf: Seats;
  /** Places of those whose credential is not known yet. */
  readonly door: Seats;
  readonly seen: Seen;
  /** Of those who prove by their body who they are. */
  readonly bodies: Bodies;
}

const TOO_LARGE = refusal(413, 'BODY_TOO_LARGE', 'expected a smaller body');

export const tooLarge = (c: Context): Response => jsonAnswer(c, TOO_LARGE);

const ORG_BUSY = refusal(429, 'ORG_BUSY', 'too much of this org waits already; ask again in a second');

/** Too much of the org waits. */
export function busy(c: Context): Response {
  c.header('retry-after', '1');
  return jsonAnswer(c, ORG_BUSY);
}

/**
 * Does the work for whoever the visitor turns out to be, in a seat of its org. Who shows what is known has one before the store is
 * asked anything; anybody else is asked at the door who they are, where strangers have nothing of the seats of the org they name.
 */
export async function seated<Who>(
  c: Context,
  parts: SeatedParts,
  visitor: Visitor<Who>,
  work: (who: Who, seat: Seat) => Promise<Response>,
): Promise<Response> {
  const { org, isKnown, authenticate } = visitor;
  const inSeat = async (done: (seat: Seat) => Promise<Response>): Promise<Response> =>
    (await parts.seats.work(org, done)) ?? busy(c);
  if (!isKnown) return admitted(c, parts, visitor, (who) => inSeat((seat) => work(who, seat)));
  return inSeat(async (seat) => {
    const who = await authenticate();
    return who.ok ? work(who.body, seat) : jsonAnswer(c, who);
  });
}

/** As `seated`, for work that takes no seat: that of the platform team, whose merges wait for long. */
export async function admitted<Who>(
  c: Context,
  { door }: SeatedParts,
  { org, isKnown, authenticate }: Visitor<Who>,
  work: (who: Who) => Promise<Response>,
): Promise<Response> {
  const who = isKnown ? await authenticate() : await door.work(org, authenticate);
  if (who === undefined) return busy(c);
  return who.ok ? work(who.body) : jsonAnswer(c, who);
}
