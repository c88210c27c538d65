// Messages as Anthropic answers them.

import { type Asked, type Interface, idOf, isRecord, piecesOf, saidIn, tokensOf } from './answer.ts';
import type { Script } from './script.ts';

const readMessages = (body: unknown): Asked | undefined => {
  if (!isRecord(body) || typeof body['model'] !== 'string' || !Array.isArray(body['messages'])) return undefined;
  if (typeof body['max_tokens'] !== 'number') return undefined;
  return { model: body['model'], stream: body['stream'] === true, includeUsage: true, ...saidIn(body['messages']) };
};

const USE = 'toolu_simulated';

const messageOf = (asked: Asked, reply: string, script: Script): Record<string, unknown> => {
  const tokens = tokensOf(asked, reply, script);
  const { toolCall } = script;
  const block =
    toolCall === undefined
      ? { type: 'text', text: reply }
      : { type: 'tool_use', id: USE, name: toolCall.name, input: JSON.parse(toolCall.arguments) };
  return {
    id: idOf('msg', asked, reply),
    type: 'message',
    role: 'assistant',
    model: asked.model,
    content: [block],
    stop_reason: toolCall === undefined ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    ...(tokens === null ? {} : { usage: { input_tokens: tokens.prompt, output_tokens: tokens.completion } }),
  };
};

const streamOf: Interface['stream'] = (asked, reply, script) => {
  const { content: _content, stop_reason, stop_sequence, usage, ...head } = messageOf(asked, reply, script);
  const { toolCall } = script;
  const tokens = isRecord(usage) ? { usage: { ...usage, output_tokens: 1 } } : {};
  const start = { ...head, content: [], stop_reason: null, stop_sequence: null, ...tokens };
  const block =
    toolCall === undefined ? { type: 'text', text: '' } : { type: 'tool_use', id: USE, name: toolCall.name, input: {} };
  const delta = (text: string): object =>
    toolCall === undefined ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: text };
  const end = {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence },
    ...(isRecord(usage) ? { usage: { output_tokens: usage['output_tokens'] } } : {}),
  };
  return {
    opening: [
      JSON.stringify({ type: 'message_start', message: start }),
      JSON.stringify({ type: 'content_block_start', index: 0, content_block: block }),
      JSON.stringify({ type: 'ping' }),
    ],
    pieces: piecesOf(reply, script.chunks).map((text) =>
      JSON.stringify({ type: 'content_block_delta', index: 0, delta: delta(text) }),
    ),
    ending: [{ type: 'content_block_stop', index: 0 }, end, { type: 'message_stop' }].map((event) =>
      JSON.stringify(event),
    ),
  };
};

export const MESSAGES: Interface = {
  read: readMessages,
  whole: messageOf,
  stream: streamOf,
  error: (message, code) => ({
    type: 'error',
    error: { type: 'simulated_error', message: `${message} (simulated)`, code },
  }),
  isNamed: true,
};
