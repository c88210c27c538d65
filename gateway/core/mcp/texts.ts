import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../../src/core/model/index.ts';

// Calls and results of tools in the shapes that policies read, and back.

/** A call of a tool; its id is that of the request, so that no two are taken for one. */
export interface NamedCall {
  readonly id: string;
  readonly name: string;
}

/** A call as an assistant asks for it, in an earlier turn of a request. */
export function callAsRequest(call: NamedCall, given: JsonObject): JsonObject {
  return { messages: [messageOf(call, given)] };
}

/** The same call as an answer asks for it. */
export function callAsAnswer(call: NamedCall, given: JsonObject): JsonObject {
  return { choices: [{ index: 0, message: messageOf(call, given), finish_reason: 'tool_calls' }] };
}

function messageOf({ id, name }: NamedCall, given: JsonObject): JsonObject {
  const call = { id, type: 'function', function: { name, arguments: JSON.stringify(given) } };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

/** The arguments of a call in either shape, after policies; null where they are no object any more. */
export function argumentsOf(body: Json): JsonObject | null {
  const message = at(body, 'messages', 0) ?? at(at(body, 'choices', 0), 'message');
  const text = at(at(at(message, 'tool_calls', 0), 'function'), 'arguments');
  if (typeof text !== 'string') return null;
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `value[key]`, or `value[key][index]`. */
function at(value: Json | undefined, key: string, index?: number): Json | undefined {
  const held = isJsonObject(value) ? value[key] : undefined;
  if (index === undefined) return held;
  return Array.isArray(held) ? (held as JsonArray)[index] : undefined;
}

/** A part of ours that carries what stands beside `content`, as `input`: every string, number and key of that is read. */
const BESIDE = 'tenantry_beside';

/** Every text of a result as parts of content: those of `content`, and whatever structured value stands beside it. */
export function partsOf(result: JsonObject): JsonArray {
  const content = Array.isArray(result['content']) ? (result['content'] as JsonArray) : [];
  const { structuredContent } = result;
  return [
    ...content.map(opened),
    ...(structuredContent === undefined ? [] : [{ type: BESIDE, input: structuredContent }]),
  ];
}

/**
 * A part with bytes in a field that no policy reads for text, and its words in fields that all of them read. `_meta` goes: what a
 * server says there is for nobody that this gateway knows.
 */
function opened(part: Json): Json {
  if (!isJsonObject(part)) return part;
  const { _meta: _, ...said } = part;
  const { type, resource } = said;
  if (type === 'resource_link') return renamed(said, 'name', 'text');
  if (type !== 'resource' || !isJsonObject(resource)) return said;
  const { _meta: __, data: ___, ...inside } = resource;
  return { ...said, resource: renamed(inside, 'blob', 'data') };
}

function closed(part: Json): Json {
  if (!isJsonObject(part)) return part;
  const { type, resource } = part;
  if (type === 'resource_link') return renamed(part, 'text', 'name');
  return type === 'resource' && isJsonObject(resource)
    ? { ...part, resource: renamed(resource, 'data', 'blob') }
    : part;
}

/** The same members in the same order, one of them under another name; one that had that name before goes. */
function renamed(value: JsonObject, from: string, to: string): JsonObject {
  if (!Object.hasOwn(value, from)) return value;
  const members = Object.entries(value).filter(([key]) => key !== to);
  return Object.fromEntries(members.map(([key, item]) => [key === from ? to : key, item]));
}

/** The result of a call with these parts: what MCP knows of one, and nothing else. */
export function resultOf(result: JsonObject, parts: JsonArray): JsonObject {
  const beside = parts.find((part) => isJsonObject(part) && part['type'] === BESIDE);
  const { isError, resultType } = result;
  return {
    content: parts.filter((part) => part !== beside).map(closed),
    ...(isJsonObject(beside) && beside['input'] !== undefined ? { structuredContent: beside['input'] } : {}),
    ...(typeof isError === 'boolean' ? { isError } : {}),
    ...(resultType === 'complete' ? { resultType } : {}),
  };
}

/** The parts of a result as what a tool answered, in a request to a model. */
export function resultAsRequest(call: NamedCall, parts: JsonArray, isError: boolean): JsonObject {
  const answer = { role: 'tool', tool_call_id: call.id, content: parts, ...(isError ? { is_error: true } : {}) };
  return { messages: [messageOf(call, {}), answer] };
}

/** The parts after input policies. */
export function partsOfRequest(body: Json): JsonArray {
  const content = at(at(body, 'messages', 1), 'content');
  return Array.isArray(content) ? (content as JsonArray) : [];
}

/** The parts of a result as an answer. */
export function resultAsAnswer(parts: JsonArray): JsonObject {
  return { content: parts };
}

/** The parts after output policies. */
export function partsOfAnswer(body: Json): JsonArray {
  const content = at(body, 'content');
  return Array.isArray(content) ? (content as JsonArray) : [];
}
