import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';
import type { Phase } from '../types.ts';
import { editArgumentNode } from './arguments.ts';
import { editDefinition } from './definitions.ts';
import {
  type EditNode,
  type EditText,
  editEntries,
  editItems,
  OTHER,
  type Pass,
  PLAIN,
  readFixed,
  SETTING,
} from './walk.ts';

/**
 * Edits every text of a request (`input`) or an answer (`output`) in the shapes of OpenAI (chat, completions, responses,
 * embeddings) and Anthropic: strings, parts of multimodal content, arguments and results of tools, documents, citations, in any
 * role; definitions of tools, schemas and settings in roles of their own. What is not known is read: every text but ids and what
 * is encrypted or encoded. What no edit changed keeps its identity. Where a choice or a part changed, its `logprobs` go: they
 * spell out the text.
 */
export function editTexts(body: Json, phase: Phase, edit: EditText): Json {
  if (!isJsonObject(body)) return body;
  const pass = { edit, phase };
  return editEntries(body, (key, item) => {
    if (UNREAD_ROOTS.has(key)) return item;
    const node = ROOTS.get(key);
    return node === undefined ? editData(item, besides('assistant', pass), pass, key) : node(item, '', pass);
  });
}

/** Calls `read` with every text that `editTexts` would edit. */
export function readTexts(
  body: Json,
  phase: Phase,
  read: (text: string, role: string, facts: Parameters<EditText>[2]) => void,
): void {
  editTexts(body, phase, (text, role, facts) => {
    read(text, role, facts);
    return text;
  });
}

/** Who says what no field is known for: of a request nobody, of an answer who gives it. */
const besides = (role: string, { phase }: Pass): string => (phase === 'input' ? OTHER : role);

/** A text, parts, or a part with a type; what has none and is no message is data. */
const editContent: EditNode = (value, role, pass) => {
  if (typeof value === 'string') return pass.edit(value, role, PLAIN);
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editContent(item, role, pass));
  return editData(value, role, pass);
};

/** Values of no known form: every text that is no id and not encoded, with the key that it stands under. */
function editData(value: Json, role: string, pass: Pass, key?: string): Json {
  if (typeof value === 'string') return pass.edit(value, role, key === undefined ? PLAIN : { key });
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editData(item, role, pass, key));
  if (!isJsonObject(value)) return value;
  if (typeof value['type'] === 'string') return editPart(value, value['type'], role, pass);
  return editEntries(value, (name, item) => {
    if (IDS.has(name) || ENCODED.has(name)) return item;
    return CONTENT.get(name)?.(item, role, pass) ?? editData(item, role, pass, name);
  });
}

/** An item or a part: known fields as they are, the others as what it says, or beside what it says where its type is known. */
function editPart(part: JsonObject, type: string, role: string, pass: Pass): JsonObject {
  const speaker = RESULT.test(type) ? 'tool' : role;
  const isKnown = PLAIN_TYPES.has(type) || type in DOCUMENTS;
  const other = isKnown ? besides(speaker, pass) : speaker;
  const fields = DOCUMENTS[type] ?? CONTENT;
  const edited = editEntries(part, (key, item) => {
    if (IDS.has(key) || isEncoded(type, key) || key === 'type' || key === 'status' || key === 'logprobs') return item;
    if (key === 'name' && CALL.test(type)) return editName(item, speaker, pass);
    if (key === 'tools') return editDefinition(item, speaker, pass);
    const node = fields.get(key);
    if (node !== undefined) return node(item, speaker, pass);
    return editData(item, isKnown && PART_SETTINGS.has(key) ? SETTING : other, pass, key);
  });
  return edited === part || !Array.isArray(part['logprobs']) ? edited : { ...edited, logprobs: [] };
}

/** Roles that others than the caller speak in, as interfaces spell them: any other word is what the caller wrote. */
const SPEAKERS: ReadonlySet<Json | undefined> = new Set(['system', 'developer', 'assistant', 'tool', 'function']);

/** A direct item of a conversation. Only a message says whose it is: not a part of it, and not the result of a tool. */
const editMessage: EditNode = (value, role, pass) => {
  if (!isJsonObject(value) || (value['type'] !== undefined && value['type'] !== 'message')) {
    return editContent(value, role, pass);
  }
  const own = value['role'];
  const speaker = pass.phase === 'input' && SPEAKERS.has(own) ? (own as string) : role;
  return editEntries(value, (key, item) => {
    if (IDS.has(key) || key === 'type' || key === 'status' || key === 'role') return item;
    if (key === 'name') return editName(item, speaker, pass);
    return CONTENT.get(key)?.(item, speaker, pass) ?? editData(item, besides(speaker, pass), pass, key);
  });
};

/** The name of a speaker, or of a tool that is called. In answers the latter are for policies that judge calls. */
const editName: EditNode = (value, _, pass) => {
  if (typeof value === 'string' && pass.phase === 'input') readFixed(value, OTHER, pass);
  return value;
};

/** What holds the name and the arguments of a call. */
const editHolder: EditNode = (value, role, pass) => {
  if (!isJsonObject(value)) return editContent(value, role, pass);
  return editEntries(value, (key, item) => {
    if (key === 'name') return editName(item, role, pass);
    return CONTENT.get(key)?.(item, role, pass) ?? editData(item, role, pass, key);
  });
};

/** Sound in base64, and what is said in it. */
const editSound: EditNode = (value, role, pass) => {
  if (!isJsonObject(value)) return editContent(value, role, pass);
  return editEntries(value, (key, item) => {
    if (key === 'data' || IDS.has(key)) return item;
    return key === 'transcript' ? editContent(item, role, pass) : editData(item, SETTING, pass, key);
  });
};

const editChoice: EditNode = (value, role, pass) => {
  if (!isJsonObject(value)) return editContent(value, role, pass);
  const edited = editEntries(value, (key, item) => {
    if (CHOICE_UNREAD.has(key)) return item;
    return key === 'message' || key === 'delta' ? editMessage(item, role, pass) : editData(item, role, pass, key);
  });
  return edited === value || !Object.hasOwn(edited, 'logprobs') ? edited : { ...edited, logprobs: null };
};

const CHOICE_UNREAD: ReadonlySet<string> = new Set(['logprobs', 'finish_reason', 'stop_reason']);

/** A document or a picture of a request: its text, or the parts it is made of; what is encoded or elsewhere passes through. */
const editSource: EditNode = (value, role, pass) => {
  if (!isJsonObject(value) || typeof value['type'] !== 'string') return editData(value, role, pass, 'source');
  const { type } = value;
  return editEntries(value, (key, item) => {
    if (key === 'type' || key === 'media_type' || IDS.has(key)) return item;
    if (key === 'data' || key === 'content') return type === 'base64' ? item : editContent(item, role, pass);
    return key === 'url' && type === 'url' ? item : editData(item, SETTING, pass, key);
  });
};

/** A text, texts, or a stored prompt with what is put into it. */
const editPrompt: EditNode = (value, role, pass) => {
  if (!isJsonObject(value)) return editContent(value, role, pass);
  return editEntries(value, (key, item) => {
    if (IDS.has(key)) return item;
    return key === 'variables' ? editMembers(item, role, pass) : editData(item, besides(role, pass), pass, key);
  });
};

/** An object whose keys somebody chose: they are read as well. */
const editMembers: EditNode = (value, role, pass) => {
  if (!isJsonObject(value)) return editContent(value, role, pass);
  return editEntries(value, (key, item) => {
    readFixed(key, role === 'user' ? OTHER : role, pass);
    return editData(item, role, pass, key);
  });
};

const asRole =
  (role: string, node: EditNode): EditNode =>
  (value, _, pass) =>
    Array.isArray(value) ? editItems(value as JsonArray, (item) => node(item, role, pass)) : node(value, role, pass);

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Parts whose texts stand in the fields of CONTENT; media have none. */
const PLAIN_TYPES = wordsOf(`text input_text output_text refusal summary_text reasoning_text message reasoning thinking
  redacted_thinking function custom function_call function_call_output custom_tool_call custom_tool_call_output tool_use
  tool_result image image_url input_image input_audio audio file input_file item_reference`);

/** Items and parts that tell what a tool gave back, and those that call one. */
const RESULT = /(?:_call_output|tool_result|tool_search_output)$/;
const CALL = /(?:_call|tool_use|^function|^custom|mcp_approval_request)$/;

/** Fields that hold ids. */
const IDS = wordsOf('id call_id tool_use_id tool_call_id item_id file_id expires_at');

/** Fields that hold what is encrypted or encoded, or says where a picture or a file is. */
const ENCODED = wordsOf(`encrypted_content encrypted_index signature image_url file_url file_data b64_json embedding`);

const ENCODED_TYPES = wordsOf('image audio redacted_thinking base64');

const isEncoded = (type: string, key: string): boolean =>
  ENCODED.has(key) ||
  (key === 'data' && ENCODED_TYPES.has(type)) ||
  (key === 'result' && type === 'image_generation_call');

/** Fields of known parts that say how, and nothing that a model reads. */
const PART_SETTINGS = wordsOf('detail cache_control mimeType');

const CONTENT: ReadonlyMap<string, EditNode> = new Map([
  ...[
    'content',
    'text',
    'refusal',
    'reasoning_content',
    'reasoning',
    'thinking',
    'summary',
    'output',
    'transcript',
    'tool_calls',
    'citations',
    'annotations',
  ].map((key): [string, EditNode] => [key, (value, role, pass) => editContent(value, role, pass)]),
  ['audio', editSound],
  ['input_audio', editSound],
  ['function_call', editHolder],
  ['function', editHolder],
  ['custom', editHolder],
  ['arguments', editArgumentNode],
  ['input', editArgumentNode],
  ['source', editSource],
  ['file', (value, role, pass) => editData(value, besides(role, pass), pass)],
]);

const DOCUMENT: ReadonlyMap<string, EditNode> = new Map([
  ['title', editContent],
  ['context', editContent],
  ['content', editContent],
  ['source', editSource],
]);

const DOCUMENTS: { readonly [type: string]: ReadonlyMap<string, EditNode> } = Object.assign(Object.create(null), {
  document: DOCUMENT,
  search_result: DOCUMENT,
});

/** Fields of a body that hold no text: ids, and words that the interface itself defines. */
const UNREAD_ROOTS =
  wordsOf(`model id object type role status previous_response_id conversation stream stream_options store
  service_tier include modalities encoding_format reasoning_effort verbosity truncation background prompt_cache_retention
  anthropic_version anthropic_beta inference_geo stop_reason system_fingerprint expires_at`);

const settings = wordsOf(
  'user safety_identifier prompt_cache_key stop stop_sequences stop_sequence reasoning thinking audio',
);
const definitions = wordsOf(
  'tools functions tool_choice function_call response_format output_config web_search_options mcp_servers container',
);

const ROOTS: ReadonlyMap<string, EditNode> = new Map([
  ['messages', asRole('user', editMessage)],
  ['prompt', asRole('user', editPrompt)],
  ['suffix', asRole('user', editContent)],
  ['input', asRole('user', editMessage)],
  ['prediction', asRole('user', editContent)],
  ['system', asRole('system', editContent)],
  ['instructions', asRole('system', editContent)],
  ['choices', asRole('assistant', editChoice)],
  ['output', asRole('assistant', editMessage)],
  ['output_text', asRole('assistant', editContent)],
  ['content', asRole('assistant', editContent)],
  ['metadata', asRole(SETTING, editMembers)],
  ['text', (value, role, pass) => (isJsonObject(value) ? editDefinition(value, role, pass) : editText(value, pass))],
  ...[...settings].map((key): [string, EditNode] => [key, (value, _, pass) => editData(value, SETTING, pass, key)]),
  ...[...definitions].map((key): [string, EditNode] => [key, editDefinition]),
]);

const editText = (value: Json, pass: Pass): Json =>
  editContent(value, pass.phase === 'input' ? 'user' : 'assistant', pass);
