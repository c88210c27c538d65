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

/** Fields at the root that make the provider read what is not in the request. */
const ELSEWHERE = ['previous_response_id', 'conversation', 'container', 'mcp_servers', 'web_search_options'];
/** Keys of what is said that name content elsewhere, or hold it compressed. */
const PART_ELSEWHERE = new Set(['file_id', 'file_url', 'file_data', 'audio_url', 'video_url']);

/** Fields at the root that have a price of their own, with the values that have none. */
const PRICED: ReadonlyMap<string, readonly Json[]> = new Map<string, readonly Json[]>([
  ['service_tier', ['auto', 'default', 'standard', 'standard_only', 'flex']],
  ['speed', ['standard']],
  ['inference_geo', ['global']],
  ['plugins', []],
  ['search_parameters', []],
  ['enable_search', [false]],
  ['web_search', [false]],
]);

/** False when no bound of what a request costs exists: the provider reads content that it does not hold, or asks another price. */
export function costIsBounded(body: Json): boolean {
  if (!isJsonObject(body)) return true;
  if (isJsonObject(body['prompt']) || hasHostedTools(body['tools']) || hasReference(body['input'])) return false;
  const { modalities } = body;
  if (Array.isArray(modalities) && (modalities as readonly Json[]).includes('audio')) return false;
  if (ELSEWHERE.some((field) => (body[field] ?? null) !== null)) return false;
  for (const [field, free] of PRICED) {
    const value = body[field] ?? null;
    if (value !== null && !free.includes(value)) return false;
  }
  return ['messages', 'input', 'system'].every((field) => isAllHere(body[field] ?? null));
}

/** False when a part of what is said lies elsewhere. What a call of a tool is given is said to the tool. */
function isAllHere(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return (value as readonly Json[]).every(isAllHere);
  const part = value as JsonObject;
  if (part['type'] === 'tool_use') return true;
  return Object.keys(part).every((key) => {
    const item = part[key] ?? null;
    if (PART_ELSEWHERE.has(key)) return item === null;
    if (key === 'source' && part['type'] === 'document' && !isReadable(item)) return false;
    // What was said before, by its id.
    if (key === 'audio' && isJsonObject(item) && Object.hasOwn(item, 'id')) return false;
    return isAllHere(item);
  });
}

/** An item of a response's input that only names one that the provider keeps; its type may be left out. */
function hasReference(input: Json | undefined): boolean {
  if (!Array.isArray(input)) return false;
  return (input as readonly Json[]).some(
    (item) =>
      isJsonObject(item) && (item['type'] ?? 'item_reference') === 'item_reference' && !Object.hasOwn(item, 'role'),
  );
}

/** False for a document that lies elsewhere, or whose pages are compressed. */
function isReadable(source: Json): boolean {
  return isJsonObject(source) && (source['type'] === 'text' || source['type'] === 'content');
}

/** Tools that the provider defines or runs itself: what they add to the input is not in the request. */
function hasHostedTools(tools: Json | undefined): boolean {
  if (!Array.isArray(tools)) return false;
  return tools.some((tool: Json) => {
    const type = isJsonObject(tool) ? (tool['type'] ?? 'custom') : 'custom';
    return type !== 'function' && type !== 'custom';
  });
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
