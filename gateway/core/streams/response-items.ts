import { isJsonObject, type Json, type JsonObject, writeJson } from '../../../src/core/model/index.ts';
import type { CallHead } from '../../../src/core/policy/index.ts';
import { type EnvelopeKeys, envelopeOf, eventOf, nameOf, type Scan, sealedOf, unreadable, wordOf } from './stream.ts';

// The items of a streamed response, built from what was let out: events at the end repeat whole texts, and none of them
// may repeat what the policies took away.

/** One text of an item. */
export interface Part {
  readonly type: 'output_text' | 'refusal' | 'reasoning_text' | 'summary_text' | 'arguments' | 'input';
  /** Its place among the texts of its kind. */
  readonly at: number;
  readonly channel: string;
  /** UTF-16 units that came. */
  received: number;
  /** What went out. */
  text: string;
  isEnded: boolean;
  readonly annotations: Json[];
}

export interface Item {
  readonly index: number;
  readonly id: string;
  /** Its fields but texts and state. */
  readonly base: JsonObject;
  /** A call, judged by its name and its input together. */
  readonly call: CallHead | null;
  /** Nothing of it goes out before it is judged. */
  readonly isHeld: boolean;
  readonly parts: Part[];
  /** All else that went out of an item that comes whole at its end; null: this one grows by its parts. */
  whole: JsonObject | null;
  /** What an item of reasoning carries for the provider alone. */
  sealed: string | null;
  status: string;
}

const FIELDS: { readonly [type in Part['type']]: string } = {
  output_text: 'content',
  refusal: 'refusal',
  reasoning_text: 'reasoning',
  summary_text: 'summary',
  arguments: 'arguments',
  input: 'arguments',
};

const MOST_PARTS = 1024;

/** The part of an item at a place, which is made when it is not there yet. */
export function partOf(item: Item, type: Part['type'], at: number): Part {
  if (item.whole !== null) unreadable();
  const known = item.parts.find((part) => part.type === type && part.at === at);
  if (known !== undefined) return known;
  if (item.parts.length >= MOST_PARTS) unreadable();
  const place = type === 'arguments' || type === 'input' ? '' : `/${at}`;
  const channel = `${item.index}/${FIELDS[type]}${place}`;
  const made: Part = { type, at, channel, received: 0, text: '', isEnded: false, annotations: [] };
  item.parts.push(made);
  return made;
}

/** An item by the event that adds it; one of a type that is not known cannot be read. */
export function itemOf(index: number, value: Json | undefined, judgesCalls: boolean): Item {
  const given = value !== undefined && isJsonObject(value) ? value : unreadable();
  const id = nameOf(given['id']);
  const begin = (base: JsonObject, call: Item['call']): Item => ({
    index,
    id,
    base: { id, ...base },
    call,
    isHeld: call !== null && judgesCalls,
    parts: [],
    whole: null,
    sealed: null,
    status: 'in_progress',
  });
  const { type } = given;
  if (type === 'message') return begin({ type, role: 'assistant', ...envelopeOf(given, MESSAGE) }, null);
  if (type === 'reasoning') return begin({ type }, null);
  if (typeof type === 'string' && HOSTED.has(type)) {
    const call = { id: null, name: type.slice(0, -'_call'.length) };
    return { ...begin({ type }, call), whole: {} };
  }
  if (type !== 'function_call' && type !== 'custom_tool_call') return unreadable();
  const call = { id: nameOf(given['call_id']), name: nameOf(given['name']) };
  const { caller = null } = given;
  const from = isJsonObject(caller) ? { caller: envelopeOf(caller, CALLER) } : {};
  const item = begin({ type, call_id: call.id, name: call.name, ...envelopeOf(given, CALL), ...from }, call);
  partOf(item, type === 'function_call' ? 'arguments' : 'input', 0);
  return item;
}

/** Whether a message is on the way or the answer, which clients say again with it. */
const MESSAGE: EnvelopeKeys = { ids: [], words: ['phase'], numbers: [] };
/** By what a tool is found beside its name, how it is run, and who calls it. */
const CALL: EnvelopeKeys = { ids: ['namespace'], words: [], numbers: ['async'] };
const CALLER: EnvelopeKeys = { ids: ['caller_id'], words: ['type'], numbers: [] };

/** Calls of tools that the provider runs, which are told whole at their end. */
export const HOSTED: ReadonlySet<string> = new Set(['web_search_call', 'file_search_call']);

/** A call of the provider with all it says let through the policies, which judge it by its type and all of it, as in a whole answer. */
export function hostedOf(scan: Scan, item: Item, given: JsonObject): JsonObject {
  // It would be another call by its name too.
  if ((given['name'] ?? null) !== null) unreadable();
  const channel = `${item.index}/arguments`;
  const passed = scan.push(channel, writeJson(given)) + scan.end(channel, item.call ?? undefined);
  return eventOf(passed) ?? unreadable();
}

/** A part as it stands in its item. */
export function partJson({ type, text, annotations }: Part): JsonObject {
  if (type === 'output_text') return { type, text, annotations: [...annotations], logprobs: [] };
  return type === 'refusal' ? { type, refusal: text } : { type, text };
}

/** All of a part as the provider repeats it in its item; undefined where it does not. */
export function wholeIn(given: JsonObject, part: Part): Json | undefined {
  if (part.type === 'arguments' || part.type === 'input') return given[part.type];
  const list = given[part.type === 'summary_text' ? 'summary' : 'content'];
  const repeated = Array.isArray(list) ? (list as readonly Json[])[part.at] : undefined;
  return repeated !== undefined && isJsonObject(repeated) ? textIn(repeated, part.type) : undefined;
}

/** Whether each part that an item repeats has come before. */
export function isKnownWhole(item: Item, given: JsonObject): boolean {
  return [given['content'], given['summary']].every(
    (list) =>
      !Array.isArray(list) ||
      (list as readonly Json[]).every(
        (repeated, at) =>
          isJsonObject(repeated) && item.parts.some((part) => part.type === repeated['type'] && part.at === at),
      ),
  );
}

/** The text of a part that stands in an item or in an event of its own. */
export function textIn(given: JsonObject, type: Part['type']): Json | undefined {
  return given['type'] === type ? given[type === 'refusal' ? 'refusal' : 'text'] : undefined;
}

/** An item as far as it went out. */
export function itemJson(item: Item): JsonObject {
  const { parts, status } = item;
  if (item.whole !== null) return { ...item.whole, ...item.base, status };
  const texts = (...types: readonly Part['type'][]): Json[] =>
    parts
      .filter((part) => types.includes(part.type))
      .sort((one, other) => one.at - other.at)
      .map(partJson);
  if (item.call !== null) {
    const [input] = parts;
    return { ...item.base, [input?.type ?? 'input']: input?.text ?? '', status };
  }
  if (item.base['type'] === 'message') return { ...item.base, status, content: texts('output_text', 'refusal') };
  return {
    ...item.base,
    summary: texts('summary_text'),
    ...(parts.some((part) => part.type === 'reasoning_text') ? { content: texts('reasoning_text') } : {}),
    ...(item.sealed === null ? {} : { encrypted_content: item.sealed }),
  };
}

/** An annotation with its texts let through the policies. */
export function annotationOf(scan: Scan, part: Part, value: Json | undefined): JsonObject {
  const given = value !== undefined && isJsonObject(value) ? value : unreadable();
  const made: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(given)) {
    if (typeof item === 'number' || item === null) made[key] = item;
    else if (key === 'type') made[key] = wordOf(item);
    else if (key === 'file_id' || key === 'container_id') made[key] = sealedOf(item);
    else if (typeof item === 'string')
      made[key] = scan.whole(`${part.channel.replace('/', '/annotation-')}/${part.annotations.length}/${key}`, item);
    else unreadable();
  }
  part.annotations.push(made);
  return made;
}
