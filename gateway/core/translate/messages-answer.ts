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

/** Why the answer ended, in the words of messages; what is not known counts as an ordinary end. */
export function stopReasonOf(finishReason: Json | undefined): string {
  return STOP.get(finishReason ?? null) ?? 'end_turn';
}

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

/** The message that a chat completion is; null when it is none, or a call's arguments are no JSON object. */
export function messageOfChat(answer: Json): JsonObject | null {
  if (!isJsonObject(answer) || !Array.isArray(answer['choices'])) return null;
  const [choice] = answer['choices'] as readonly Json[];
  if (choice === undefined || !isJsonObject(choice) || !isJsonObject(choice['message'])) return null;
  const content = blocksOf(choice['message']);
  if (content === null) return null;
  const isRefusal = typeof choice['message']['refusal'] === 'string' && choice['message']['refusal'] !== '';
  return {
    id: answer['id'] ?? '',
    type: 'message',
    role: 'assistant',
    model: answer['model'] ?? '',
    content,
    stop_reason: isRefusal ? 'refusal' : stopReasonOf(choice['finish_reason']),
    stop_sequence: null,
    usage: messagesUsageOf(answer['usage']),
  };
}

/** Reasoning comes without Anthropic's signature, and says so by an empty one. */
function blocksOf(message: JsonObject): readonly Json[] | null {
  const blocks: Json[] = [];
  const { reasoning_content: reasoning, content, refusal, tool_calls: calls } = message;
  if (typeof reasoning === 'string' && reasoning !== '')
    blocks.push({ type: 'thinking', thinking: reasoning, signature: '' });
  for (const text of [content, refusal])
    if (typeof text === 'string' && text !== '') blocks.push({ type: 'text', text });
  for (const call of Array.isArray(calls) ? (calls as readonly Json[]) : []) {
    if (!isJsonObject(call) || !isJsonObject(call['function'])) return null;
    const { name = '', arguments: written } = call['function'];
    const input = parsedObject(typeof written === 'string' && written !== '' ? written : '{}');
    if (input === undefined) return null;
    blocks.push({ type: 'tool_use', id: call['id'] ?? '', name, input });
  }
  return blocks;
}
