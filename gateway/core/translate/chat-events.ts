import { type Json, type JsonObject, writeJson } from '../../../src/core/model/index.ts';
import { meterMessages } from '../streams/meters.ts';
import { chatUsageOf, finishReasonOf } from './chat-answer.ts';
import { objectOr } from './fields.ts';
import type { Translator } from './translator.ts';

// The events of a streamed message as the chunks of a chat completion.

/** Chunks of a chat completion out of Anthropic's events, with a usage chunk before `[DONE]`. */
export function createChatTranslator(nowMs: number): Translator {
  const state: State = { head: { created: Math.floor(nowMs / 1000) }, usage: {}, finish: 'stop', calls: new Map() };
  const meter = meterMessages();
  return {
    ...meter,
    push: (event) => {
      meter.read(event);
      const type = String(event['type']);
      return (Object.hasOwn(HANDLERS, type) ? HANDLERS[type] : undefined)?.(event, state) ?? null;
    },
    end: () => null,
  };
}

interface State {
  /** What every chunk says. */
  head: JsonObject;
  usage: JsonObject;
  finish: string;
  /** Calls by the index of their block; `hasInput`: some of their arguments came. */
  readonly calls: Map<Json, { readonly index: number; hasInput: boolean }>;
}

type Handler = (event: JsonObject, state: State) => readonly string[] | null;

const HANDLERS: { readonly [type: string]: Handler } = {
  ping: () => [],
  message_start: ({ message }, state) => {
    const { id = '', model = '', usage } = objectOr(message);
    state.head = { id, model, ...state.head };
    state.usage = objectOr(usage);
    return [deltaOf(state, { role: 'assistant', content: '' })];
  },
  content_block_start: beginBlock,
  content_block_delta: growBlock,
  content_block_stop: ({ index = null }, state) => {
    const call = state.calls.get(index);
    return call === undefined || call.hasInput ? [] : [callDelta(state, call.index, '{}')];
  },
  message_delta: ({ delta, usage }, state) => {
    state.finish = finishReasonOf(objectOr(delta)['stop_reason']);
    const counted = Object.entries(objectOr(usage)).filter(([, value]) => value !== null);
    state.usage = { ...state.usage, ...Object.fromEntries(counted) };
    return [];
  },
  message_stop: (_event, state) => [
    chunkOf(state, [{ index: 0, delta: {}, finish_reason: state.finish }]),
    chunkOf(state, [], { usage: chatUsageOf(state.usage) }),
    '[DONE]',
  ],
};

function beginBlock({ index = null, content_block }: JsonObject, state: State): readonly string[] | null {
  const block = objectOr(content_block);
  if (block['type'] === 'text') return textDelta(state, 'content', block['text']);
  if (block['type'] === 'thinking') return textDelta(state, 'reasoning_content', block['thinking']);
  if (block['type'] === 'redacted_thinking') return [];
  if (block['type'] !== 'tool_use') return null;
  const { id = '', name = '', input } = block;
  const given = Object.keys(objectOr(input)).length === 0 ? '' : writeJson(objectOr(input));
  const call = { index: state.calls.size, hasInput: given !== '' };
  state.calls.set(index, call);
  const named = { index: call.index, id, type: 'function', function: { name, arguments: given } };
  return [deltaOf(state, { tool_calls: [named] })];
}

function growBlock({ index = null, delta }: JsonObject, state: State): readonly string[] | null {
  const piece = objectOr(delta);
  if (piece['type'] === 'text_delta') return textDelta(state, 'content', piece['text']);
  if (piece['type'] === 'thinking_delta') return textDelta(state, 'reasoning_content', piece['thinking']);
  if (piece['type'] === 'signature_delta') return [];
  const call = state.calls.get(index);
  const { partial_json: text } = piece;
  if (piece['type'] !== 'input_json_delta' || call === undefined || typeof text !== 'string') return null;
  call.hasInput ||= text !== '';
  return text === '' ? [] : [callDelta(state, call.index, text)];
}

function chunkOf(state: State, choices: readonly Json[], more: JsonObject = {}): string {
  return JSON.stringify({ ...state.head, object: 'chat.completion.chunk', choices, ...more });
}

function deltaOf(state: State, delta: JsonObject): string {
  return chunkOf(state, [{ index: 0, delta, finish_reason: null }]);
}

function callDelta(state: State, index: number, text: string): string {
  return deltaOf(state, { tool_calls: [{ index, function: { arguments: text } }] });
}

function textDelta(state: State, field: string, text: Json | undefined): readonly string[] {
  return typeof text === 'string' && text !== '' ? [deltaOf(state, { [field]: text })] : [];
}
