import { isJsonObject, type Json, type JsonObject, writeJson } from '../../../src/core/model/index.ts';
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
  onlyAt,
  refuseField,
  textAt,
} from './fields.ts';

// A request of the messages endpoint in the words of chat completions. Marks for Anthropic's prompt cache are left out:
// they change no answer, and OpenAI's cache needs none.

type Draft = { [key: string]: Json };

/** The body for POST /v1/chat/completions, without a model; throws NotCarried. `limitField` names the output limit there. */
export function chatOfMessages(body: JsonObject, limitField: string): JsonObject {
  const draft: Draft = {};
  carryFields(body, FIELDS, { place: '', draft });
  const system = textsOf(body['system'] ?? [], 'system');
  const turns = listAt(body['messages'], 'messages').flatMap((item, index) => turnOf(item, `messages[${index}]`));
  draft['messages'] = [...(system === '' ? [] : [{ role: 'system', content: system }]), ...turns];
  const limit = body['max_tokens'];
  if (limit === 0)
    refuseField(
      'max_tokens',
      'is 0: nothing but a cache is filled, which has no counterpart in the format of the target',
    );
  if (limit !== undefined) draft[limitField] = limit;
  return draft;
}

const FIELDS: ReadonlyMap<string, CarryField<Draft>> = new Map<string, CarryField<Draft>>([
  ['model', apart],
  ['messages', apart],
  ['system', apart],
  ['max_tokens', apart],
  ['cache_control', apart],
  ['stream', copiedAs('stream')],
  ['temperature', copiedAs('temperature')],
  ['top_p', copiedAs('top_p')],
  ['stop_sequences', carryStops],
  ['metadata', (value, place, draft) => carryFields(objectAt(value, place), METADATA, { place, draft })],
  ['tools', carryTools],
  ['tool_choice', carryToolChoice],
  ['thinking', (value, place) => (objectAt(value, place)['type'] === 'disabled' ? undefined : refuseField(place))],
  ['output_config', (value, place, draft) => carryFields(objectAt(value, place), OUTPUT_CONFIG, { place, draft })],
  ['service_tier', onlyAt('auto', 'standard_only')],
  ['speed', onlyAt('standard')],
]);

const METADATA: ReadonlyMap<string, CarryField<Draft>> = new Map([['user_id', copiedAs('user')]]);

const FORMAT: ReadonlyMap<string, CarryField<null>> = new Map<string, CarryField<null>>([
  ['type', onlyAt('json_schema')],
  ['schema', apart],
]);

const OUTPUT_CONFIG: ReadonlyMap<string, CarryField<Draft>> = new Map<string, CarryField<Draft>>([
  [
    'effort',
    (value, place, draft) => {
      if (!EFFORTS.has(value)) refuseField(place);
      draft['reasoning_effort'] = value;
    },
  ],
  [
    'format',
    (value, place, draft) => {
      const format = objectAt(value, place);
      checkFields(format, FORMAT, place);
      const schema = objectAt(format['schema'], `${place}.schema`);
      draft['response_format'] = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
    },
  ],
]);

/** OpenAI takes four. */
function carryStops(value: Json, place: string, draft: Draft): void {
  const stops = listAt(value, place);
  if (stops.length > 4) refuseField(place, 'has more than the four texts that the target takes');
  if (stops.length > 0) draft['stop'] = stops;
}

const TOOL: ReadonlyMap<string, CarryField<Draft>> = new Map<string, CarryField<Draft>>([
  ['type', onlyAt('custom')],
  ['name', copiedAs('name')],
  ['description', copiedAs('description')],
  ['input_schema', copiedAs('parameters')],
  ['strict', copiedAs('strict')],
  ['cache_control', apart],
]);

function carryTools(value: Json, place: string, draft: Draft): void {
  const tools = listAt(value, place).map((tool, index) => {
    const made: Draft = {};
    carryFields(objectAt(tool, place), TOOL, { place: `${place}[${index}]`, draft: made });
    return { type: 'function', function: made };
  });
  if (tools.length > 0) draft['tools'] = tools;
}

const CHOICES: ReadonlyMap<Json, Json> = new Map<Json, Json>([
  ['auto', 'auto'],
  ['none', 'none'],
  ['any', 'required'],
]);

function carryToolChoice(value: Json, place: string, draft: Draft): void {
  const choice = objectAt(value, place);
  checkFields(choice, named('type', 'name', 'disable_parallel_tool_use'), place);
  const { type = null, name, disable_parallel_tool_use: isSerial } = choice;
  if (isSerial === true) draft['parallel_tool_calls'] = false;
  if (type === 'tool') {
    draft['tool_choice'] = { type: 'function', function: { name: textAt(name, `${place}.name`) } };
    return;
  }
  draft['tool_choice'] = CHOICES.get(type) ?? refuseField(`${place}.type`);
}

/** The texts of a field that holds nothing but text, joined by empty lines. */
function textsOf(value: Json, place: string): string {
  if (typeof value === 'string') return value;
  return listAt(value, place)
    .map((item, index) => textOf(objectAt(item, place), `${place}[${index}]`))
    .join('\n\n');
}

function textOf(block: JsonObject, place: string): string {
  if (block['type'] !== 'text') refuseField(`${place}.type`);
  checkFields(block, TEXT, place);
  return textAt(block['text'], `${place}.text`);
}

const TEXT: ReadonlyMap<string, CarryField<null>> = new Map([
  ...named<null>('type', 'text', 'cache_control'),
  ['citations', onlyAt([])],
]);

/** What blocks of the other types may hold. Who calls a tool is said in each call of Anthropic's. */
const IMAGE = named<null>('type', 'source', 'cache_control');
const THINKING = named<null>('type', 'thinking', 'signature');
const RESULT = named<null>('type', 'tool_use_id', 'content', 'is_error', 'cache_control');
const CALL: ReadonlyMap<string, CarryField<null>> = new Map([
  ...named<null>('type', 'id', 'name', 'input', 'cache_control'),
  ['caller', onlyAt({ type: 'direct' })],
]);

/** One turn as the messages it is: results of tools are messages of their own and stand before what the user says. */
function turnOf(value: Json, place: string): readonly Json[] {
  const turn = objectAt(value, place);
  checkFields(turn, named('role', 'content'), place);
  const { role, content = '' } = turn;
  if (role === 'system') return [{ role, content: textsOf(content, `${place}.content`) }];
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : listAt(content, `${place}.content`);
  const placed = blocks.map((block, index) => ({ block: objectAt(block, place), at: `${place}.content[${index}]` }));
  if (role === 'assistant') return assistantOf(placed);
  if (role !== 'user') refuseField(`${place}.role`);
  const results = placed.filter(({ block }) => block['type'] === 'tool_result');
  const rest = placed.filter(({ block }) => block['type'] !== 'tool_result');
  const said = rest.length === 0 ? [] : [{ role, content: rest.map(({ block, at }) => partOf(block, at)) }];
  return [...results.map(({ block, at }) => resultOf(block, at)), ...said];
}

interface Placed {
  readonly block: JsonObject;
  readonly at: string;
}

/** A failed call has no mark of its own in chat completions, so its text says so. */
function resultOf(block: JsonObject, place: string): Json {
  checkFields(block, RESULT, place);
  const text = textsOf(block['content'] ?? '', `${place}.content`);
  return {
    role: 'tool',
    tool_call_id: textAt(block['tool_use_id'], `${place}.tool_use_id`),
    content: block['is_error'] === true ? `Error: ${text}` : text,
  };
}

function partOf(block: JsonObject, place: string): Json {
  if (block['type'] !== 'image') return { type: 'text', text: textOf(block, place) };
  checkFields(block, IMAGE, place);
  const source = objectAt(block['source'], `${place}.source`);
  if (source['type'] === 'url') return { type: 'image_url', image_url: { url: textAt(source['url'], place) } };
  if (source['type'] !== 'base64') refuseField(`${place}.source.type`);
  const [type, data] = [textAt(source['media_type'], place), textAt(source['data'], place)];
  return { type: 'image_url', image_url: { url: `data:${type};base64,${data}` } };
}

/** OpenAI takes no turn in which nothing is said. */
function assistantOf(placed: readonly Placed[]): readonly Json[] {
  let text = '';
  let reasoning = '';
  const calls: Json[] = [];
  for (const { block, at } of placed) {
    if (block['type'] === 'tool_use') calls.push(callOf(block, at));
    else if (block['type'] === 'thinking' && block['signature'] === '') {
      checkFields(block, THINKING, at);
      reasoning += textAt(block['thinking'], at);
    } else text += textOf(block, at);
  }
  if (text === '' && reasoning === '' && calls.length === 0) return [];
  const said = {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return [said];
}

function callOf(block: JsonObject, place: string): Json {
  checkFields(block, CALL, place);
  const { id, name, input = {} } = block;
  if (!isJsonObject(input)) refuseField(`${place}.input`, 'is no object');
  return {
    id: textAt(id, `${place}.id`),
    type: 'function',
    function: { name: textAt(name, `${place}.name`), arguments: writeJson(input) },
  };
}
