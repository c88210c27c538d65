import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import {
  apart,
  type CarryField,
  carryFields,
  checkFields,
  copiedAs,
  EFFORTS,
  listAt,
  named,
  objectAt,
  objectOr,
  onlyAt,
  parsedObject,
  refuseField,
  textAt,
} from './fields.ts';

// A chat completions request in the words of the messages endpoint.

type Draft = { [key: string]: Json };

/** The body for POST /v1/messages, without a model; throws NotCarried. `maxTokens` where the request names no limit. */
export function messagesOfChat(body: JsonObject, maxTokens: number): JsonObject {
  const draft: Draft = { max_tokens: maxTokens };
  carryFields(body, FIELDS, { place: '', draft });
  // Without a choice of its own the prohibition of parallel calls needs one to stand in; that of any call has no place for it.
  const choice = objectOr(draft['tool_choice']);
  if (body['parallel_tool_calls'] === false && Object.hasOwn(draft, 'tools') && choice['type'] !== 'none')
    draft['tool_choice'] = { type: 'auto', ...choice, disable_parallel_tool_use: true };
  return draft;
}

const FIELDS: ReadonlyMap<string, CarryField<Draft>> = new Map<string, CarryField<Draft>>([
  ['model', apart],
  ['messages', carryConversation],
  ['stream', copiedAs('stream')],
  ['stream_options', (value, place) => carryFields(objectAt(value, place), STREAM_OPTIONS, { place, draft: {} })],
  ['max_tokens', copiedAs('max_tokens')],
  ['max_completion_tokens', copiedAs('max_tokens')],
  ['temperature', carryTemperature],
  ['top_p', copiedAs('top_p')],
  ['stop', carryStop],
  ['user', carryUser],
  ['tools', carryTools],
  ['tool_choice', carryToolChoice],
  ['parallel_tool_calls', (value, place) => (typeof value === 'boolean' ? undefined : refuseField(place))],
  ['response_format', carryFormat],
  ['reasoning_effort', carryEffort],
  ['n', onlyAt(1)],
  ['logprobs', onlyAt(false)],
  ['top_logprobs', onlyAt(0)],
  ['presence_penalty', onlyAt(0)],
  ['frequency_penalty', onlyAt(0)],
  ['logit_bias', onlyAt({})],
  ['store', onlyAt(false)],
  ['service_tier', onlyAt('auto', 'default')],
  ['modalities', onlyAt(['text'])],
  ['metadata', onlyAt({})],
]);

const STREAM_OPTIONS: ReadonlyMap<string, CarryField<Draft>> = new Map<string, CarryField<Draft>>([
  ['include_usage', apart],
  ['include_obfuscation', apart],
]);

function carryStop(value: Json, place: string, draft: Draft): void {
  draft['stop_sequences'] = typeof value === 'string' ? [value] : listAt(value, place);
}

function carryUser(value: Json, place: string, draft: Draft): void {
  draft['metadata'] = { user_id: textAt(value, place) };
}

/** Anthropic's scale ends at 1. */
function carryTemperature(value: Json, place: string, draft: Draft): void {
  if (typeof value !== 'number' || value > 1) refuseField(place, 'is above 1, the most that the target takes');
  draft['temperature'] = value;
}

function carryTools(value: Json, place: string, draft: Draft): void {
  const tools = listAt(value, place).map((tool, index) => toolOf(tool, `${place}[${index}]`));
  if (tools.length > 0) draft['tools'] = tools;
}

const FUNCTION: ReadonlyMap<string, CarryField<Draft>> = new Map<string, CarryField<Draft>>([
  ['name', copiedAs('name')],
  ['description', copiedAs('description')],
  ['parameters', carryParameters],
  ['strict', copiedAs('strict')],
]);

/** OpenAI takes an empty schema for no parameters. */
function carryParameters(value: Json, place: string, draft: Draft): void {
  draft['input_schema'] = { type: 'object', ...objectAt(value, place) };
}

/** What a client says of caches changes no answer. */
const TOOL = named<null>('type', 'function', 'cache_control');

function toolOf(value: Json, place: string): Json {
  const tool = objectAt(value, place);
  if (tool['type'] !== 'function') refuseField(`${place}.type`);
  checkFields(tool, TOOL, place);
  const draft: Draft = { input_schema: { type: 'object' } };
  carryFields(objectAt(tool['function'], `${place}.function`), FUNCTION, { place: `${place}.function`, draft });
  return draft;
}

const CHOICES: ReadonlyMap<Json, Json> = new Map<Json, Json>([
  ['auto', { type: 'auto' }],
  ['none', { type: 'none' }],
  ['required', { type: 'any' }],
]);

function carryToolChoice(value: Json, place: string, draft: Draft): void {
  if (isJsonObject(value) && value['type'] === 'function') {
    checkFields(value, named('type', 'function'), place);
    const chosen = objectAt(value['function'], place);
    checkFields(chosen, named('name'), `${place}.function`);
    const name = textAt(chosen['name'], `${place}.function.name`);
    draft['tool_choice'] = { type: 'tool', name };
    return;
  }
  draft['tool_choice'] = CHOICES.get(value) ?? refuseField(place);
}

function outputConfig(draft: Draft, more: JsonObject): void {
  const known = draft['output_config'];
  draft['output_config'] = { ...(known === undefined ? {} : (known as JsonObject)), ...more };
}

function carryFormat(value: Json, place: string, draft: Draft): void {
  const format = objectAt(value, place);
  if (format['type'] === 'text') return;
  if (format['type'] !== 'json_schema') refuseField(place);
  checkFields(format, named('type', 'json_schema'), place);
  const given = objectAt(format['json_schema'], place);
  checkFields(given, JSON_SCHEMA, `${place}.json_schema`);
  const { description = null } = given;
  const schema = objectAt(given['schema'], `${place}.json_schema.schema`);
  // What the answer is for is told to the model, which the name is not.
  const described = description === null ? schema : { description, ...schema };
  outputConfig(draft, { format: { type: 'json_schema', schema: described } });
}

/** Anthropic keeps to a schema always. */
const JSON_SCHEMA = named<null>('name', 'description', 'schema', 'strict');

function carryEffort(value: Json, place: string, draft: Draft): void {
  if (!EFFORTS.has(value)) refuseField(place);
  outputConfig(draft, { effort: value });
}

/** Instructions go to `system`; turns of one role that follow each other become one, and one that says nothing none. */
function carryConversation(value: Json, place: string, draft: Draft): void {
  const system: Json[] = [];
  const turns: { role: string; content: Json[] }[] = [];
  for (const [index, item] of listAt(value, place).entries()) {
    const at = `${place}[${index}]`;
    const message = objectAt(item, at);
    const said = saidBy(message, at);
    if (said.role === 'system') system.push(...said.content);
    if (said.role === 'system' || said.content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === said.role) last.content.push(...said.content);
    else turns.push({ role: said.role, content: [...said.content] });
  }
  if (system.length > 0) draft['system'] = system;
  draft['messages'] = turns;
}

interface Said {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly Json[];
}

function saidBy(message: JsonObject, place: string): Said {
  const { role } = message;
  const rules = MESSAGE_FIELDS.get(role ?? null) ?? refuseField(`${place}.role`);
  carryFields(message, rules, { place, draft: {} });
  const parts = partsOf(message['content'] ?? null, `${place}.content`);
  if (role === 'system' || role === 'developer') return { role: 'system', content: parts };
  if (role === 'user') return { role: 'user', content: parts };
  if (role === 'tool') {
    const id = textAt(message['tool_call_id'], `${place}.tool_call_id`);
    return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: parts }] };
  }
  const refusal = message['refusal'];
  const refused = typeof refusal === 'string' && refusal !== '' ? [{ type: 'text', text: refusal }] : [];
  return {
    role: 'assistant',
    content: [...parts, ...refused, ...callsOf(message['tool_calls'] ?? [], `${place}.tool_calls`)],
  };
}

/** What a message of each role may hold. An assistant's reasoning of earlier turns is left out, as Anthropic does itself. */
const MESSAGE_FIELDS: ReadonlyMap<Json, ReadonlyMap<string, CarryField<Draft>>> = new Map<
  Json,
  ReadonlyMap<string, CarryField<Draft>>
>([
  ['system', named('role', 'content')],
  ['developer', named('role', 'content')],
  ['user', named('role', 'content')],
  ['tool', named('role', 'content', 'tool_call_id')],
  [
    'assistant',
    new Map([
      ...named('role', 'content', 'tool_calls', 'refusal', 'reasoning_content'),
      ['annotations', onlyAt<Draft>([])],
    ]),
  ],
]);

function partsOf(content: Json, place: string): readonly Json[] {
  if (content === null) return [];
  if (typeof content === 'string') return textOf(content);
  return listAt(content, place).flatMap((item, index) => partOf(objectAt(item, place), `${place}[${index}]`));
}

/** Anthropic refuses empty texts. */
function textOf(text: string): readonly Json[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/** What parts of each type may hold; what they say of caches changes no answer. */
const PARTS: ReadonlyMap<Json, ReadonlyMap<string, CarryField<null>>> = new Map<Json, ReturnType<typeof named<null>>>(
  ['text', 'refusal', 'image_url'].map((type) => [
    type,
    named('type', type, 'cache_control', 'prompt_cache_breakpoint'),
  ]),
);

function partOf(part: JsonObject, place: string): readonly Json[] {
  const { type = null } = part;
  checkFields(part, PARTS.get(type) ?? refuseField(`${place}.type`), place);
  if (type === 'image_url')
    return [{ type: 'image', source: imageOf(objectAt(part['image_url'], place), `${place}.image_url`) }];
  return textOf(textAt(part[String(type)], `${place}.${String(type)}`));
}

const IMAGE_DATA = /^data:(image\/[a-z]{3,4});base64,/;

function imageOf(image: JsonObject, place: string): Json {
  checkFields(image, named('url', 'detail'), place);
  const url = textAt(image['url'], `${place}.url`);
  const { detail } = image;
  if (detail !== undefined && detail !== null && detail !== 'auto') refuseField(`${place}.detail`);
  if (url.startsWith('https://')) return { type: 'url', url };
  const [head, type] =
    IMAGE_DATA.exec(url.slice(0, 40)) ?? refuseField(`${place}.url`, 'is neither https nor a picture in base64');
  // OpenAI takes the short name of JPEG too.
  return {
    type: 'base64',
    media_type: type === 'image/jpg' ? 'image/jpeg' : (type ?? ''),
    data: url.slice(head.length),
  };
}

function callsOf(value: Json, place: string): readonly Json[] {
  return listAt(value, place).map((item, index) => {
    const at = `${place}[${index}]`;
    const call = objectAt(item, at);
    if (call['type'] !== undefined && call['type'] !== 'function') refuseField(`${at}.type`);
    const { name, arguments: written } = objectAt(call['function'], at);
    const text = textAt(written, `${at}.function.arguments`);
    const input =
      parsedObject(text === '' ? '{}' : text) ?? refuseField(`${at}.function.arguments`, 'is no JSON object');
    return { type: 'tool_use', id: textAt(call['id'], `${at}.id`), name: textAt(name, `${at}.function.name`), input };
  });
}
