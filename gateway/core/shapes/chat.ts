import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import { requestedOutputTokens, type Target } from '../../../src/core/policy/index.ts';
import type { Usage } from '../../../src/core/wallet/index.ts';

/** Set as the answer's limit when a request that is paid from a wallet names none, so that its hold is an upper bound. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
const MAX_CHOICES = 128;
/** A model is written into evidence, also where nobody offers it: its text must not fill the journal. */
const MAX_MODEL = 256;

/** What the gateway needs to know of a chat request; everything else passes through. */
export interface ChatRequest {
  readonly body: JsonObject;
  readonly model: string | null;
  readonly stream: boolean;
  /** The client asked for the usage chunk itself. */
  readonly wantsUsage: boolean;
  readonly choices: number;
}

/** Reads the body of POST /v1/chat/completions, or says what is wrong with it. */
export function readChat(body: Json): ChatRequest | string {
  if (!isJsonObject(body)) return 'expected a JSON object';
  const { model, stream, messages, n } = body;
  if (!Array.isArray(messages) || messages.length === 0) return 'expected "messages" to be a list that is not empty';
  if (model !== undefined && (typeof model !== 'string' || model === '')) return 'expected "model" to be a text';
  if (model !== undefined && model.length > MAX_MODEL)
    return `expected "model" to have at most ${MAX_MODEL} characters`;
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return 'expected "stream" to be true or false';
  if (n !== undefined && n !== null && !(Number.isInteger(n) && Number(n) >= 1 && Number(n) <= MAX_CHOICES)) {
    return `expected "n" to be a whole number from 1 to ${MAX_CHOICES}`;
  }
  const options = body['stream_options'];
  return {
    body,
    model: model ?? null,
    stream: stream === true,
    wantsUsage: isJsonObject(options) && options['include_usage'] === true,
    choices: typeof n === 'number' ? n : 1,
  };
}

/** The most output tokens that the request as it is sent can be answered with. */
export function outputBound(chat: ChatRequest, body: Json): number {
  return requestedOutputTokens(body) ?? DEFAULT_OUTPUT_TOKENS * chat.choices;
}

/**
 * The body for one target: its model, an output limit where a wallet pays, the usage chunk of a stream. The same object
 * when nothing had to change, so that the client's own bytes can be forwarded.
 */
export function bodyFor(chat: ChatRequest, body: JsonObject, target: Target, isPaid: boolean): JsonObject {
  const changes: { [key: string]: Json } = {};
  if (body['model'] !== target.model) changes['model'] = target.model;
  if (isPaid && requestedOutputTokens(body) === null) {
    changes[target.family === 'openai' ? 'max_completion_tokens' : 'max_tokens'] = DEFAULT_OUTPUT_TOKENS;
  }
  if (chat.stream && !chat.wantsUsage) {
    const options = body['stream_options'];
    changes['stream_options'] = { ...(isJsonObject(options) ? options : {}), include_usage: true };
  }
  return Object.keys(changes).length === 0 ? body : { ...body, ...changes };
}

/** The usage that a provider reports, or null when it reports none or nonsense. */
export function usageOf(answer: Json): Usage | null {
  if (!isJsonObject(answer) || !isJsonObject(answer['usage'])) return null;
  const { prompt_tokens: input, completion_tokens: output } = answer['usage'];
  const isCount = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  return isCount(input) && isCount(output) ? { inputTokens: input, outputTokens: output } : null;
}

/** The answer of GET /v1/models. */
export function modelList(models: readonly string[]): JsonObject {
  return { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'tenantry' })) };
}
