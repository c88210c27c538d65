// Chat completions, embeddings and models as OpenAI answers them. The same request has the same answer, whatever came
// before and whenever.

import { createHash } from 'node:crypto';
import {
  type Asked,
  CREATED,
  countTokens,
  type Interface,
  idOf,
  isRecord,
  piecesOf,
  saidIn,
  tokensOf,
} from './answer.ts';
import type { Script } from './script.ts';

const readChat = (body: unknown): Asked | undefined => {
  if (!isRecord(body) || typeof body['model'] !== 'string' || !Array.isArray(body['messages'])) return undefined;
  const options = body['stream_options'];
  return {
    model: body['model'],
    stream: body['stream'] === true,
    includeUsage: isRecord(options) && options['include_usage'] === true,
    ...saidIn(body['messages']),
  };
};

const usageOf = (asked: Asked, reply: string, script: Script): Record<string, number> | undefined => {
  const tokens = tokensOf(asked, reply, script);
  if (tokens === null) return undefined;
  const { prompt, completion } = tokens;
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
};

const headOf = (asked: Asked, reply: string, object: string): Record<string, unknown> => ({
  id: idOf('chatcmpl', asked, reply),
  object,
  created: CREATED,
  model: asked.model,
  system_fingerprint: 'simulated',
});

const CALL = 'call_simulated';

const completionOf = (asked: Asked, reply: string, script: Script): Record<string, unknown> => {
  const usage = usageOf(asked, reply, script);
  const { toolCall } = script;
  const message =
    toolCall === undefined
      ? { role: 'assistant', content: reply }
      : { role: 'assistant', content: null, tool_calls: [{ id: CALL, type: 'function', function: toolCall }] };
  const finish_reason = toolCall === undefined ? 'stop' : 'tool_calls';
  return {
    ...headOf(asked, reply, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    ...(usage === undefined ? {} : { usage }),
  };
};

/** Usage only where the request asks for it, as the real interface does. */
const streamOf: Interface['stream'] = (asked, reply, script) => {
  const head = headOf(asked, reply, 'chat.completion.chunk');
  const event = (delta: Record<string, unknown>, finish: string | null): string =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  const usage = asked.includeUsage ? usageOf(asked, reply, script) : undefined;
  const { toolCall } = script;
  const begun = { role: 'assistant', content: null };
  const named = { index: 0, id: CALL, type: 'function', function: { name: toolCall?.name, arguments: '' } };
  const pieces = piecesOf(reply, script.chunks);
  return {
    opening: toolCall === undefined ? [] : [event({ ...begun, tool_calls: [named] }, null)],
    pieces: pieces.map((text, index) => {
      if (toolCall !== undefined) return event({ tool_calls: [{ index: 0, function: { arguments: text } }] }, null);
      return event(index === 0 ? { role: 'assistant', content: text } : { content: text }, null);
    }),
    ending: [
      event({}, toolCall === undefined ? 'stop' : 'tool_calls'),
      ...(usage === undefined ? [] : [JSON.stringify({ ...head, choices: [], usage })]),
      '[DONE]',
    ],
  };
};

/** The body of an answer with an error status. */
export const errorOf = (message: string, code: string): Record<string, unknown> => ({
  error: { message: `${message} (simulated)`, type: 'simulated_error', param: null, code },
});

export const CHAT: Interface = {
  read: readChat,
  whole: completionOf,
  stream: streamOf,
  error: errorOf,
  isNamed: false,
};

/** The models that `/v1/models` names. */
export const MODELS = {
  object: 'list',
  data: ['gpt-4o', 'gpt-4o-mini', 'simulated-small'].map((id) => ({
    id,
    object: 'model',
    created: CREATED,
    owned_by: 'simulated',
  })),
} as const;

/** Numbers that look like an embedding and depend on the text alone; in base64 as 32-bit floats where that is asked for. */
export const embeddingsOf = (model: string, inputs: readonly string[], format: unknown): Record<string, unknown> => {
  const tokens = inputs.reduce((sum, text) => sum + countTokens(text), 0);
  const vector = (text: string): number[] =>
    Array.from(createHash('sha256').update(text).digest().subarray(0, 8), (byte) => (byte - 128) / 128);
  const written = (text: string): number[] | string =>
    format === 'base64' ? Buffer.from(Float32Array.from(vector(text)).buffer).toString('base64') : vector(text);
  return {
    object: 'list',
    data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: written(text) })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
};
