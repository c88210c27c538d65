import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { requestedOutputTokens, type StreamScanner, type Target } from '../../../src/core/policy/index.ts';
import type { Usage } from '../../../src/core/wallet/index.ts';
import type { Family } from '../refusal.ts';
import type { ShapeStream } from '../streams/stream.ts';
import type { Translator } from '../translate/translator.ts';

/** Set as the answer's limit when a request that is paid from a wallet names none, so that its hold is an upper bound. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
/** A model is written into evidence, also where nobody offers it: its text must not fill the journal. */
const MAX_MODEL = 256;

/** What the gateway needs to know of a request; everything else passes through. */
export interface Wanted {
  readonly body: JsonObject;
  readonly model: string | null;
  readonly stream: boolean;
  /** The client asked for the usage chunk itself; true where the shape always has it. */
  readonly wantsUsage: boolean;
  /** Answers of up to the output limit each; 0 where nothing is generated. */
  readonly choices: number;
}

/** The way of a request to a provider and of its answer back. */
export interface Passage {
  /** Behind the base URL of the target. */
  readonly path: string;
  /**
   * The body for one target, or why the request cannot be carried there. The same object when nothing had to change, so
   * that the client's own bytes can be forwarded. `isPaid`: a wallet pays, so the output needs a limit.
   */
  body(wanted: Wanted, body: JsonObject, target: Target, isPaid: boolean): JsonObject | string;
  /** The usage that a provider reports in a whole answer of its own, or null when it reports none or nonsense. */
  usage(answer: Json): Usage | null;
  /** Null: the provider answers in the shape of the request. */
  readonly translation: Translation | null;
}

/** What a provider of another format answers, in the shape of the request. */
export interface Translation {
  /** Null when the answer holds what the shape cannot say. */
  answer(answer: Json, nowMs: number): Json | null;
  /** For one streamed answer. */
  stream(nowMs: number): Translator;
}

/** One endpoint: how a request of it is read and how the gateway speaks in its answers. */
export interface Shape {
  readonly route: string;
  /** Whose SDKs ask it. */
  readonly family: Family;
  /** The scope that a token needs. */
  readonly scope: 'chat' | 'embeddings';
  /** The body of a request, or what is wrong with it. */
  read(body: Json): Wanted | string;
  /** By the wire format of a target; none: a target of that format cannot be asked. */
  readonly passages: { readonly [format in Target['format']]?: Passage };
  /** A streamed answer on its way to the client; `scanner` null: no policy looks at it. Null: the endpoint has no streams. */
  readonly stream: ((scanner: StreamScanner | null, wanted: Wanted) => ShapeStream) | null;
}

/** What all shapes read alike: the model and whether a stream is wanted. */
export function readCommon(body: JsonObject): { readonly model: string | null; readonly stream: boolean } | string {
  const { model, stream } = body;
  if (model !== undefined && (typeof model !== 'string' || model === '')) return 'expected "model" to be a text';
  if (model !== undefined && model.length > MAX_MODEL)
    return `expected "model" to have at most ${MAX_MODEL} characters`;
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return 'expected "stream" to be true or false';
  return { model: model ?? null, stream: stream === true };
}

/** The most output tokens that the request as it is sent can be answered with. */
export function outputBound(wanted: Wanted, sent: Json): number {
  if (wanted.choices === 0) return 0;
  return requestedOutputTokens(sent) ?? DEFAULT_OUTPUT_TOKENS * wanted.choices;
}

/** `body` with the target's model and, where a wallet pays and it names none, a limit of the output in `field`. */
export function withModelAndLimit(
  body: JsonObject,
  target: Target,
  limit: { readonly field: string; readonly isPaid: boolean },
): JsonObject {
  const isChanged = body['model'] !== target.model;
  const needsLimit = limit.isPaid && requestedOutputTokens(body) === null;
  if (!isChanged && !needsLimit) return body;
  return { ...body, model: target.model, ...(needsLimit ? { [limit.field]: DEFAULT_OUTPUT_TOKENS } : {}) };
}
