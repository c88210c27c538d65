import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import { parsedObject } from './fields.ts';

// A chat completion as a message of Anthropic.

const STOP: ReadonlyMap<Json, string> = new Map<Json, string>([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['tool_calls', 'tool_use'],
  ['function_call', 'tool_use'],
  ['content_filter', 'refusal'],
]);

/**
 * Why the answer ended, in the words of messages; what is not known counts as an ordinary end. `isCalling`: it asks for tools, which
 * chat completions end by `stop` where the caller named the tool, and messages always by `tool_use`.
 */
export function stopReasonOf(finishReason: Json | undefined, isCalling: boolean): string {
  const stop = STOP.get(finishReason ?? null) ?? 'end_turn';
  return stop === 'end_turn' && isCalling ? 'tool_use' : stop;
}

/** Ends that may come in the middle of a call. */
const CUT_OFF: ReadonlySet<string> = new Set(['max_tokens', 'refusal']);

const count = (value: Json | undefined): number => (typeof value === 'number' && value > 0 ? value : 0);

/** The counters of chat completions as Anthropic's: what was read from a cache stands beside the rest of the input. */
export function messagesUsageOf(value: Json | undefined): JsonObject {
  const usage = value !== undefined && isJsonObject(value) ? value : {};
  const details = usage['prompt_tokens_details'];
  const cached = details !== undefined && isJsonObject(details) ? count(details['cached_tokens']) : 0;
  return {
    input_tokens: Math.max(0, count(usage['prompt_tokens']) - cached),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: count(usage['completion_tokens']),
  };
}

/**
 * The message that a chat completion is; null when it is none, holds what messages cannot say, or a call's arguments are no JSON
 * object. Of an answer that was cut off, a call of which only a part came is left out: its stop reason says so.
 */
export function messageOfChat(answer: Json): JsonObject | null {
  if (!isJsonObject(answer) || !Array.isArray(answer['choices'])) return null;
  const [choice] = answer['choices'] as readonly Json[];
  if (choice === undefined || !isJsonObject(choice) || !isJsonObject(choice['message'])) return null;
  const said = saidIn(choice['message']);
  if (said === null) return null;
  const stop = said.isRefusal ? 'refusal' : stopReasonOf(choice['finish_reason'], said.calls.length > 0);
  const content = blocksOf(said, CUT_OFF.has(stop));
  if (content === null) return null;
  return {
    id: answer['id'] ?? '',
    type: 'message',
    role: 'assistant',
    model: answer['model'] ?? '',
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage: messagesUsageOf(answer['usage']),
  };
}

/** What a message, or a delta of one, says. */
export interface Said {
  readonly reasoning: string;
  /** The content, and the words by which the model refused; none is empty. */
  readonly texts: readonly string[];
  readonly isRefusal: boolean;
  readonly calls: readonly Json[];
}

/** Null where it says something that messages have no place for, such as sound, or a call without an id. */
export function saidIn(message: JsonObject): Said | null {
  const { reasoning_content, reasoning = null, content = null, refusal = null, tool_calls: calls = null } = message;
  if ((message['function_call'] ?? null) !== null || (message['audio'] ?? null) !== null) return null;
  const thought = reasoning_content || reasoning || '';
  const parts = partsIn(content);
  if (typeof thought !== 'string' || parts === null || !(refusal === null || typeof refusal === 'string')) return null;
  if (!(calls === null || Array.isArray(calls))) return null;
  const refusals = [...parts.refusals, refusal ?? ''].filter((text) => text !== '');
  return {
    reasoning: thought,
    texts: [...parts.texts.filter((text) => text !== ''), ...refusals],
    isRefusal: refusals.length > 0,
    calls: calls ?? [],
  };
}

interface Parts {
  readonly texts: readonly string[];
  readonly refusals: readonly string[];
}

/** Content that is a text, or a list of parts which are. */
function partsIn(content: Json): Parts | null {
  if (content === null) return { texts: [], refusals: [] };
  if (typeof content === 'string') return { texts: [content], refusals: [] };
  if (!Array.isArray(content)) return null;
  const [texts, refusals]: [string[], string[]] = [[], []];
  for (const part of content as readonly Json[]) {
    if (!isJsonObject(part)) return null;
    if (part['type'] === 'text' && typeof part['text'] === 'string') texts.push(part['text']);
    else if (part['type'] === 'refusal' && typeof part['refusal'] === 'string') refusals.push(part['refusal']);
    else return null;
  }
  return { texts, refusals };
}

/** Reasoning comes without Anthropic's signature, and says so by an empty one. */
function blocksOf({ reasoning, texts, calls }: Said, isCutOff: boolean): readonly Json[] | null {
  const blocks: Json[] = [];
  if (reasoning !== '') blocks.push({ type: 'thinking', thinking: reasoning, signature: '' });
  for (const text of texts) blocks.push({ type: 'text', text });
  for (const call of calls) {
    if (!isJsonObject(call) || !isJsonObject(call['function'])) return null;
    const { name = '', arguments: written } = call['function'];
    const input = parsedObject(typeof written === 'string' && written !== '' ? written : '{}');
    if (input === undefined && isCutOff) continue;
    if (input === undefined) return null;
    blocks.push(toolUseOf(call['id'] ?? '', name, input));
  }
  return blocks;
}

/** A call as Anthropic has it, which says of each who calls: here the model itself. */
export function toolUseOf(id: Json, name: Json, input: JsonObject): JsonObject {
  return { type: 'tool_use', id, name, input, caller: { type: 'direct' } };
}
