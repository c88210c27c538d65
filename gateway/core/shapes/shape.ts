import type { Json, JsonObject, JudgedPath } from '../../../src/core/model/index.ts';
import { requestedOutputTokens, type StreamScanner, type Target } from '../../../src/core/policy/index.ts';
import type { Usage } from '../../../src/core/wallet/index.ts';
import type { Family } from '../refusal.ts';
import { MAX_CHOICES } from '../streams/chat.ts';
import type { ShapeStream } from '../streams/stream.ts';
import type { Translator } from '../translate/translator.ts';
import { CHOICES, COUNT_FIELDS, LIMIT_FIELDS, misspelled, PLACE } from './names.ts';

/** Set as the answer's limit when a request that is paid from a wallet names none, so that its hold is an upper bound. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
/** A model is written into evidence, also where nobody offers it: its text must not fill the journal. */
const MAX_MODEL = 256;
/** Nor may it steer the terminal or break the line of who reads it, nor be no text for who takes UTF-8: half of a pair. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

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
  readonly route: JudgedPath;
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

/** Far above what any model answers, and little enough for a price in whole micro-units. */
const MOST_OUTPUT_TOKENS = 10_000_000;
/**
 * What all shapes read alike: the model and whether a stream is wanted. `leastOutput` is the least that `max_tokens` may say: 0
 * where that asks for no answer.
 */
export function readCommon(
  body: JsonObject,
  leastOutput: 0 | 1 = 1,
): { readonly model: string | null; readonly stream: boolean } | string {
  const fault = fieldFault(body, leastOutput);
  if (fault !== null) return fault;
  const { model, stream } = body;
  if (model !== undefined && (typeof model !== 'string' || model === '')) return 'expected "model" to be a text';
  if (model !== undefined && model.length > MAX_MODEL)
    return `expected "model" to have at most ${MAX_MODEL} characters`;
  if (model !== undefined && UNSEEN.test(model)) return 'expected "model" to have no control characters';
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return 'expected "stream" to be true or false';
  return { model: model ?? null, stream: stream === true };
}

/** What is wrong with the fields at the root of a body, whatever its shape. */
function fieldFault(body: JsonObject, leastOutput: 0 | 1): string | null {
  const name = misspelled(body);
  if (name !== null) return `expected "${name}", found it in another spelling`;
  const chosen = CHOICES.find((field) => (body[field] ?? null) !== null);
  if (chosen !== undefined) return `expected no "${chosen}": which provider answers is for the gateway to choose`;
  // What `max_tokens: 0` means at one interface no other field of it says.
  const limits = leastOutput === 0 && body['max_tokens'] === 0 ? { ...body, max_tokens: null } : body;
  return numberFault(limits, LIMIT_FIELDS, MOST_OUTPUT_TOKENS) ?? numberFault(body, COUNT_FIELDS, MAX_CHOICES);
}

function numberFault(body: JsonObject, fields: readonly string[], most: number): string | null {
  const odd = fields.find((field) => {
    const value = body[field] ?? null;
    return value !== null && !(Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most);
  });
  return odd === undefined ? null : `expected "${odd}" to be a whole number from 1 to ${most}`;
}

/** Why a target that declares its regions cannot be asked; null: it can. Where it works is what it declares, not what a caller says. */
export function regionFault(body: JsonObject, { regions }: Target): string | null {
  if (regions.length === 0 || (body[PLACE] ?? null) === null) return null;
  return `Expected no "${PLACE}": the region of the target is declared.`;
}

/** The most output tokens that the request as it is sent can be answered with. */
export function outputBound(wanted: Wanted, sent: Json): number {
  if (wanted.choices === 0) return 0;
  return requestedOutputTokens(sent) ?? DEFAULT_OUTPUT_TOKENS * wanted.choices;
}

/** The limit of an answer that a wallet pays. */
export interface OutputLimit {
  /** What the target reads, the field of a limit that is set here first; none: nothing is generated. */
  readonly fields: readonly string[];
  readonly isPaid: boolean;
}

/**
 * `body` with the target's model and, where a wallet pays, one limit of the output in a field that the target reads: one in
 * another field would bound the hold and not the answer.
 */
export function withModelAndLimit(body: JsonObject, target: Target, { fields, isPaid }: OutputLimit): JsonObject {
  const stated = LIMIT_FIELDS.filter((field) => Object.hasOwn(body, field));
  const [only = '', more] = stated;
  const [own] = fields;
  const isLimited = more === undefined && fields.includes(only) && body[only] !== null;
  if (!isPaid || own === undefined || isLimited)
    return body['model'] === target.model ? body : { ...body, model: target.model };
  const limit = [...fields, ...stated].map((field) => body[field]).find((value) => typeof value === 'number');
  const rest = Object.entries(body).filter(([key]) => !stated.some((field) => field === key));
  return { ...Object.fromEntries(rest), model: target.model, [own]: limit ?? DEFAULT_OUTPUT_TOKENS };
}
