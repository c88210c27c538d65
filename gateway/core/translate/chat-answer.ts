import { isJsonObject, type Json, type JsonObject, writeJson } from '../../../src/core/model/index.ts';

// A message of Anthropic as the answer of chat completions.

const FINISH: ReadonlyMap<Json, string> = new Map<Json, string>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

/** Why the answer ended, in the words of chat completions; what is not known counts as an ordinary end. */
export function finishReasonOf(stopReason: Json | undefined): string {
  return FINISH.get(stopReason ?? null) ?? 'stop';
}

const count = (value: Json | undefined): number => (typeof value === 'number' && value > 0 ? value : 0);

/** Anthropic's counters as those of chat completions: what a cache was written or read with is part of the prompt. */
export function chatUsageOf(value: Json | undefined): JsonObject {
  const usage = value !== undefined && isJsonObject(value) ? value : {};
  const cached = count(usage['cache_read_input_tokens']);
  const prompt = count(usage['input_tokens']) + count(usage['cache_creation_input_tokens']) + cached;
  const completion = count(usage['output_tokens']);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

/** The chat completion that a message is; null when it holds what chat completions cannot say. */
export function chatOfMessage(answer: Json, nowMs: number): JsonObject | null {
  if (!isJsonObject(answer) || !Array.isArray(answer['content'])) return null;
  let text = '';
  let reasoning = '';
  const calls: Json[] = [];
  for (const block of answer['content'] as readonly Json[]) {
    if (!isJsonObject(block)) return null;
    if (block['type'] === 'text') text += String(block['text'] ?? '');
    else if (block['type'] === 'thinking') reasoning += String(block['thinking'] ?? '');
    else if (block['type'] === 'tool_use') calls.push(callOf(block));
    else if (block['type'] !== 'redacted_thinking') return null;
  }
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id: answer['id'] ?? '',
    object: 'chat.completion',
    created: Math.floor(nowMs / 1000),
    model: answer['model'] ?? '',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasonOf(answer['stop_reason']) }],
    usage: chatUsageOf(answer['usage']),
  };
}

function callOf(block: JsonObject): Json {
  const { id = '', name = '', input = {} } = block;
  return { id, type: 'function', function: { name, arguments: writeJson(input) } };
}
