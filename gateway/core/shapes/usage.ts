import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import type { Usage } from '../../../src/core/wallet/index.ts';

// What providers count. OpenAI's counters hold cached and reasoning tokens already, and some providers of its interface count
// reasoning in the total alone; Anthropic counts what it wrote to and read from its cache beside the rest of the input, and
// thinking within the output. No request has an input of nothing: who reports that has not counted.

const isCount = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function usageIn(answer: Json): JsonObject | null {
  return isJsonObject(answer) && isJsonObject(answer['usage']) ? answer['usage'] : null;
}

function counted(input: Json | undefined, output: Json | undefined, total?: Json): Usage | null {
  if (!isCount(input) || !isCount(output) || input === 0) return null;
  return { inputTokens: input, outputTokens: Math.max(output, isCount(total) ? total - input : 0) };
}

/** Whether a whole answer says or calls anything, so that a count of no output is none. */
export function saysAnything(answer: Json): boolean {
  if (!isJsonObject(answer)) return false;
  const { choices, content, output } = answer;
  const parts = [choices, content, output].flatMap((list) => (Array.isArray(list) ? (list as readonly Json[]) : []));
  return parts.some((part) => isJsonObject(part) && holdsWords(part['message'] ?? part));
}

const WORDS = [
  'content',
  'text',
  'refusal',
  'reasoning_content',
  'thinking',
  'tool_calls',
  'function_call',
  'input',
  'arguments',
];

function holdsWords(part: Json): boolean {
  if (!isJsonObject(part)) return false;
  return WORDS.some((key) => {
    const value = part[key] ?? null;
    if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
    return value !== null;
  });
}

/** Of a chat completion or of a chunk of one. */
export function chatUsage(answer: Json): Usage | null {
  const usage = usageIn(answer);
  return usage === null ? null : counted(usage['prompt_tokens'], usage['completion_tokens'], usage['total_tokens']);
}

/** Of embeddings: nothing is generated. */
export function embeddingsUsage(answer: Json): Usage | null {
  const usage = usageIn(answer);
  return usage === null ? null : counted(usage['prompt_tokens'], 0);
}

/** Of a response. */
export function responsesUsage(answer: Json): Usage | null {
  const usage = usageIn(answer);
  return usage === null ? null : counted(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
}

/**
 * Of a message, of its start or of its last delta; what a cache was written or read with counts as input. What was generated
 * beside the answer, such as a summary of what was said, stands in `iterations` alone.
 */
export function messagesUsage(answer: Json): Usage | null {
  const usage = usageIn(answer);
  const iterations = usage?.['iterations'] ?? [];
  if (!Array.isArray(iterations)) return null;
  const counts = [usage, ...(iterations as readonly Json[])].map(messageCounts);
  if (!counts.every((count) => count !== null)) return null;
  const [own, ...parts] = counts;
  const most = (of: (count: Usage) => number): number => Math.max(own === undefined ? 0 : of(own), sum(parts.map(of)));
  return counted(
    most(({ inputTokens }) => inputTokens),
    most(({ outputTokens }) => outputTokens),
  );
}

const INPUT = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

function messageCounts(usage: Json): Usage | null {
  if (!isJsonObject(usage)) return null;
  const [own, ...cached] = INPUT.map((key) => usage[key]);
  const parts = [own, ...cached.map((count) => count ?? 0)];
  const output = usage['output_tokens'];
  if (!parts.every(isCount) || !isCount(output)) return null;
  return { inputTokens: sum(parts), outputTokens: output };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
