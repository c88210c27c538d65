import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import type { StreamScanner } from '../../../src/core/policy/index.ts';
import { type Refusal, refusalBody } from '../refusal.ts';
import { responsesUsage } from '../shapes/usage.ts';
import { createTexts, deltaEvent, doneEvent, type Handler, objectAt, textHandlers } from './response-events.ts';
import { type Item, itemJson, itemOf } from './response-items.ts';
import {
  countersOf,
  createScan,
  eventOf,
  FAILED,
  frameOf,
  guarded,
  indexOf,
  OPEN,
  type Outgoing,
  type Scan,
  type Seen,
  type ShapeStream,
  sealedOf,
  typeOf,
  unreadable,
  wordOf,
} from './stream.ts';

// A streamed response: items and their parts, each begun, grown by deltas and repeated whole at its end.

const ENDS = new Set(['response.completed', 'response.incomplete']);
const FAILURES = new Set(['error', 'response.failed']);

/** `scanner` null: no policy looks at the answer. */
export function createResponsesStream(scanner: StreamScanner | null): ShapeStream {
  const seen: Seen = { usage: null, delivered: 0 };
  let sequence = 0;
  let last = '';
  const numbered = (event: JsonObject): string => {
    const frame = frameOf(JSON.stringify({ ...event, sequence_number: sequence }), String(event['type']));
    sequence += 1;
    return frame;
  };
  const scanned = scanner === null ? null : createScannedResponse(createScan(scanner, seen), numbered);
  const finish = (data: string, event: JsonObject | undefined): Outgoing => {
    const response = event?.['response'];
    seen.usage = response === undefined ? null : responsesUsage(response);
    if (scanned === null) {
      last = frameOf(data, typeOf(data));
      return { ...OPEN, state: 'done' };
    }
    return guarded((frames) => {
      last = scanned.end(event ?? unreadable(), frames);
      return 'done';
    });
  };
  return {
    usage: () => seen.usage,
    delivered: () => seen.delivered,
    last: () => last,
    error: (refusal) => numbered(errorEvent(refusal)),
    push(data) {
      const type = typeOf(data);
      if (FAILURES.has(type)) return FAILED;
      if (ENDS.has(type)) return finish(data, eventOf(data));
      if (scanned !== null) return scanned.event(eventOf(data));
      sequence += 1;
      seen.delivered += data.length;
      return { ...OPEN, frames: [frameOf(data, type)] };
    },
    end: () => FAILED,
  };
}

/** In the fields of the stream's own error event, and in the object that the SDKs look for. */
function errorEvent(refusal: Refusal): JsonObject {
  const body = JSON.parse(refusalBody(refusal, 'openai')) as JsonObject;
  return { type: 'error', code: refusal.code, message: refusal.message, param: null, ...body };
}

interface Scanned {
  event(event: JsonObject | undefined): Outgoing;
  /** The last frame, after what is held back was added to `frames`. */
  end(event: JsonObject, frames: string[]): string;
}

function createScannedResponse(scan: Scan, numbered: (event: JsonObject) => string): Scanned {
  const items = new Map<number, Item>();
  const open = new Set<Item>();
  const itemAt = (event: JsonObject): Item => items.get(indexOf(event['output_index'])) ?? unreadable();
  const texts = createTexts(scan, numbered);
  const addItem: Handler = (event, frames) => {
    const item = itemOf(indexOf(event['output_index']), event['item'], scan.judgesCalls);
    if (items.has(item.index)) unreadable();
    items.set(item.index, item);
    open.add(item);
    if (!item.isHeld) frames.push(numbered(addedEvent(item)));
  };
  const endItem = (item: Item, given: JsonObject, frames: string[]): void => {
    if (!open.delete(item)) return;
    // What came in no piece has passed no policy.
    for (const list of [given['content'], given['summary']])
      if (Array.isArray(list) && list.length > item.parts.length) unreadable();
    for (const part of item.parts) texts.end(item, part, item.call === null ? undefined : given[part.type], frames);
    if (item.isHeld) frames.push(...judgedEvents(item).map(numbered));
    if (typeof given['encrypted_content'] === 'string') item.sealed = sealedOf(given['encrypted_content']);
    item.status = wordOf(given['status']) ?? 'completed';
    const done = itemJson(item);
    frames.push(numbered({ type: 'response.output_item.done', output_index: item.index, item: done }));
  };
  const begin: Handler = (event, frames) => {
    const response = { ...envelopeOf(objectAt(event['response'])), output: [] };
    frames.push(numbered({ type: String(event['type']), response }));
  };
  const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ['response.created', begin],
    ['response.in_progress', begin],
    ['response.queued', begin],
    // A sign of life, without content.
    ['keepalive', () => {}],
    ['response.output_item.added', addItem],
    ['response.output_item.done', (event, frames) => endItem(itemAt(event), objectAt(event['item']), frames)],
    ...textHandlers({ scan, numbered, texts, itemAt }),
  ]);
  return {
    event: (event) =>
      guarded((frames) => {
        const type = event?.['type'];
        if (event === undefined || typeof type !== 'string') return unreadable();
        (handlers.get(type) ?? unreadable)(event, frames);
        return 'open';
      }),
    end: (event, frames) => {
      for (const item of [...open]) endItem(item, {}, frames);
      const response = objectAt(event['response']);
      const { output } = response;
      // What was never streamed has passed no policy.
      if (Array.isArray(output) && output.length > items.size) unreadable();
      const sorted = [...items.values()].sort((one, other) => one.index - other.index);
      const made = { ...envelopeOf(response), output: sorted.map(itemJson) };
      return numbered({ type: String(event['type']), response: made });
    },
  };
}

function addedEvent(item: Item): JsonObject {
  return { type: 'response.output_item.added', output_index: item.index, item: itemJson(item) };
}

/** What was held of a call that was judged: its start, which says nothing of its input yet, and the input whole. */
function judgedEvents(item: Item): readonly JsonObject[] {
  const [input] = item.parts;
  if (input === undefined) return [];
  const start = addedEvent({ ...item, parts: [{ ...input, text: '' }] });
  return [start, deltaEvent(item, input, input.text), doneEvent(item, input)];
}

const SCALARS = [
  'id',
  'object',
  'created_at',
  'completed_at',
  'model',
  'previous_response_id',
  'max_output_tokens',
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'store',
  'service_tier',
  'truncation',
] as const;

/** What a response says beside its items; of what it repeats of the request nothing but numbers and words. */
function envelopeOf(response: JsonObject): JsonObject {
  const made: { [key: string]: Json } = {
    error: null,
    instructions: null,
    metadata: {},
    tools: [],
    tool_choice: 'auto',
  };
  for (const key of SCALARS) {
    const value = response[key];
    if (value === undefined || (typeof value === 'object' && value !== null)) continue;
    made[key] = value;
  }
  const details = response['incomplete_details'];
  made['incomplete_details'] =
    details !== undefined && isJsonObject(details) ? { reason: wordOf(details['reason']) } : null;
  made['status'] = wordOf(response['status']);
  if (isJsonObject(response['usage'] ?? null)) made['usage'] = countersOf(response['usage']);
  return made;
}
