import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

// The most that one picture has been documented to cost: 2833 + 8 tiles of 5667 tokens (gpt-4o-mini, high detail).
const IMAGE_TOKENS = 50_000;
/** What a chat template adds around a conversation, beyond the bytes of the roles that the JSON already counts. */
const TEMPLATE_TOKENS = 64;

/** What Anthropic adds to a request that offers tools (313 to 530 by model). */
const TOOL_TOKENS = 700;

/** A number may be written shorter than a provider writes it again: 1e20 has 21 digits. No double has more characters. */
const NUMBER_TOKENS = 25;

/**
 * An upper bound of the input tokens of a request that is sent as `sentBytes` bytes of JSON. Byte-level tokenizers spend at
 * least one byte of UTF-8 on every token, and JSON writes no text shorter than it is, so these bytes bound the text, roles and
 * tools in it; numbers count by their longest form, pictures by the most that is documented. What lies elsewhere is not
 * counted: see `costIsBounded`.
 */
export function estimateTokens(body: Json, sentBytes: number): number {
  const counts: Counts = { pictures: 0, numbers: 0 };
  countParts(body, counts);
  const tools = toolsOfAnthropic(body) ? TOOL_TOKENS : 0;
  return sentBytes + counts.pictures * IMAGE_TOKENS + counts.numbers * NUMBER_TOKENS + TEMPLATE_TOKENS + tools;
}

function toolsOfAnthropic(body: Json): boolean {
  const tools = isJsonObject(body) ? body['tools'] : undefined;
  return Array.isArray(tools) && tools.some((tool: Json) => isJsonObject(tool) && Object.hasOwn(tool, 'input_schema'));
}

interface Counts {
  pictures: number;
  numbers: number;
}

function countParts(value: Json, counts: Counts): void {
  if (typeof value === 'number') counts.numbers++;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) countParts(item, counts);
    return;
  }
  if ((value as JsonObject)['type'] === 'image') counts.pictures++;
  for (const key of Object.keys(value)) {
    if (key === 'image_url' || key === 'input_image') counts.pictures++;
    countParts((value as JsonObject)[key] as Json, counts);
  }
}

/** The output tokens that a request allows over all its choices, or null when it states no limit. */
export function requestedOutputTokens(body: Json): number | null {
  if (!isJsonObject(body)) return null;
  const most = [body['max_completion_tokens'], body['max_tokens'], body['max_output_tokens']].filter(
    (value) => typeof value === 'number' && value >= 0,
  ) as readonly number[];
  if (most.length === 0) return null;
  const choices = Math.max(countOf(body['n']), countOf(body['best_of']));
  return Math.ceil(Math.max(...most)) * choices;
}

const countOf = (value: Json | undefined): number => (typeof value === 'number' && value > 1 ? Math.ceil(value) : 1);
