import { isJsonObject, type Json, type JsonObject, writeJson } from '../../../src/core/model/index.ts';
import { type CallHead, channelOf, STREAM_TEXT_FIELDS, type StreamScanner } from '../../../src/core/policy/index.ts';
import { refusalBody } from '../refusal.ts';
import { meterChat } from './meters.ts';
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
  isDone,
  nameOf,
  OPEN,
  type Outgoing,
  passedWhole,
  type Scan,
  type ShapeStream,
  saysFailure,
  unreadable,
  wordOf,
} from './stream.ts';

// A streamed chat completion: chunks, and `[DONE]`.

const KEYS: EnvelopeKeys = {
  ids: ['id', 'model', 'system_fingerprint'],
  words: ['service_tier'],
  numbers: ['created'],
};

/** As many choices as a request may ask for. */
export const MAX_CHOICES = 128;

/** Which choices of an answer have begun, and which of them have ended. */
interface Choices {
  readonly begun: Set<number>;
  readonly finished: Set<number>;
}

/** `scanner` null: no policy looks at the answer. `wantsUsage`: the client asked for the usage chunk itself. */
export function createChatStream(scanner: StreamScanner | null, wantsUsage: boolean): ShapeStream {
  const meter = meterChat();
  const choices: Choices = { begun: new Set(), finished: new Set() };
  const scanned = scanner === null ? null : createScannedStream(scanner, wantsUsage, choices);
  const done = (): Outgoing => scanned?.flush() ?? { ...OPEN, state: 'done' };
  return {
    ...meter,
    last: () => frameOf('[DONE]'),
    error: (refusal) => frameOf(refusalBody(refusal, 'openai')),
    push(data) {
      if (isDone(data)) return done();
      const chunk = eventOf(data);
      if (chunk === undefined) return scanned === null ? { ...OPEN, frames: [frameOf(data)] } : guarded(unreadable);
      meter.read(chunk);
      if (saysFailure(chunk)) return FAILED;
      if (scanned !== null) return scanned.chunk(chunk);
      noteChoices(choices, chunk);
      return { ...OPEN, frames: wantsUsage ? [frameOf(data)] : withoutUsage(chunk, data).map((text) => frameOf(text)) };
    },
    // Some providers end without `[DONE]`: then each choice has said that it ended, or the answer was cut off.
    end: () => (choices.begun.size > 0 && choices.finished.size === choices.begun.size ? done() : FAILED),
  };
}

/** Notes what a chunk that goes on as it came says of its choices. */
function noteChoices({ begun, finished }: Choices, chunk: JsonObject): void {
  const { choices } = chunk;
  for (const choice of Array.isArray(choices) ? (choices as readonly Json[]) : []) {
    if (!isJsonObject(choice)) continue;
    const { index = 0, finish_reason: finish } = choice;
    if (!Number.isSafeInteger(index) || Number(index) < 0 || Number(index) >= MAX_CHOICES) continue;
    begun.add(Number(index));
    if (typeof finish === 'string' && finish !== '') finished.add(Number(index));
  }
}

/** Drops the usage chunk (no choices), and the usage field of any other chunk. */
function withoutUsage(chunk: JsonObject, data: string): readonly string[] {
  if (!Object.hasOwn(chunk, 'usage')) return [data];
  if (Array.isArray(chunk['choices']) && chunk['choices'].length === 0) return [];
  const { usage: _usage, ...rest } = chunk;
  return [writeJson(rest)];
}

interface Scanned {
  chunk(chunk: JsonObject): Outgoing;
  /** Sends what is held back; nothing comes after it. */
  flush(): Outgoing;
}

function createScannedStream(scanner: StreamScanner, wantsUsage: boolean, choices: Choices): Scanned {
  let envelope: JsonObject = {};
  const calls = new Map<string, Call>();
  const scan = createScan(scanner);
  const { begun, finished } = choices;
  const chunkOf = (choices: readonly Json[], more: JsonObject = {}): string =>
    frameOf(JSON.stringify({ ...envelope, choices, ...more }));
  const chunkFrame = (index: number, delta: JsonObject): string => chunkOf([{ index, delta, finish_reason: null }]);
  const scanning: Scanning = { scan, calls, cited: { times: 0 } };
  const heldBack = createHeldBack(scanning, chunkFrame);
  /** Adds the deltas of a chunk to `frames` and answers those that may share its last frame. */
  const choicesOf = (given: Json | undefined, frames: string[]): readonly Json[] => {
    let kept: Json[] = [];
    for (const choice of Array.isArray(given) ? (given as readonly Json[]) : []) {
      if (!isJsonObject(choice)) return unreadable();
      const index = indexOf(choice['index']);
      if (index >= MAX_CHOICES) unreadable();
      begun.add(index);
      if (finished.has(index) && saysMore(choice['delta'])) unreadable();
      const { delta, isEmpty } = scanDelta(choice['delta'], index, scanning);
      const finish = finishOf(choice['finish_reason']);
      if (!isEmpty) kept.push({ index, delta, finish_reason: null });
      if (finish === null) continue;
      // What was held back of the choice comes after the words of this chunk, and before its end.
      if (kept.length > 0) frames.push(chunkOf(kept));
      frames.push(...heldBack(index));
      finished.add(index);
      kept = [{ index, delta: {}, finish_reason: finish }];
    }
    return kept;
  };
  return {
    flush: () =>
      guarded((frames) => {
        frames.push(...heldBack(null));
        return 'done';
      }),
    chunk: (chunk) =>
      guarded((frames) => {
        envelope = headOf(chunk);
        const kept = choicesOf(chunk['choices'], frames);
        const usage = wantsUsage ? chunk['usage'] : undefined;
        const isCounted = usage !== undefined && usage !== null;
        const counted = usage === undefined ? {} : { usage: usage === null ? null : countersOf(usage) };
        if (kept.length > 0 || isCounted) frames.push(chunkOf(kept, counted));
        return 'open';
      }),
  };
}

/** The frames of all that is still held back of a choice (of all when null): calls that are judged now, and rests of texts. */
function createHeldBack(
  { scan, calls }: Scanning,
  chunkFrame: (index: number, delta: JsonObject) => string,
): (choice: number | null) => readonly string[] {
  /** One delta per channel of `choice` (all when null) that still holds text back. */
  const rest = (choice: number | null): readonly string[] => {
    const frames: string[] = [];
    for (const channel of [...scan.channels()]) {
      const [index = '0', field = 'content'] = channel.split('/');
      if (choice !== null && Number(index) !== choice) continue;
      const text = scan.end(channel);
      if (text === '') continue;
      const call = calls.get(channel);
      frames.push(chunkFrame(Number(index), call === undefined ? { [field]: text } : callDelta(call, text)));
    }
    return frames;
  };
  /** The calls of `choice` (all when null) that were held to be judged, each whole in one delta. */
  const judged = (choice: number | null): readonly string[] => {
    const frames: string[] = [];
    for (const [channel, call] of scan.judgesCalls ? calls : []) {
      if (choice !== null && call.choice !== choice) continue;
      calls.delete(channel);
      frames.push(chunkFrame(call.choice, callDelta(call, scan.end(channel, call), call)));
    }
    return frames;
  };
  return (choice) => [...judged(choice), ...rest(choice)];
}

function headOf(chunk: JsonObject): JsonObject {
  const { id, ...more } = envelopeOf(chunk, KEYS);
  return {
    ...(id === undefined ? {} : { id }),
    ...(chunk['object'] === undefined ? {} : { object: 'chat.completion.chunk' }),
    ...more,
  };
}

/** The end of a choice. Some providers send an empty text until it is there. */
function finishOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? wordOf(value) : null;
}

/** A text or a call in a delta. */
function saysMore(delta: Json | undefined): boolean {
  if (delta === undefined || delta === null) return false;
  if (!isJsonObject(delta)) return true;
  return Object.entries(delta).some(
    ([key, value]) =>
      key !== 'role' &&
      (typeof value === 'string' ? value !== '' : Array.isArray(value) ? value.length > 0 : isJsonObject(value)),
  );
}

/** What holds the name and the text of a call, by the field of that text: arguments in JSON, or the input of a custom tool. */
const HOLDERS = { function: 'arguments', custom: 'input' } as const;
type Holder = keyof typeof HOLDERS;

/** A call as far as it has come. Where calls are judged, nothing of it goes out before it is whole. */
interface Call extends CallHead {
  readonly choice: number;
  /** Undefined for the older `function_call`, of which there is one. */
  readonly index: number | undefined;
  /** Null until it has come. */
  holder: Holder | null;
  id: string | null;
  name: string;
}

/** A delta with this of a call. */
function callDelta({ index, holder: told }: Call, text: string, head?: CallHead): JsonObject {
  const holder = told ?? 'function';
  const held = { ...(head === undefined ? {} : { name: head.name }), [HOLDERS[holder]]: text };
  if (index === undefined) return { function_call: held };
  if (head === undefined) return { tool_calls: [{ index, [holder]: held }] };
  return { tool_calls: [{ index, ...(head.id === null ? {} : { id: head.id }), type: holder, [holder]: held }] };
}

interface Scanning {
  readonly scan: Scan;
  /** By the channel of their texts. */
  readonly calls: Map<string, Call>;
  /** How often annotations have come. */
  readonly cited: { times: number };
}

/** Citations, which come whole. */
function annotationsOf({ scan, cited }: Scanning, choice: number, annotations: readonly Json[]): Json {
  cited.times += 1;
  const place = `${choice}/annotations/${cited.times}`;
  const { choices } = passedWhole(scan, place, { choices: [{ delta: { annotations } }] });
  const [made = null] = choices as readonly Json[];
  return objectIn(objectIn(made)['delta'])['annotations'] ?? unreadable();
}

const objectIn = (value: Json | undefined): JsonObject =>
  value !== undefined && isJsonObject(value) ? value : unreadable();

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
    // Routers say reasoning twice: here in pieces of a form of their own.
    if (key === 'reasoning_details') continue;
    // Some providers send the words and ids of a first piece again with each one, as empty texts.
    if (key === 'role' && value === '') continue;
    if (key === 'role') made[key] = wordOf(value);
    else if (key === 'tool_calls' && Array.isArray(value)) {
      const calls = value.flatMap((call: Json) => scanCall(call, choice, scanning));
      if (scanning.scan.judgesCalls) continue;
      made[key] = calls;
    } else if (key === 'annotations' && Array.isArray(value)) {
      made[key] = annotationsOf(scanning, choice, value as readonly Json[]);
    } else if (key === 'function_call') {
      const call = scanHolder(value, callAt({ choice, index: undefined }, 'function', scanning), scanning.scan);
      if (scanning.scan.judgesCalls) continue;
      made[key] = call;
    } else unreadable();
    isEmpty = false;
  }
  return { delta: made, isEmpty };
}

function scanCall(call: Json, choice: number, scanning: Scanning): readonly JsonObject[] {
  const { scan } = scanning;
  if (!isJsonObject(call) || !Number.isSafeInteger(call['index'])) unreadable();
  const place = { choice, index: Number(call['index']) };
  const made: { [key: string]: Json } = { index: place.index };
  const known = callAt(place, holderIn(call), scanning);
  for (const [key, value] of Object.entries(call)) {
    if (key === 'index' || value === null || value === '') continue;
    if (key === 'id') {
      made[key] = nameOf(value);
      known.id = nameOf(value);
    } else if (key === 'type') made[key] = wordOf(value);
    else if (key === 'function' || key === 'custom') made[key] = scanHolder(value, known, scan);
    else unreadable();
  }
  return scan.judgesCalls ? [] : [made];
}

/** What holds a call; null: this piece of it does not say. */
function holderIn(call: JsonObject): Holder | null {
  const given = (['function', 'custom'] as const).filter((key) => (call[key] ?? null) !== null);
  const [holder = null, other] = given;
  return other === undefined ? holder : unreadable();
}

/** What may go out of a part of a call; nothing while it is held. */
function scanHolder(value: Json, call: Call, scan: Scan): JsonObject {
  if (!isJsonObject(value)) unreadable();
  const made: { [key: string]: Json } = {};
  for (const [key, part] of Object.entries(value)) {
    if (part === null) continue;
    if (typeof part !== 'string') unreadable();
    if (key === 'name') {
      made[key] = nameOf(part);
      if (scan.judgesCalls) call.name = nameOf(call.name + part);
    } else if (key === HOLDERS[call.holder ?? 'function']) made[key] = scan.push(channelOfCall(call), part);
    else unreadable();
  }
  return made;
}

const channelOfCall = ({ choice, index }: Pick<Call, 'choice' | 'index'>): string =>
  channelOf(choice, 'arguments', index);

/** The call at a place. Its channel opens with it where calls are judged, so that the scanner bounds their number. */
function callAt(place: Pick<Call, 'choice' | 'index'>, holder: Holder | null, { scan, calls }: Scanning): Call {
  const channel = channelOfCall(place);
  const known = calls.get(channel);
  if (known === undefined && scan.judgesCalls) scan.push(channel, '');
  if (known !== undefined) {
    known.holder ??= holder;
    // Of two holders nobody knows which one is called.
    return holder === null || holder === known.holder ? known : unreadable();
  }
  const call: Call = { ...place, holder, id: null, name: '' };
  calls.set(channel, call);
  return call;
}
