import { isJsonObject, type Json } from '../../model/index.ts';

// The most that one picture has been documented to cost: 2833 + 8 tiles of 5667 tokens (gpt-4o-mini, high detail).
const IMAGE_TOKENS = 50_000;
/** What a chat template adds around a conversation, beyond the bytes of the roles that the JSON already counts. */
const TEMPLATE_TOKENS = 64;

/**
 * An upper bound of the input tokens of a request. Byte-level tokenizers spend at least one byte of UTF-8 on every token, so the
 * bytes of the JSON bound the text, roles and tools in it; pictures count by the most that is documented. What lies elsewhere is
 * not counted: see `inputIsBounded`.
 */
export function estimateTokens(body: Json): number {
  let pictures = 0;
  visitKeys(body, (key) => {
    if (key === 'image_url' || key === 'input_image') pictures++;
  });
  return utf8Length(JSON.stringify(body)) + pictures * IMAGE_TOKENS + TEMPLATE_TOKENS;
}

// Keys that make the provider read what is not in the request.
const ELSEWHERE = new Set([
  'previous_response_id',
  'conversation',
  'file_id',
  'file_url',
  'vector_store_ids',
  'server_url',
]);

/** False when the provider reads content that the request does not hold, so that no bound of its tokens exists. */
export function inputIsBounded(body: Json): boolean {
  if (isJsonObject(body) && isJsonObject(body['prompt'])) return false;
  let bounded = true;
  visitKeys(body, (key, value) => {
    if (ELSEWHERE.has(key) && value !== null) bounded = false;
  });
  return bounded;
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

/** The bytes of a text in UTF-8; half of a surrogate pair counts as the replacement character. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code <= 0xdfff && isPair(text, index)) {
      bytes += 2;
      index++;
    } else bytes += 2;
  }
  return bytes;
}

function isPair(text: string, index: number): boolean {
  const next = text.charCodeAt(index + 1);
  return text.charCodeAt(index) < 0xdc00 && next >= 0xdc00 && next <= 0xdfff;
}

function visitKeys(value: Json, visit: (key: string, value: Json) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) visitKeys(item, visit);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    visit(key, item);
    visitKeys(item, visit);
  }
}
