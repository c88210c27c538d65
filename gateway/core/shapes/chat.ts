import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import type { Target } from '../../../src/core/policy/index.ts';
import { createChatStream } from '../streams/chat.ts';
import { chatOfMessage } from '../translate/chat-answer.ts';
import { createChatTranslator } from '../translate/chat-events.ts';
import { messagesOfChat } from '../translate/chat-request.ts';
import { carriedOr } from '../translate/fields.ts';
import { DEFAULT_OUTPUT_TOKENS, readCommon, type Shape, type Wanted, withModelAndLimit } from './shape.ts';
import { chatUsage, messagesUsage } from './usage.ts';

/** POST /v1/chat/completions. */
export const CHAT: Shape = {
  route: '/v1/chat/completions',
  family: 'openai',
  scope: 'chat',
  read: readChat,
  stream: (scanner, wanted) => createChatStream(scanner, wanted.wantsUsage),
  passages: {
    openai: { path: '/v1/chat/completions', body: chatBody, usage: chatUsage, translation: null },
    anthropic: {
      path: '/v1/messages',
      body: (_wanted, body, target) =>
        carriedOr(() => ({ ...messagesOfChat(body, DEFAULT_OUTPUT_TOKENS), model: target.model })),
      usage: messagesUsage,
      translation: { answer: chatOfMessage, stream: createChatTranslator },
    },
  },
};

function readChat(body: Json): Wanted | string {
  if (!isJsonObject(body)) return 'expected a JSON object';
  const { messages, n, best_of: best } = body;
  if (!Array.isArray(messages) || messages.length === 0) return 'expected "messages" to be a list that is not empty';
  const common = readCommon(body);
  if (typeof common === 'string') return common;
  const options = body['stream_options'];
  return {
    ...common,
    body,
    wantsUsage: isJsonObject(options) && options['include_usage'] === true,
    choices: Math.max(Number(n ?? 1), Number(best ?? 1)),
  };
}

/** The body for one target: its model, an output limit where a wallet pays, the usage chunk of a stream. */
export function chatBody(wanted: Wanted, body: JsonObject, target: Target, isPaid: boolean): JsonObject {
  const limited = withModelAndLimit(body, target, { fields: limitFieldsOf(target), isPaid });
  if (!wanted.stream || wanted.wantsUsage) return limited;
  const options = body['stream_options'];
  return { ...limited, stream_options: { ...(isJsonObject(options) ? options : {}), include_usage: true } };
}

/** OpenAI's newer models take the newer name alone and its older ones both; other providers know the older one. */
export function limitFieldsOf(target: Target): readonly [string, ...string[]] {
  return target.family === 'openai' ? ['max_completion_tokens', 'max_tokens'] : ['max_tokens'];
}
