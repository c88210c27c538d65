import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import { meterChat } from '../streams/meters.ts';
import { saysFailure } from '../streams/stream.ts';
import { objectOr } from './fields.ts';
import { messagesUsageOf, saidIn, stopReasonOf, toolUseOf } from './messages-answer.ts';
import type { Translator } from './translator.ts';

// The chunks of a streamed chat completion as the events of a message: one block at a time, begun by the first piece of its
// kind and stopped by the first of another.

/** Anthropic's events out of the chunks of a chat completion. What the prompt took is known at the end only. */
export function createMessagesTranslator(): Translator {
  const state: State = {
    isBegun: false,
    open: null,
    blocks: 0,
    calls: new Set(),
    finish: null,
    isRefusal: false,
    usage: messagesUsageOf(undefined),
  };
  const meter = meterChat();
  return {
    ...meter,
    push: (chunk) => {
      meter.read(chunk);
      if (saysFailure(chunk)) return null;
      if (isJsonObject(chunk['usage'] ?? null)) state.usage = messagesUsageOf(chunk['usage']);
      const events: JsonObject[] = [];
      const choice = Array.isArray(chunk['choices']) ? (chunk['choices'] as readonly Json[])[0] : undefined;
      if (choice !== undefined && isJsonObject(choice)) {
        // What Azure says of the prompt comes first, without an id or a model.
        if (!state.isBegun) events.push(startOf(chunk));
        state.isBegun = true;
        if (!readDelta(state, objectOr(choice['delta']), events)) return null;
        const { finish_reason: finish } = choice;
        if (isText(finish)) state.finish = finish;
      }
      return events.map((event) => JSON.stringify(event));
    },
    end: () => {
      if (state.finish === null) return null;
      const events: JsonObject[] = [];
      close(state, events);
      const stop = stopReasonOf(state.finish, state.calls.size > 0);
      const delta = { stop_reason: state.isRefusal ? 'refusal' : stop, stop_sequence: null };
      events.push({ type: 'message_delta', delta, usage: state.usage }, { type: 'message_stop' });
      return events.map((event) => JSON.stringify(event));
    },
  };
}

interface State {
  isBegun: boolean;
  /** What is open: text, thinking, or the call at an index. */
  open: string | null;
  blocks: number;
  /** Calls that have begun, by their index in the chunks. */
  readonly calls: Set<Json>;
  /** Why it ended, in the provider's word. */
  finish: string | null;
  isRefusal: boolean;
  usage: JsonObject;
}

function startOf(chunk: JsonObject): JsonObject {
  const { id = '', model = '' } = chunk;
  const usage = { input_tokens: 0, output_tokens: 0 };
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  return { type: 'message_start', message };
}

/** False when the delta holds what a message cannot say. */
function readDelta(state: State, delta: JsonObject, events: JsonObject[]): boolean {
  const said = saidIn(delta);
  if (said === null) return false;
  if (said.reasoning !== '') {
    begin(state, events, 'thinking', { type: 'thinking', thinking: '', signature: '' });
    grow(state, events, { type: 'thinking_delta', thinking: said.reasoning });
  }
  state.isRefusal ||= said.isRefusal;
  for (const text of said.texts) {
    begin(state, events, 'text', { type: 'text', text: '' });
    grow(state, events, { type: 'text_delta', text });
  }
  return said.calls.every((call) => isJsonObject(call) && readCall(state, call, events));
}

/** False for a call without a name, and for more of one that has ended: blocks do not go on after another has begun. */
function readCall(state: State, call: JsonObject, events: JsonObject[]): boolean {
  const { index = null, id } = call;
  const { name, arguments: text } = objectOr(call['function']);
  const place = `call ${String(index)}`;
  if (!state.calls.has(index)) {
    if (!isText(id) || !isText(name)) return false;
    begin(state, events, place, toolUseOf(id, name, {}));
    state.calls.add(index);
  }
  if (!isText(text)) return true;
  if (state.open !== place) return false;
  grow(state, events, { type: 'input_json_delta', partial_json: text });
  return true;
}

function begin(state: State, events: JsonObject[], place: string, block: JsonObject): void {
  if (state.open === place) return;
  close(state, events);
  state.open = place;
  events.push({ type: 'content_block_start', index: state.blocks, content_block: block });
}

function grow(state: State, events: JsonObject[], delta: JsonObject): void {
  events.push({ type: 'content_block_delta', index: state.blocks, delta });
}

function close(state: State, events: JsonObject[]): void {
  if (state.open === null) return;
  events.push({ type: 'content_block_stop', index: state.blocks });
  state.open = null;
  state.blocks += 1;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
