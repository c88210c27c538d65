import { isJsonObject, type Json, type JsonObject, parseJson, writeJson } from '../../../src/core/model/index.ts';
import type { StreamScanner } from '../../../src/core/policy/index.ts';
import { type Refusal, refusalBody } from '../refusal.ts';
import { meterResponses, RESPONSE_ENDS } from './meters.ts';
import {
  createTexts,
  deltaEvent,
  doneEvent,
  type Handler,
  objectAt,
  type Texts,
  textHandlers,
} from './response-events.ts';
import { HOSTED, hostedOf, type Item, isKnownWhole, itemJson, itemOf, wholeIn } from './response-items.ts';
import {
  countersOf,
  createScan,
  type EnvelopeKeys,
  envelopeOf,
  eventOf,
  FAILED,
  frameOf,
  guarded,
  indexOf,
  nameOf,
  OPEN,
  type Outgoing,
  type Scan,
  type ShapeStream,
  saysFailure,
  sealedOf,
  typeOf,
  unreadable,
  wordOf,
} from './stream.ts';

// A streamed response: items and their parts, each begun, grown by deltas and repeated whole at its end.

/** `scanner` null: no policy looks at the answer. */
export function createResponsesStream(scanner: StreamScanner | null): ShapeStream {
  const meter = meterResponses();
  let sequence = 0;
  let last = '';
  const numbered = (event: JsonObject): string => {
    const frame = frameOf(writeJson({ ...event, sequence_number: sequence }), String(event['type']));
    sequence += 1;
    return frame;
  };
  const scanned = scanner === null ? null : createScannedResponse(createScan(scanner), numbered);
  /** The event as it came. */
  const pass = (data: string): Outgoing => {
    const type = typeOf(data);
    if (RESPONSE_ENDS.has(type)) {
      last = frameOf(data, type);
      return { ...OPEN, state: 'done' };
    }
    sequence += 1;
    return { ...OPEN, frames: [frameOf(data, type)] };
  };
  const read = (scanned: Scanned, event: JsonObject): Outgoing => {
    const { type } = event;
    if (typeof type !== 'string') return guarded(unreadable);
    if (!RESPONSE_ENDS.has(type)) return scanned.event(type, event);
    return guarded((frames) => {
      last = scanned.end(event, frames);
      return 'done';
    });
  };
  return {
    ...meter,
    last: () => last,
    error: (refusal) => numbered(errorEvent(refusal)),
    push(data) {
      const event = eventOf(data);
      if (event !== undefined) meter.read(event);
      if (saysFailure(event ?? { type: typeOf(data) })) return FAILED;
      if (scanned === null) return pass(data);
      return event === undefined ? guarded(unreadable) : read(scanned, event);
    },
    end: () => FAILED,
  };
}

/** In the fields of the stream's own error event, and in the object that the SDKs look for. */
function errorEvent(refusal: Refusal): JsonObject {
  const body = parseJson(refusalBody(refusal, 'openai')) as JsonObject;
  return { type: 'error', code: refusal.code, message: refusal.message, param: null, ...body };
}

interface Scanned {
  event(type: string, event: JsonObject): Outgoing;
  /** The last frame, after what is held back was added to `frames`. */
  end(event: JsonObject, frames: string[]): string;
}

function createScannedResponse(scan: Scan, numbered: (event: JsonObject) => string): Scanned {
  const items = new Map<number, Item>();
  const open = new Set<Item>();
  const itemAt = (event: JsonObject): Item => {
    const item = items.get(indexOf(event['output_index']));
    return item !== undefined && open.has(item) ? item : unreadable();
  };
  const texts = createTexts(scan, numbered);
  const addItem: Handler = (event, frames) => {
    const item = itemOf(indexOf(event['output_index']), event['item'], scan.judgesCalls);
    if (items.has(item.index)) unreadable();
    items.set(item.index, item);
    open.add(item);
    if (!item.isHeld) frames.push(numbered(addedEvent(item)));
  };
  const endItem = (item: Item, given: JsonObject, frames: string[]): void => {
    open.delete(item);
    if (item.whole !== null) item.whole = hostedOf(scan, item, given);
    endTexts(texts, item, given, frames);
    if (item.isHeld) frames.push(...judgedEvents(item).map(numbered));
    if (typeof given['encrypted_content'] === 'string') item.sealed = sealedOf(given['encrypted_content']);
    item.status = wordOf(given['status']) ?? 'completed';
    const done = itemJson(item);
    frames.push(numbered({ type: 'response.output_item.done', output_index: item.index, item: done }));
  };
  const begin = beginHandler(numbered);
  const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ['response.created', begin],
    ['response.in_progress', begin],
    ['response.queued', begin],
    // A sign of life, without content.
    ['keepalive', () => {}],
    ['response.output_item.added', addItem],
    ['response.output_item.done', (event, frames) => endItem(itemAt(event), objectAt(event['item']), frames)],
    ...hostedHandlers(numbered, itemAt),
    ...textHandlers({ scan, numbered, texts, itemAt }),
  ]);
  return {
    event: (type, event) =>
      guarded((frames) => {
        (handlers.get(type) ?? unreadable)(event, frames);
        return 'open';
      }),
    end: (event, frames) => {
      const response = objectAt(event['response']);
      const output = Array.isArray(response['output']) ? (response['output'] as readonly Json[]) : [];
      // What was never streamed has passed no policy.
      if (output.length > items.size) unreadable();
      const sorted = [...items.values()].sort((one, other) => one.index - other.index);
      for (const [place, item] of sorted.entries()) {
        const given = repeatedOf(item, output[place]);
        if (open.has(item)) endItem(item, given, frames);
        else endTexts(texts, item, given, frames);
      }
      const made = { ...headOf(response), output: sorted.map(itemJson) };
      return numbered({ type: String(event['type']), response: made });
    },
  };
}

/** Ends the texts of an item with what is repeated of them. What came in no piece has passed no policy. */
function endTexts(texts: Texts, item: Item, given: JsonObject, frames: string[]): void {
  if (item.whole !== null) return;
  if (!isKnownWhole(item, given)) unreadable();
  for (const part of item.parts) texts.end(item, part, wholeIn(given, part), frames);
}

/** How far a call of the provider is. */
function hostedHandlers(
  numbered: (event: JsonObject) => string,
  itemAt: (event: JsonObject) => Item,
): readonly (readonly [string, Handler])[] {
  const stage: Handler = (event, frames) => {
    const item = itemAt(event);
    if (item.whole === null) unreadable();
    const { index: output_index, id: item_id } = item;
    if (!item.isHeld) frames.push(numbered({ type: String(event['type']), output_index, item_id }));
  };
  return [...HOSTED].flatMap((type) => STAGES.map((name) => [`response.${type}.${name}`, stage] as const));
}

const STAGES = ['in_progress', 'searching', 'completed'] as const;

function beginHandler(numbered: (event: JsonObject) => string): Handler {
  return (event, frames) => {
    const response = { ...headOf(objectAt(event['response'])), output: [] };
    frames.push(numbered({ type: String(event['type']), response }));
  };
}

function addedEvent(item: Item): JsonObject {
  return { type: 'response.output_item.added', output_index: item.index, item: itemJson(item) };
}

/** An item as the last event repeats it; empty where another stands in its place. */
function repeatedOf(item: Item, given: Json = null): JsonObject {
  return isJsonObject(given) && given['id'] === item.id ? given : {};
}

/** What was held of a call that was judged: its start, which says nothing of its input yet, and the input whole. */
function judgedEvents(item: Item): readonly JsonObject[] {
  const [input] = item.parts;
  if (input === undefined) return [addedEvent({ ...item, whole: {}, status: 'in_progress' })];
  const start = addedEvent({ ...item, parts: [{ ...input, text: '' }] });
  return [start, deltaEvent(item, input, input.text), doneEvent(item, input)];
}

const KEYS: EnvelopeKeys = {
  ids: ['id', 'model', 'previous_response_id'],
  words: ['service_tier', 'truncation'],
  numbers: [
    ...['created_at', 'completed_at', 'max_output_tokens', 'max_tool_calls', 'top_logprobs', 'parallel_tool_calls'],
    ...['temperature', 'top_p', 'frequency_penalty', 'presence_penalty', 'store', 'background'],
  ],
};

/** What a response says beside its items; of what it repeats of the request nothing but numbers and words. */
function headOf(response: JsonObject): JsonObject {
  const made: { [key: string]: Json } = {
    object: 'response',
    error: null,
    instructions: null,
    metadata: {},
    tools: [],
    tool_choice: 'auto',
    ...envelopeOf(response, KEYS),
  };
  const details = response['incomplete_details'];
  made['incomplete_details'] =
    details !== undefined && isJsonObject(details) ? { reason: wordOf(details['reason']) } : null;
  const { conversation = null } = response;
  if (isJsonObject(conversation)) made['conversation'] = { id: nameOf(conversation['id']) };
  made['status'] = wordOf(response['status']);
  if (isJsonObject(response['usage'] ?? null)) made['usage'] = countersOf(response['usage']);
  return made;
}
