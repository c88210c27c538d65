import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';

/** The words of one answer: the parts of the content of a choice, else one text; what comes back has as many. */
export type EditWords = (texts: readonly string[]) => readonly string[];

/**
 * Edits the words of each answer in a response: of every choice of a chat completion or a completion; each text of a message of
 * Anthropic and of a response of OpenAI, because a stream of them does not say whether another text follows, and `output_text`. Refusals, reasoning
 * and what is said to tools are no words of an answer. What no edit changed keeps its identity; where a choice or a part changed,
 * its `logprobs` go: they spell out the text.
 */
export function editAnswers(body: Json, edit: EditWords): Json {
  if (!isJsonObject(body)) return body;
  const choices = body['choices'];
  if (Array.isArray(choices)) {
    const edited = editList(choices as JsonArray, (choice) => editChoice(choice, edit));
    return edited === choices ? body : { ...body, choices: edited };
  }
  const read: string[] = [];
  const made: string[] = [];
  const editOne = (text: string): string => {
    const edited = edit([text])[0] ?? text;
    read.push(text);
    made.push(edited);
    return edited;
  };
  const copy: { [key: string]: Json } = {};
  const key = ['output', 'content'].find((name) => Array.isArray(body[name]));
  if (key !== undefined) copy[key] = walk(body[key] as JsonArray, editOne);
  const { output_text: whole } = body;
  // Some providers say all texts of a response once more, as one.
  if (typeof whole === 'string') copy['output_text'] = whole === read.join('') ? made.join('') : editOne(whole);
  return Object.keys(copy).every((name) => copy[name] === body[name]) ? body : { ...body, ...copy };
}

function editChoice(choice: Json, edit: EditWords): Json {
  if (!isJsonObject(choice)) return choice;
  const edited = editWords(choice, ['message', 'text'], edit);
  return edited === choice || !Object.hasOwn(choice, 'logprobs') ? edited : { ...edited, logprobs: null };
}

/** Edits the words below some keys of an object as those of one answer. */
function editWords(holder: JsonObject, keys: readonly string[], edit: EditWords): JsonObject {
  const texts: string[] = [];
  const read = (node: Json): Json => walk(node, (text) => (texts.push(text) > 0 ? text : ''));
  for (const key of keys) if (holder[key] !== undefined) read(holder[key]);
  const edited = edit(texts);
  if (texts.every((text, index) => text === edited[index])) return holder;
  let next = 0;
  const copy: { [key: string]: Json } = { ...holder };
  for (const key of keys) {
    if (holder[key] !== undefined) copy[key] = walk(holder[key], (text) => edited[next++] ?? text);
  }
  return copy;
}

// Parts of content by their type; a message has no type of its own in chat completions.
const WORDS: ReadonlySet<Json | undefined> = new Set(['text', 'output_text', 'message', undefined]);

/** The text itself, its parts, or the content of a message. */
function walk(node: Json, word: (text: string) => string): Json {
  if (typeof node === 'string') return word(node);
  if (Array.isArray(node)) return editList(node as JsonArray, (item) => walk(item, word));
  if (!isJsonObject(node) || !WORDS.has(node['type'])) return node;
  const key = ['content', 'text'].find((name) => node[name] !== undefined && node[name] !== null);
  if (key === undefined) return node;
  const held = node[key] as Json;
  const edited = walk(held, word);
  if (edited === held) return node;
  return { ...node, [key]: edited, ...(Array.isArray(node['logprobs']) ? { logprobs: [] } : {}) };
}

function editList(list: JsonArray, editItem: (item: Json) => Json): JsonArray {
  const edited = list.map(editItem);
  return edited.every((item, index) => item === list[index]) ? list : edited;
}
