import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import { channelOf, STREAM_TEXT_FIELDS, type StreamScanner } from '../../../src/core/policy/index.ts';
import { refusalBody } from '../refusal.ts';
import { chatUsage } from '../shapes/usage.ts';
import {
  createScan,
  eventOf,
  frameOf,
  guarded,
  indexOf,
  OPEN,
  type Outgoing,
  providerFailed,
  type Scan,
  type Seen,
  type ShapeStream,
  unreadable,
} from './stream.ts';

// A streamed chat completion: chunks, and `[DONE]`.

const ENVELOPE = ['id', 'object', 'created', 'model', 'service_tier', 'system_fingerprint'] as const;

/** `scanner` null: no policy looks at the answer. `wantsUsage`: the client asked for the usage chunk itself. */
export function createChatStream(scanner: StreamScanner | null, wantsUsage: boolean): ShapeStream {
  const seen: Seen = { usage: null, delivered: 0 };
  const scanned = scanner === null ? null : createScannedStream(scanner, wantsUsage, seen);
  const done = (): Outgoing => scanned?.flush() ?? { ...OPEN, state: 'done' };
  return {
    usage: () => seen.usage,
    delivered: () => seen.delivered,
    last: () => frameOf('[DONE]'),
    error: (refusal) => frameOf(refusalBody(refusal, 'openai')),
    push(data) {
      if (data === '[DONE]') return done();
      if (scanned === null && !data.includes('"usage"')) {
        seen.delivered += data.length;
        return { ...OPEN, frames: [frameOf(data)] };
      }
      const chunk = eventOf(data);
      if (chunk === undefined) return scanned === null ? { ...OPEN, frames: [frameOf(data)] } : guarded(unreadable);
      seen.usage = chatUsage(chunk) ?? seen.usage;
      if (scanned !== null) return scanned.chunk(chunk);
      return { ...OPEN, frames: wantsUsage ? [frameOf(data)] : withoutUsage(chunk, data).map((text) => frameOf(text)) };
    },
    // Some providers end without `[DONE]`.
    end: done,
  };
}

/** Drops the usage chunk (no choices), and the usage field of any other chunk. */
function withoutUsage(chunk: JsonObject, data: string): readonly string[] {
  if (!Object.hasOwn(chunk, 'usage')) return [data];
  if (Array.isArray(chunk['choices']) && chunk['choices'].length === 0) return [];
  const { usage: _usage, ...rest } = chunk;
  return [JSON.stringify(rest)];
}

interface Scanned {
  chunk(chunk: JsonObject): Outgoing;
  /** Sends what is held back; nothing comes after it. */
  flush(): Outgoing;
}

function createScannedStream(scanner: StreamScanner, wantsUsage: boolean, seen: Seen): Scanned {
  let envelope: JsonObject = {};
  const held: HeldCalls = scanner.judgesCalls ? new Map() : null;
  const scan = createScan(scanner, seen);
  const chunkFrame = (index: number, delta: JsonObject): string =>
    frameOf(JSON.stringify({ ...envelope, choices: [{ index, delta, finish_reason: null }] }));
  /** One delta per channel of `choice` (all when null) that still holds text back. */
  const rest = (choice: number | null): readonly string[] => {
    const frames: string[] = [];
    for (const channel of [...scan.channels()]) {
      const [index = '0', field = 'content', call] = channel.split('/');
      if (choice !== null && Number(index) !== choice) continue;
      const text = scan.end(channel);
      if (text === '') continue;
      frames.push(chunkFrame(Number(index), restDelta(field, call, text)));
    }
    return frames;
  };
  /** The calls of `choice` (all when null) that were held to be judged, each whole in one delta. */
  const judged = (choice: number | null): readonly string[] => {
    const frames: string[] = [];
    for (const [channel, call] of held ?? []) {
      if (choice !== null && call.choice !== choice) continue;
      held?.delete(channel);
      const text = scan.end(channel, call);
      seen.delivered += call.name.length;
      frames.push(chunkFrame(call.choice, call.delta(text)));
    }
    return frames;
  };
  return {
    flush: () =>
      guarded((frames) => {
        frames.push(...judged(null), ...rest(null));
        return 'done';
      }),
    chunk: (chunk) =>
      guarded((frames) => {
        if (isJsonObject(chunk['error'] ?? null)) providerFailed();
        envelope = envelopeOf(chunk);
        const choices = chunk['choices'];
        const kept: Json[] = [];
        for (const choice of Array.isArray(choices) ? choices : []) {
          if (!isJsonObject(choice)) return unreadable();
          const index = indexOf(choice['index']);
          const { delta, isEmpty } = scanDelta(choice['delta'], index, { scan, held });
          const finish = typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : null;
          if (finish !== null) frames.push(...judged(index), ...rest(index));
          if (!isEmpty || finish !== null) kept.push({ index, delta, finish_reason: finish });
        }
        const usage = wantsUsage ? chunk['usage'] : undefined;
        if (kept.length > 0 || (usage !== undefined && usage !== null)) {
          frames.push(
            frameOf(JSON.stringify({ ...envelope, choices: kept, ...(usage === undefined ? {} : { usage }) })),
          );
        }
        return 'open';
      }),
  };
}

function envelopeOf(chunk: JsonObject): JsonObject {
  const envelope: { [key: string]: Json } = {};
  for (const key of ENVELOPE) if (chunk[key] !== undefined) envelope[key] = chunk[key];
  return envelope;
}

function restDelta(field: string, call: string | undefined, text: string): JsonObject {
  if (field !== 'arguments') return { [field]: text };
  if (call === undefined) return { function_call: { arguments: text } };
  return { tool_calls: [{ index: Number(call), function: { arguments: text } }] };
}

/** A call whose name, id and arguments wait until they are whole and judged. */
interface HeldCall {
  readonly choice: number;
  id: string | null;
  name: string;
  /** All of it as one delta, with the arguments that the policies let out. */
  readonly delta: (text: string) => JsonObject;
}

/** By the channel of their arguments; null when nobody judges calls, so that none is held. */
type HeldCalls = Map<string, HeldCall> | null;

interface Scanning {
  readonly scan: Scan;
  readonly held: HeldCalls;
}

/** The most that is held of the name or the id of one call. */
const MOST_HEAD = 1024;

/** A delta built anew: texts through the scanner, names and ids as they are; anything else that could hold text is refused. */
function scanDelta(
  delta: Json | undefined,
  choice: number,
  scanning: Scanning,
): { readonly delta: JsonObject; readonly isEmpty: boolean } {
  if (delta === undefined || delta === null) return { delta: {}, isEmpty: true };
  if (!isJsonObject(delta)) unreadable();
  const made: { [key: string]: Json } = {};
  let isEmpty = true;
  for (const [key, value] of Object.entries(delta)) {
    if (value === null || typeof value === 'boolean' || typeof value === 'number') continue;
    if (STREAM_TEXT_FIELDS.includes(key) && typeof value === 'string') {
      made[key] = scanning.scan.push(channelOf(choice, key), value);
      isEmpty &&= made[key] === '';
      continue;
    }
    if (key === 'role' && typeof value === 'string') made[key] = value;
    else if (key === 'tool_calls' && Array.isArray(value)) {
      const calls = value.flatMap((call: Json) => scanCall(call, choice, scanning));
      if (scanning.held !== null) continue;
      made[key] = calls;
    } else if (key === 'function_call') {
      const call = scanFunction(value, { choice, index: undefined }, scanning);
      if (call === null) continue;
      made[key] = call;
    } else unreadable();
    isEmpty = false;
  }
  return { delta: made, isEmpty };
}

function scanCall(call: Json, choice: number, scanning: Scanning): readonly JsonObject[] {
  if (!isJsonObject(call) || !Number.isSafeInteger(call['index'])) unreadable();
  const place = { choice, index: Number(call['index']) };
  const held = holdCall(place, scanning);
  const made: { [key: string]: Json } = { index: place.index };
  for (const [key, value] of Object.entries(call)) {
    if (key === 'index' || value === null) continue;
    if (key === 'id' && typeof value === 'string') {
      if (held !== null) held.id = bounded(value);
      made[key] = value;
    } else if (key === 'type' && typeof value === 'string') made[key] = value;
    else if (key === 'function') {
      const part = scanFunction(value, place, scanning);
      if (part !== null) made[key] = part;
    } else unreadable();
  }
  return held === null ? [made] : [];
}

interface CallPlace {
  readonly choice: number;
  /** Undefined for the older `function_call`, of which there is one. */
  readonly index: number | undefined;
}

/** What may go out of a part of a call; null while it is held. */
function scanFunction(value: Json, place: CallPlace, scanning: Scanning): JsonObject | null {
  if (!isJsonObject(value)) unreadable();
  const held = holdCall(place, scanning);
  const made: { [key: string]: Json } = {};
  for (const [key, part] of Object.entries(value)) {
    if (part === null) continue;
    if (typeof part !== 'string') unreadable();
    if (key === 'name') {
      if (held !== null) held.name = bounded(held.name + part);
      made[key] = part;
    } else if (key === 'arguments') made[key] = scanning.scan.push(channelOf(place.choice, key, place.index), part);
    else unreadable();
  }
  return held === null ? made : null;
}

/** The call at a place when calls are held; its channel opens with it, so that the scanner bounds their number. */
function holdCall({ choice, index }: CallPlace, { scan, held }: Scanning): HeldCall | null {
  if (held === null) return null;
  const channel = channelOf(choice, 'arguments', index);
  const known = held.get(channel);
  if (known !== undefined) return known;
  scan.push(channel, '');
  const call: HeldCall = {
    choice,
    id: null,
    name: '',
    delta: (text) => {
      const named = { name: call.name, arguments: text };
      if (index === undefined) return { function_call: named };
      return {
        tool_calls: [{ index, ...(call.id === null ? {} : { id: call.id }), type: 'function', function: named }],
      };
    },
  };
  held.set(channel, call);
  return call;
}

function bounded(text: string): string {
  if (text.length > MOST_HEAD) unreadable();
  return text;
}
