import { isJsonObject, type Json, type JsonObject } from '../../src/core/model/index.ts';
import { type Blocked, channelOf, STREAM_TEXT_FIELDS, type StreamScanner } from '../../src/core/policy/index.ts';
import type { Usage } from '../../src/core/wallet/index.ts';
import { chatUsage } from './shapes/usage.ts';

// What leaves a streamed answer: events in, events out. With a scanner a chunk is built anew from fields that are known,
// so that no text goes round it; without one the provider's own text is forwarded, less a usage chunk nobody asked for.

/** What to write now, and how the stream goes on. */
export interface Outgoing {
  readonly events: readonly string[];
  readonly state: 'open' | 'done' | 'blocked';
  readonly blocked: Blocked | null;
}

export interface ChatStream {
  /** The data of one upstream event. After `done` or `blocked` nothing may be pushed. */
  push(data: string): Outgoing;
  /** The upstream ended without `[DONE]`. */
  end(): Outgoing;
  usage(): Usage | null;
  /** UTF-16 units of text that went out: the base of an estimate when no usage came. */
  delivered(): number;
}

const ENVELOPE = ['id', 'object', 'created', 'model', 'service_tier', 'system_fingerprint'] as const;
const OPEN = { state: 'open', blocked: null } as const;
const UNREADABLE: Blocked = {
  policy: 'stream',
  phase: 'output',
  reasonCode: 'stream.unreadable',
  message: 'The answer holds something that its policies cannot read, so it was ended.',
};

/** `scanner` null: no policy looks at the answer. `wantsUsage`: the client asked for the usage chunk itself. */
export function createChatStream(scanner: StreamScanner | null, wantsUsage: boolean): ChatStream {
  const seen: { usage: Usage | null; delivered: number } = { usage: null, delivered: 0 };
  const scanned = scanner === null ? null : createScannedStream(scanner, wantsUsage, seen);
  return {
    usage: () => seen.usage,
    delivered: () => seen.delivered,
    push(data) {
      if (data === '[DONE]') return scanned?.flush('done') ?? { events: [], state: 'done', blocked: null };
      if (scanned === null && !data.includes('"usage"')) {
        seen.delivered += data.length;
        return { events: [data], ...OPEN };
      }
      const chunk = parsed(data);
      if (!isJsonObject(chunk)) return scanned === null ? { events: [data], ...OPEN } : broken(UNREADABLE, []);
      seen.usage = chatUsage(chunk) ?? seen.usage;
      if (scanned !== null) return scanned.chunk(chunk);
      if (wantsUsage) return { events: [data], ...OPEN };
      return { events: withoutUsage(chunk, data), ...OPEN };
    },
    end: () => scanned?.flush('open') ?? { events: [], ...OPEN },
  };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function broken(blocked: Blocked, events: readonly string[]): Outgoing {
  return { events, state: 'blocked', blocked };
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
  /** Sends what is held back; `state` is what the stream is after it. */
  flush(state: 'done' | 'open'): Outgoing;
}

class StreamBlocked extends Error {
  readonly blocked: Blocked;
  constructor(blocked: Blocked) {
    super(blocked.reasonCode);
    this.blocked = blocked;
  }
}

function createScannedStream(scanner: StreamScanner, wantsUsage: boolean, seen: { delivered: number }): Scanned {
  let envelope: { [key: string]: Json } = {};
  const held: HeldCalls = scanner.judgesCalls ? new Map() : null;
  const scan = (channel: string, text: string): string => {
    const piece = scanner.push(channel, text);
    if (piece.blocked !== null) throw new StreamBlocked(piece.blocked);
    seen.delivered += piece.emit.length;
    return piece.emit;
  };
  /** One delta per channel of `choice` (all when null) that still holds text back. */
  const rest = (choice: number | null): readonly string[] => {
    const events: string[] = [];
    for (const channel of [...scanner.channels()]) {
      const [index = '0', field = 'content', call] = channel.split('/');
      if (choice !== null && Number(index) !== choice) continue;
      const piece = scanner.end(channel);
      if (piece.blocked !== null) throw new StreamBlocked(piece.blocked);
      seen.delivered += piece.emit.length;
      if (piece.emit === '') continue;
      const delta = restDelta(field, call, piece.emit);
      events.push(JSON.stringify({ ...envelope, choices: [{ index: Number(index), delta, finish_reason: null }] }));
    }
    return events;
  };
  const judged = (choice: number | null): readonly string[] =>
    judgedCalls(scanner, held, choice).map(({ index, delta, length }) => {
      seen.delivered += length;
      return JSON.stringify({ ...envelope, choices: [{ index, delta, finish_reason: null }] });
    });
  const guarded = (work: (events: string[]) => 'done' | 'open'): Outgoing => {
    const events: string[] = [];
    try {
      return { events, state: work(events), blocked: null };
    } catch (error) {
      if (error instanceof StreamBlocked) return broken(error.blocked, events);
      throw error;
    }
  };
  return {
    flush: (state) =>
      guarded((events) => {
        events.push(...judged(null), ...rest(null));
        return state;
      }),
    chunk: (chunk) =>
      guarded((events) => {
        envelope = {};
        for (const key of ENVELOPE) if (chunk[key] !== undefined) envelope[key] = chunk[key];
        const choices = chunk['choices'];
        const kept: Json[] = [];
        for (const choice of Array.isArray(choices) ? choices : []) {
          const index = isJsonObject(choice) ? choice['index'] : undefined;
          if (!isJsonObject(choice) || !Number.isSafeInteger(index)) throw new StreamBlocked(UNREADABLE);
          const { delta, isEmpty } = scanDelta(choice['delta'], Number(index), { scan, held });
          const finish = typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : null;
          if (finish !== null) events.push(...judged(Number(index)), ...rest(Number(index)));
          if (!isEmpty || finish !== null) kept.push({ index: Number(index), delta, finish_reason: finish });
        }
        const usage = wantsUsage ? chunk['usage'] : undefined;
        if (kept.length > 0 || (usage !== undefined && usage !== null)) {
          events.push(JSON.stringify({ ...envelope, choices: kept, ...(usage === undefined ? {} : { usage }) }));
        }
        return 'open';
      }),
  };
}

function restDelta(field: string, call: string | undefined, text: string): JsonObject {
  if (field !== 'arguments') return { [field]: text };
  if (call === undefined) return { function_call: { arguments: text } };
  return { tool_calls: [{ index: Number(call), function: { arguments: text } }] };
}

type Scan = (channel: string, text: string) => string;

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
  if (!isJsonObject(delta)) throw new StreamBlocked(UNREADABLE);
  const made: { [key: string]: Json } = {};
  let isEmpty = true;
  for (const [key, value] of Object.entries(delta)) {
    if (value === null || typeof value === 'boolean' || typeof value === 'number') continue;
    if (STREAM_TEXT_FIELDS.includes(key) && typeof value === 'string') {
      made[key] = scanning.scan(channelOf(choice, key), value);
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
    } else throw new StreamBlocked(UNREADABLE);
    isEmpty = false;
  }
  return { delta: made, isEmpty };
}

function scanCall(call: Json, choice: number, scanning: Scanning): readonly JsonObject[] {
  if (!isJsonObject(call) || !Number.isSafeInteger(call['index'])) throw new StreamBlocked(UNREADABLE);
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
    } else throw new StreamBlocked(UNREADABLE);
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
  if (!isJsonObject(value)) throw new StreamBlocked(UNREADABLE);
  const held = holdCall(place, scanning);
  const made: { [key: string]: Json } = {};
  for (const [key, part] of Object.entries(value)) {
    if (part === null) continue;
    if (typeof part !== 'string') throw new StreamBlocked(UNREADABLE);
    if (key === 'name') {
      if (held !== null) held.name = bounded(held.name + part);
      made[key] = part;
    } else if (key === 'arguments') made[key] = scanning.scan(channelOf(place.choice, key, place.index), part);
    else throw new StreamBlocked(UNREADABLE);
  }
  return held === null ? made : null;
}

/** The calls of `choice` (all when null) that were held to be judged, each whole in one delta. */
function judgedCalls(
  scanner: StreamScanner,
  held: HeldCalls,
  choice: number | null,
): readonly { readonly index: number; readonly delta: JsonObject; readonly length: number }[] {
  const due = [...(held ?? [])].filter(([, call]) => choice === null || call.choice === choice);
  return due.map(([channel, call]) => {
    held?.delete(channel);
    const piece = scanner.end(channel, call);
    if (piece.blocked !== null) throw new StreamBlocked(piece.blocked);
    return { index: call.choice, delta: call.delta(piece.emit), length: call.name.length + piece.emit.length };
  });
}

/** The call at a place when calls are held; its channel opens with it, so that the scanner bounds their number. */
function holdCall({ choice, index }: CallPlace, { scan, held }: Scanning): HeldCall | null {
  if (held === null) return null;
  const channel = channelOf(choice, 'arguments', index);
  const known = held.get(channel);
  if (known !== undefined) return known;
  scan(channel, '');
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
  if (text.length > MOST_HEAD) throw new StreamBlocked(UNREADABLE);
  return text;
}
