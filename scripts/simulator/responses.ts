// Responses as OpenAI answers them: an answer holds one item, whose text is repeated whole at every end.

import { type Asked, CREATED, type Interface, idOf, isRecord, piecesOf, saidIn, tokensOf } from './answer.ts';
import { errorOf } from './chat.ts';
import type { Script } from './script.ts';

const readResponses = (body: unknown): Asked | undefined => {
  if (!isRecord(body) || typeof body['model'] !== 'string') return undefined;
  const { input, model } = body;
  const said =
    typeof input === 'string' ? { allText: input, prompt: input } : Array.isArray(input) ? saidIn(input) : null;
  return said === null ? undefined : { model, stream: body['stream'] === true, includeUsage: true, ...said };
};

const ITEM = 'item_simulated';
const CALL = 'call_simulated';

const itemOf = (reply: string, { toolCall }: Script): Record<string, unknown> =>
  toolCall === undefined
    ? {
        type: 'message',
        id: ITEM,
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: reply, annotations: [], logprobs: [] }],
      }
    : { type: 'function_call', id: ITEM, status: 'completed', call_id: CALL, name: toolCall.name, arguments: reply };

const responseOf = (asked: Asked, reply: string, script: Script): Record<string, unknown> => {
  const tokens = tokensOf(asked, reply, script);
  const usage = tokens === null ? null : { input_tokens: tokens.prompt, output_tokens: tokens.completion };
  return {
    id: idOf('resp', asked, reply),
    object: 'response',
    created_at: CREATED,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: asked.model,
    output: [itemOf(reply, script)],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    ...(usage === null ? {} : { usage: { ...usage, total_tokens: usage.input_tokens + usage.output_tokens } }),
  };
};

const streamOf: Interface['stream'] = (asked, reply, script) => {
  const whole = responseOf(asked, reply, script);
  const { usage: _usage, ...begun } = { ...whole, status: 'in_progress', output: [] as unknown[], usage: null };
  const item = itemOf(reply, script);
  const { toolCall } = script;
  const place = { item_id: ITEM, output_index: 0, ...(toolCall === undefined ? { content_index: 0 } : {}) };
  const name = toolCall === undefined ? 'response.output_text' : 'response.function_call_arguments';
  const empty = toolCall === undefined ? { ...item, content: [] } : { ...item, arguments: '' };
  const part = (text: string): object => ({ type: 'output_text', text, annotations: [], logprobs: [] });
  const parts = (event: string, text: string): readonly object[] =>
    toolCall === undefined ? [{ type: `response.content_part.${event}`, ...place, part: part(text) }] : [];
  let sequence_number = -1;
  const written = (event: object): string => {
    sequence_number += 1;
    return JSON.stringify({ ...event, sequence_number });
  };
  return {
    opening: [
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      { type: 'response.output_item.added', output_index: 0, item: { ...empty, status: 'in_progress' } },
      ...parts('added', ''),
    ].map(written),
    pieces: piecesOf(reply, script.chunks).map((delta) => written({ type: `${name}.delta`, ...place, delta })),
    ending: [
      { type: `${name}.done`, ...place, ...(toolCall === undefined ? { text: reply } : { arguments: reply }) },
      ...parts('done', reply),
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: whole },
    ].map(written),
  };
};

export const RESPONSES: Interface = {
  read: readResponses,
  whole: responseOf,
  stream: streamOf,
  error: errorOf,
  isNamed: true,
};
