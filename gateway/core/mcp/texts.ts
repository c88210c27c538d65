import {
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  parseJson,
  writeJson,
} from '../../../src/core/model/index.ts';

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
  const call = { id, type: 'function', function: { name, arguments: writeJson(given) } };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

/** Any value of a server as what a tool answered, in a request to a model: every string, number and key of it is read. */
export function valueAsRequest(call: NamedCall, value: Json): JsonObject {
  return resultAsRequest(call, [carried(value)], false);
}

/** The value after input policies; undefined where they left none. */
export function valueOfRequest(body: Json): Json | undefined {
  const [part] = partsOfRequest(body);
  return part !== undefined && isJsonObject(part) ? part['input'] : undefined;
}

/** The arguments of a call in either shape, after policies; null where they are no object any more. */
export function argumentsOf(body: Json): JsonObject | null {
  const message = messageBy(body, 'assistant') ?? at(at(body, 'choices', 0), 'message');
  const text = at(at(at(message, 'tool_calls', 0), 'function'), 'arguments');
  if (typeof text !== 'string') return null;
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Ours of that role: policies may put a message of another before it. */
function messageBy(body: Json, role: string): Json | undefined {
  const messages = isJsonObject(body) ? body['messages'] : undefined;
  if (!Array.isArray(messages)) return undefined;
  return (messages as JsonArray).find((message) => isJsonObject(message) && message['role'] === role);
}

/** `value[key]`, or `value[key][index]`. */
function at(value: Json | undefined, key: string, index?: number): Json | undefined {
  const held = isJsonObject(value) ? value[key] : undefined;
  if (index === undefined) return held;
  return Array.isArray(held) ? (held as JsonArray)[index] : undefined;
}

/** A part of ours that carries any other value as `input`: every string, number and key of that is read. */
const CARRIED = 'tenantry_value';

const carried = (input: Json): JsonObject => ({ type: CARRIED, input });

/** Every text of a result as parts of content: those of `content`, and whatever structured value stands beside it. */
export function partsOf(result: JsonObject): JsonArray {
  const { structuredContent } = result;
  return [...contentOf(result).map(opened), ...(structuredContent === undefined ? [] : [carried(structuredContent)])];
}

const contentOf = ({ content }: JsonObject): JsonArray => (Array.isArray(content) ? (content as JsonArray) : []);

/** Texts of each type of part, by the names that they have in it. */
const TEXTS: { readonly [type: string]: readonly string[] } = {
  text: ['text'],
  image: ['mimeType'],
  audio: ['mimeType'],
  resource_link: ['uri', 'name', 'title', 'description', 'mimeType'],
  resource: [],
};
const RESOURCE_TEXTS = ['uri', 'mimeType', 'text'];

const isKnown = (part: Json): part is JsonObject =>
  isJsonObject(part) && typeof part['type'] === 'string' && Object.hasOwn(TEXTS, part['type']);

/**
 * The words of a part, all in fields that policies read. What its type does not have goes, `_meta` too; a part of a type that is
 * not known is read whole.
 */
function opened(part: Json): Json {
  if (!isKnown(part)) return carried(part);
  const type = String(part['type']);
  const { resource } = part;
  return {
    type,
    ...textsIn(part, TEXTS[type] ?? []),
    ...(type === 'resource' && isJsonObject(resource) ? { resource: textsIn(resource, RESOURCE_TEXTS) } : {}),
  };
}

/** A part after policies, with what is no text of the part that it was made of. */
function closed(part: Json, before: Json): Json {
  if (!isJsonObject(part)) return part;
  if (!isKnown(before)) return part['input'] ?? null;
  const { resource, ...said } = part;
  const { data, size, resource: given } = before;
  const blob = isJsonObject(given) ? given['blob'] : undefined;
  return {
    ...said,
    ...(isSound(before) && typeof data === 'string' ? { data } : {}),
    ...(before['type'] === 'resource_link' && typeof size === 'number' ? { size } : {}),
    ...(isJsonObject(resource) ? { resource: { ...resource, ...(typeof blob === 'string' ? { blob } : {}) } } : {}),
    ...annotationsOf(before),
  };
}

const isSound = ({ type }: JsonObject): boolean => type === 'image' || type === 'audio';

/** An instant as ISO 8601 has it, which has no words. */
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Whom a part is for, how much it matters, and of when it is. */
function annotationsOf({ annotations }: JsonObject): JsonObject {
  if (!isJsonObject(annotations)) return {};
  const { audience, priority, lastModified } = annotations;
  const known = Array.isArray(audience)
    ? { audience: (audience as JsonArray).filter((one) => one === 'user' || one === 'assistant') }
    : {};
  const isDated = typeof lastModified === 'string' && INSTANT.test(lastModified);
  return {
    annotations: {
      ...known,
      ...(typeof priority === 'number' ? { priority } : {}),
      ...(isDated ? { lastModified } : {}),
    },
  };
}

function textsIn(value: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (typeof value[key] === 'string' ? [[key, value[key]]] : [])));
}

/** The result of a call with these parts: what MCP knows of one, and nothing else. */
export function resultOf(result: JsonObject, parts: JsonArray): JsonObject {
  const content = contentOf(result);
  const beside = parts[content.length];
  const { isError, resultType } = result;
  return {
    content: parts.slice(0, content.length).map((part, index) => closed(part, content[index] ?? null)),
    ...(beside !== undefined && isJsonObject(beside) ? { structuredContent: beside['input'] ?? null } : {}),
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
  const content = at(messageBy(body, 'tool'), 'content');
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
