import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';

/** Answers the text to put in place of `text`, or `text` itself. `role` is who says it: user, assistant, system, tool … */
export type EditText = (text: string, role: string) => string;

type EditNode = (value: Json, role: string, edit: EditText) => Json;

/**
 * Edits every text of a request or a response in the shapes of OpenAI (chat, completions, responses, embeddings) and Anthropic:
 * strings, parts of multimodal content, arguments and results of tools, documents, citations, in any role. Of a part of a type
 * that is not known every text counts but ids and what is encrypted or encoded. Everything else passes through untouched, and
 * what no edit changed keeps its identity. Where a choice changed, its `logprobs` go: they spell out the text.
 */
export function editTexts(body: Json, edit: EditText): Json {
  return isJsonObject(body) ? editFields(body, 'user', edit, ROOTS) : body;
}

/** Calls `read` with every text that `editTexts` would edit. */
export function readTexts(body: Json, read: (text: string, role: string) => void): void {
  editTexts(body, (text, role) => {
    read(text, role);
    return text;
  });
}

const editContent: EditNode = (value, role, edit) => {
  if (typeof value === 'string') return edit(value, role);
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editContent(item, role, edit));
  if (!isJsonObject(value)) return value;
  const own = value['role'];
  const speaker = typeof own === 'string' ? own : roleOfItem(value, role);
  const { type } = value;
  if (type === 'document' || type === 'search_result') return editFields(value, speaker, edit, DOCUMENT);
  return typeof type === 'string' && !PLAIN_TYPES.has(type)
    ? editUnknown(value, speaker, edit)
    : editFields(value, speaker, edit, CONTENT);
};

/** Parts whose texts stand in the fields of CONTENT; media have none. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(
  `text input_text output_text refusal summary_text reasoning_text message reasoning thinking redacted_thinking function custom
  function_call function_call_output custom_tool_call custom_tool_call_output tool_use tool_result image image_url input_image
  input_audio audio file input_file item_reference`.split(/\s+/),
);

/** Fields that hold no text of anybody: names of things, and what is encrypted or encoded. */
const OPAQUE: ReadonlySet<string> = new Set(
  `id type status role name call_id tool_use_id item_id encrypted_content encrypted_index signature data result image_url
  file_data`.split(/\s+/),
);

/** A part of a type that is not known: every text in it that is not opaque. */
const editUnknown: EditNode = (value, role, edit) => {
  if (typeof value === 'string') return edit(value, role);
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editUnknown(item, role, edit));
  if (!isJsonObject(value)) return value;
  return editEntries(value, (key, item) => {
    if (OPAQUE.has(key)) return item;
    return (CONTENT.get(key) ?? editUnknown)(item, role, edit);
  });
};

const roleOfItem = (item: JsonObject, role: string): string => {
  const type = item['type'];
  return type === 'function_call_output' || type === 'custom_tool_call_output' || type === 'tool_result'
    ? 'tool'
    : role;
};

/** Tool arguments: JSON as text, or a value whose every string, number and key counts, as they do in that text. */
const editArgumentNode: EditNode = (value, role, edit) => {
  if (typeof value === 'string') return editArguments(value, (text) => edit(text, role));
  return editDeep(value, role, edit);
};

const editDeep: EditNode = (value, role, edit) => {
  if (typeof value === 'string') return edit(value, role);
  if (typeof value === 'number') {
    const text = String(value);
    const edited = edit(text, role);
    return edited === text ? value : edited;
  }
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editDeep(item, role, edit));
  if (!isJsonObject(value)) return value;
  let isChanged = false;
  const members = Object.entries(value).map(([key, item]): [string, Json] => {
    const member: [string, Json] = [edit(key, role), editDeep(item, role, edit)];
    isChanged ||= member[0] !== key || member[1] !== item;
    return member;
  });
  return isChanged ? Object.fromEntries(numbered(members)) : value;
};

/** Keys that an edit has made alike get a number, so that no member takes the place of another. */
function numbered(members: readonly (readonly [string, Json])[]): readonly (readonly [string, Json])[] {
  const taken = new Set<string>();
  return members.map(([key, item]) => {
    let name = key;
    for (let count = 2; taken.has(name); count += 1) name = `${key} ${count}`;
    taken.add(name);
    return [name, item];
  });
}

const editChoice: EditNode = (value, role, edit) => {
  if (!isJsonObject(value)) return value;
  const edited = editFields(value, role, edit, CHOICE);
  return edited === value || !Object.hasOwn(edited, 'logprobs') ? edited : { ...edited, logprobs: null };
};

const asRole =
  (role: string, node: EditNode): EditNode =>
  (value, _, edit) =>
    Array.isArray(value) ? editItems(value as JsonArray, (item) => node(item, role, edit)) : node(value, role, edit);

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
  ].map((key): [string, EditNode] => [key, (value, role, edit) => editContent(value, role, edit)]),
  ['audio', (value, role, edit) => (isJsonObject(value) ? editFields(value, role, edit, TRANSCRIPT) : value)],
  ['tool_calls', (value, role, edit) => editContent(value, role, edit)],
  ['function_call', (value, role, edit) => editContent(value, role, edit)],
  ['function', (value, role, edit) => editContent(value, role, edit)],
  ['custom', (value, role, edit) => editContent(value, role, edit)],
  ['citations', (value, role, edit) => editUnknown(value, role, edit)],
  ['annotations', (value, role, edit) => editUnknown(value, role, edit)],
  ['arguments', editArgumentNode],
  ['input', editArgumentNode],
]);

/** A document of a request: its text, or the parts it is made of; what is encoded or elsewhere passes through. */
const editSource: EditNode = (value, role, edit) => {
  if (!isJsonObject(value)) return value;
  if (value['type'] === 'text') return editFields(value, role, edit, new Map([['data', editContent]]));
  return value['type'] === 'content' ? editFields(value, role, edit, CONTENT) : value;
};

const DOCUMENT: ReadonlyMap<string, EditNode> = new Map([
  ['title', (value: Json, role: string, edit: EditText) => editContent(value, role, edit)],
  ['context', (value: Json, role: string, edit: EditText) => editContent(value, role, edit)],
  ['content', (value: Json, role: string, edit: EditText) => editContent(value, role, edit)],
  ['source', editSource],
]);

const TRANSCRIPT: ReadonlyMap<string, EditNode> = new Map([
  ['transcript', (value: Json, role: string, edit: EditText) => editContent(value, role, edit)],
]);

const CHOICE: ReadonlyMap<string, EditNode> = new Map([
  ['message', asRole('assistant', editContent)],
  ['text', asRole('assistant', editContent)],
]);

const ROOTS: ReadonlyMap<string, EditNode> = new Map([
  ['messages', asRole('user', editContent)],
  ['prompt', asRole('user', editContent)],
  ['suffix', asRole('user', editContent)],
  ['input', asRole('user', editContent)],
  ['prediction', asRole('user', editContent)],
  ['system', asRole('system', editContent)],
  ['instructions', asRole('system', editContent)],
  ['choices', asRole('assistant', editChoice)],
  ['output', asRole('assistant', editContent)],
  ['output_text', asRole('assistant', editContent)],
  ['content', asRole('assistant', editContent)],
]);

function editFields(
  value: JsonObject,
  role: string,
  edit: EditText,
  fields: ReadonlyMap<string, EditNode>,
): JsonObject {
  return editEntries(value, (key, item) => fields.get(key)?.(item, role, edit) ?? item);
}

function editEntries(value: JsonObject, editEntry: (key: string, item: Json) => Json): JsonObject {
  let copy: Record<string, Json> | null = null;
  for (const key of Object.keys(value)) {
    const item = value[key] as Json;
    const edited = editEntry(key, item);
    if (edited === item) continue;
    copy ??= { ...value };
    copy[key] = edited;
  }
  return copy ?? value;
}

function editItems(list: JsonArray, editItem: (item: Json) => Json): JsonArray {
  let copy: Json[] | null = null;
  for (let index = 0; index < list.length; index++) {
    const item = list[index] as Json;
    const edited = editItem(item);
    if (edited === item) continue;
    copy ??= [...list];
    copy[index] = edited;
  }
  return copy ?? list;
}

const TOKENS = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?\d[\d.eE+-]*/g;

/**
 * Edits the strings and numbers of JSON that is carried as text, the arguments of a tool call. Escapes cannot hide a text, and
 * every byte outside an edited token stays as it is. Text that is not JSON (cut off, say) is edited as plain text as well.
 */
export function editArguments(json: string, edit: (text: string) => string): string {
  const edited = json.replace(TOKENS, (token) => {
    const text = decodeToken(token);
    const replaced = edit(text);
    return replaced === text ? token : JSON.stringify(replaced);
  });
  return isJson(edited) ? edited : edit(edited);
}

function decodeToken(token: string): string {
  if (!token.startsWith('"')) return token;
  for (const candidate of [token, `${token}"`]) {
    try {
      return String(JSON.parse(candidate));
    } catch {
      // Cut off in the middle, or no JSON at all: the characters themselves count.
    }
  }
  return token.slice(1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
