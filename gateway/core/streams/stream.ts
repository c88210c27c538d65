import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../src/core/model/index.ts';
import { type Blocked, type CallHead, editTexts, type StreamScanner } from '../../../src/core/policy/index.ts';
import type { Refusal } from '../refusal.ts';
import type { Metered } from './meters.ts';

// What leaves a streamed answer: events in, frames out. With a scanner an event is built anew from fields that are known,
// so that no text goes round it; without one the provider's own text is forwarded.

/** What to write now, and how the stream goes on. */
export interface Outgoing {
  readonly frames: readonly string[];
  /** `failed`: the provider broke off, by its own words or without its last one. */
  readonly state: 'open' | 'done' | 'blocked' | 'failed';
  readonly blocked: Blocked | null;
}

export interface ShapeStream extends Metered {
  /** The data of one upstream event. After any state but `open` nothing may be pushed. */
  push(data: string): Outgoing;
  /** The upstream ended without its last event. */
  end(): Outgoing;
  /** The frames by which an answer is complete; written when the decision is durable. */
  last(): string;
  /** The frame that ends an answer which is not complete. */
  error(refusal: Refusal): string;
}

export const OPEN: Outgoing = { frames: [], state: 'open', blocked: null };
export const FAILED: Outgoing = { frames: [], state: 'failed', blocked: null };

const UNREADABLE: Blocked = {
  policy: 'stream',
  phase: 'output',
  reasonCode: 'stream.unreadable',
  message: 'The answer holds something that its policies cannot read, so it was ended.',
};

class StreamBlocked extends Error {
  readonly blocked: Blocked;
  constructor(blocked: Blocked) {
    super(blocked.reasonCode);
    this.blocked = blocked;
  }
}

/** Ends the stream: what came cannot be read, so it cannot be let out. */
export function unreadable(): never {
  throw new StreamBlocked(UNREADABLE);
}

/** One event of a stream: `data:` before each line of it, with the name of the event where the shape has names. */
export function frameOf(data: string, name?: string): string {
  const lines = data.includes('\n') || data.includes('\r') ? data.replace(/\r\n?|\n/g, '\ndata: ') : data;
  return name === undefined ? `data: ${lines}\n\n` : `event: ${name}\ndata: ${lines}\n\n`;
}

/** Runs `work`, which adds frames and says how the stream goes on; what was added before a block still goes out. */
export function guarded(work: (frames: string[]) => 'done' | 'open'): Outgoing {
  const frames: string[] = [];
  try {
    return { frames, state: work(frames), blocked: null };
  } catch (error) {
    if (error instanceof StreamBlocked) return { frames, state: 'blocked', blocked: error.blocked };
    throw error;
  }
}

/** A scanner whose blocks end the stream. */
export interface Scan {
  readonly judgesCalls: boolean;
  /** What may go out of `text` now. */
  push(channel: string, text: string): string;
  /** The rest of a channel; of the arguments of a call that is judged, its head. */
  end(channel: string, call?: CallHead): string;
  /** A text that came whole. */
  whole(channel: string, text: string): string;
  channels(): readonly string[];
}

export function createScan(scanner: StreamScanner): Scan {
  const out = ({ emit, blocked }: ReturnType<StreamScanner['push']>): string => {
    if (blocked !== null) throw new StreamBlocked(blocked);
    return emit;
  };
  return {
    judgesCalls: scanner.judgesCalls,
    push: (channel, text) => out(scanner.push(channel, text)),
    end: (channel, call) => out(scanner.end(channel, call)),
    whole: (channel, text) => out(scanner.push(channel, text)) + out(scanner.end(channel)),
    channels: () => scanner.channels(),
  };
}

const MOST_TEXTS = 1024;

/**
 * A part of an answer that came whole, in the fields of a body, with its texts let through the policies: those that are read in a
 * whole answer. Each has a channel below `place`, which no other part may have. Ends the stream where nothing can stand in the
 * place of a text that policies change, and where there are more than 1024.
 */
export function passedWhole(scan: Scan, place: string, body: JsonObject): JsonObject {
  let texts = 0;
  const edited = editTexts(body, 'output', (text, _role, { isFixed = false }) => {
    texts += 1;
    if (texts > MOST_TEXTS) unreadable();
    const passed = scan.whole(`${place}/${texts}`, text);
    return passed === text || !isFixed ? passed : unreadable();
  });
  return isJsonObject(edited) ? edited : unreadable();
}

/** True for the event by which a chat completion is complete. */
export function isDone(data: string): boolean {
  return data.trim() === '[DONE]';
}

/** The JSON object of an event, or undefined. */
export function eventOf(data: string): JsonObject | undefined {
  try {
    const value = parseJson(data);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * True for a failure that a provider says at the root of what it sends, in the words of any family: an error, as an object or a
 * text, or one of its kind.
 */
export function saysFailure({ error, object, type }: JsonObject): boolean {
  if (isJsonObject(error) || (typeof error === 'string' && error !== '')) return true;
  return object === 'error' || type === 'error' || type === 'response.failed';
}

const CONTENT = ['choices', 'data', 'output', 'content'] as const;

/** True for what came whole with status 200, unless it is no object, or tells of a failure and holds nothing of an answer. */
export function isAnswer(value: Json | undefined): value is JsonObject {
  if (!isJsonObject(value)) return false;
  return !saysFailure(value) || CONTENT.some((key) => Array.isArray(value[key]) && value[key].length > 0);
}

/** What is said of an answer by one event of it: nothing yet, that there is none, or its beginning. */
export function firstWord(data: string): 'nothing' | 'failure' | 'beginning' {
  if (data === '') return 'nothing';
  if (isDone(data)) return 'beginning';
  const event = eventOf(data);
  if (event === undefined || saysFailure(event)) return 'failure';
  return event['type'] === 'ping' || event['type'] === 'keepalive' ? 'nothing' : 'beginning';
}

const TYPE = /^\{\s*"type"\s*:\s*"([a-z_.]{1,80})"/;

/** The `type` of an event that is forwarded as it came; providers write it first, where a whole parse is not needed. */
export function typeOf(data: string): string {
  const [, first] = TYPE.exec(data.slice(0, 120)) ?? [];
  if (first !== undefined) return first;
  const type = eventOf(data)?.['type'];
  return typeof type === 'string' && /^[a-z_.]{1,80}$/.test(type) ? type : 'message';
}

/** What a counter is called; any other key could be text. */
const COUNTER = /^(?:[a-z_]{1,60}|ephemeral_(?:5m|1h)_input_tokens)$/;

/**
 * What a count of tokens is: the numbers of an object, the words by which it says of what they are (`service_tier`), and the same of
 * the objects in it.
 */
export function countersOf(value: Json | undefined): JsonObject {
  if (value === undefined || !isJsonObject(value)) return {};
  const made: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    if (!COUNTER.test(key)) continue;
    if (typeof item === 'number' || item === null || isWord(item)) made[key] = item;
    else if (isJsonObject(item)) made[key] = countersOf(item);
    else if (Array.isArray(item)) made[key] = (item as readonly Json[]).filter(isJsonObject).map(countersOf);
  }
  return made;
}

const isWord = (value: Json): value is string => typeof value === 'string' && /^[A-Za-z_]{1,60}$/.test(value);

/** A word of the interface, such as a reason or a state; anything that could be text cannot be read. */
export function wordOf(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  return isWord(value) ? value : unreadable();
}

/** Text that is encrypted or encoded, which nobody here can read and which holds no words. */
export function sealedOf(value: Json | undefined): string {
  return typeof value === 'string' && /^[A-Za-z0-9+/=_-]*$/.test(value) ? value : unreadable();
}

/** A name or an id. */
export function nameOf(value: Json | undefined): string {
  return typeof value === 'string' && value.length <= 1024 ? value : unreadable();
}

export function indexOf(value: Json | undefined): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : unreadable();
}

/** What an event says of the whole answer: ids, words and numbers by their keys. A number that is none is left out. */
export interface EnvelopeKeys {
  readonly ids: readonly string[];
  readonly words: readonly string[];
  readonly numbers: readonly string[];
}

export function envelopeOf(value: JsonObject, { ids, words, numbers }: EnvelopeKeys): { [key: string]: Json } {
  const made: { [key: string]: Json } = {};
  for (const key of ids) if (value[key] !== undefined) made[key] = value[key] === null ? null : nameOf(value[key]);
  for (const key of words) if (value[key] !== undefined) made[key] = wordOf(value[key]);
  for (const key of numbers) {
    const item = value[key];
    if (typeof item === 'number' || typeof item === 'boolean' || item === null) made[key] = item;
  }
  return made;
}
