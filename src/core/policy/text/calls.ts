import { isJsonObject, type Json, type JsonObject, parseJson, writeJson } from '../../model/index.ts';
import { editArguments } from './arguments.ts';
import { repeatsKey } from './repeats.ts';

/** A tool that a model asks for. */
export interface ToolCall {
  /** What its result refers to; null where the shape has none. */
  readonly id: string | null;
  /** Empty when the call has none that can be read. */
  readonly name: string;
  /** JSON as text, as the model wrote it; empty when there are none. */
  readonly arguments: string;
}

/** What a tool gave back. */
export interface ToolResult {
  readonly callId: string | null;
  /** Of the tool; null when neither the result nor a call in the same request names it. */
  readonly name: string | null;
  /** Text, or JSON of what is not text. */
  readonly text: string;
  /** The caller says that the tool failed. */
  readonly isError: boolean;
}

/**
 * The most of one tool call's arguments, in UTF-16 code units, that a stream holds back and that is judged at all; more is
 * blocked.
 */
export const ARGUMENTS_HOLD_LIMIT = 262_144;
/** A longer name is none. */
export const MOST_NAME = 200;

export const isReadable = ({ name }: ToolCall): boolean => name !== '' && name.length <= MOST_NAME;

/**
 * The arguments of a call, `{}` for none; undefined when they are no JSON, or have a key twice in one object: of two values a
 * policy would judge one and the tool might take the other.
 */
export function parseArguments(text: string): Json | undefined {
  if (text.trim() === '') return {};
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  return repeatsKey(text, value) ? undefined : value;
}

/** The name, and every key, text and number of the arguments without escapes; all of them as one text where they are no JSON. */
export function textsOfCall({ name, arguments: given }: ToolCall): readonly string[] {
  const texts = [name];
  editArguments(given, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

/** The calls of a whole answer: of every choice of chat completions, of Anthropic's content, of the output of responses. */
export function callsOfAnswer(body: Json): readonly ToolCall[] {
  if (!isJsonObject(body)) return [];
  const messages = listOf(body['choices']).flatMap((choice) =>
    isJsonObject(choice) ? [choice['message'] ?? null, choice['delta'] ?? null] : [],
  );
  return [...messages.flatMap(callsOfMessage), ...callsOfParts(body['content']), ...callsOfItems(body['output'])];
}

/** The calls that a request tells of: what assistants are said to have asked for in earlier turns. */
export function callsOfRequest(body: Json): readonly ToolCall[] {
  if (!isJsonObject(body)) return [];
  return [...listOf(body['messages']).flatMap(callsOfMessage), ...callsOfItems(body['input'])];
}

/** The results of tools that a request brings, with the name of the tool where a call in the same request tells it. */
export function resultsOfRequest(body: Json): readonly ToolResult[] {
  if (!isJsonObject(body)) return [];
  const names = new Map(callsOfRequest(body).map(({ id, name }) => [id, name]));
  const result = (facts: {
    readonly id: Json | undefined;
    readonly text: Json | undefined;
    readonly of: JsonObject;
  }) => {
    const callId = idOf(facts.id);
    const own = facts.of['name'];
    const name = (callId === null ? undefined : names.get(callId)) ?? (typeof own === 'string' ? own : null);
    return { callId, name, text: textOf(facts.text), isError: facts.of['is_error'] === true };
  };
  const ofMessage = (message: Json): readonly ToolResult[] => {
    if (!isJsonObject(message)) return [];
    const { role } = message;
    if (typeof role === 'string' && RESULT_ROLES.has(role.toLowerCase()))
      return [result({ id: message['tool_call_id'], text: message['content'], of: message })];
    return objectsOf(message['content'])
      .filter((part) => typeEndsWith(part, 'tool_result'))
      .map((part) => result({ id: part['tool_use_id'], text: part['content'], of: part }));
  };
  const ofItem = (item: JsonObject): readonly ToolResult[] =>
    typeEndsWith(item, '_call_output')
      ? [result({ id: item['call_id'], text: item['output'], of: item })]
      : resultsOfCall(item);
  return [...listOf(body['messages']).flatMap(ofMessage), ...objectsOf(body['input']).flatMap(ofItem)];
}

/** However it is spelt: a provider may not mind. */
const RESULT_ROLES: ReadonlySet<string> = new Set(['tool', 'function']);

/** What the provider ran itself stands with its call in one item: it is its own call, whatever else has its id. */
function resultsOfCall(item: JsonObject): readonly ToolResult[] {
  const { output } = item;
  if (!typeEndsWith(item, CALL) || output === undefined || output === null) return [];
  const text = textOf(output);
  return callsOfItems([item]).map(({ id, name }) => ({
    callId: id ?? idOf(item['id']),
    name: name === '' ? null : name,
    text,
    isError: false,
  }));
}

function callsOfMessage(message: Json): readonly ToolCall[] {
  if (!isJsonObject(message)) return [];
  const { tool_calls: calls, function_call: call } = message;
  return [
    ...listOf(calls).map(callOfFunction),
    ...(call === undefined || call === null ? [] : [callOfFunction(call)]),
    ...callsOfParts(message['content']),
  ];
}

/** `{id, function: {name, arguments}}`, `{id, custom: {name, input}}`, or without the holder: one of them, with one name. */
function callOfFunction(call: Json): ToolCall {
  if (!isJsonObject(call)) return UNREADABLE;
  const holders = [call['function'], call['custom']].filter((value) => value !== undefined && value !== null);
  const [holder = call] = holders;
  if (!isJsonObject(holder) || holders.length > 1 || hasOtherName(call, holder)) return UNREADABLE;
  return callOf(call['id'], holder, holder['arguments'] ?? holder['input']);
}

/** Of two names nobody knows which one is called. */
const hasOtherName = (call: JsonObject, { name }: JsonObject): boolean =>
  call['name'] !== undefined && call['name'] !== null && call['name'] !== name;

/** Anthropic: tool_use, and what the provider itself runs (server_tool_use, mcp_tool_use). */
function callsOfParts(content: Json | undefined): readonly ToolCall[] {
  return objectsOf(content)
    .filter((part) => typeEndsWith(part, 'tool_use'))
    .map((part) => callOf(part['id'], part, part['input']));
}

const CALL = '_call';

/** Items that name what they call. */
const NAMED: ReadonlySet<Json | undefined> = new Set([
  'function_call',
  'custom_tool_call',
  'mcp_call',
  'mcp_approval_request',
]);

/**
 * Responses: function_call and custom_tool_call by name; a tool of the provider counts under its type, with all it says, and
 * under its name too where it has one.
 */
function callsOfItems(items: Json | undefined): readonly ToolCall[] {
  return objectsOf(items).flatMap((item): readonly ToolCall[] => {
    if (!typeEndsWith(item, CALL) && item['type'] !== 'mcp_approval_request') return callsOfParts(item['content']);
    const isNamed = NAMED.has(item['type']);
    const holders = [item['function'], item['custom']].filter((value) => isJsonObject(value ?? null));
    if (isNamed && holders.length > 0) return [UNREADABLE];
    const named = callOf(item['call_id'] ?? item['id'], item, item['arguments'] ?? item['input']);
    if (isNamed) return [named];
    const name = String(item['type']).slice(0, -CALL.length);
    const byType = { id: null, name, arguments: writeJson(item) };
    return typeof item['name'] === 'string' && item['name'] !== name ? [byType, named] : [byType];
  });
}

const UNREADABLE: ToolCall = { id: null, name: '', arguments: '' };

const idOf = (id: Json | undefined): string | null => (typeof id === 'string' ? id : null);

const callOf = (id: Json | undefined, { name }: JsonObject, given: Json | undefined): ToolCall => ({
  id: idOf(id),
  name: typeof name === 'string' ? name : '',
  arguments: textOf(given),
});

const textOf = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : writeJson(value);

/** What stands where a list belongs counts as its one item, so that it is not passed over. */
function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

const objectsOf = (value: Json | undefined): readonly JsonObject[] => listOf(value).filter(isJsonObject);

const typeEndsWith = ({ type }: JsonObject, end: string): boolean => typeof type === 'string' && type.endsWith(end);
