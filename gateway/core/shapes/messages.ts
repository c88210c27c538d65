import { isJsonObject, type Json } from '../../../src/core/model/index.ts';
import { createMessagesStream } from '../streams/messages.ts';
import { carriedOr } from '../translate/fields.ts';
import { messageOfChat } from '../translate/messages-answer.ts';
import { createMessagesTranslator } from '../translate/messages-events.ts';
import { chatOfMessages } from '../translate/messages-request.ts';
import { chatBody, limitFieldsOf } from './chat.ts';
import { readCommon, type Shape, type Wanted, withModelAndLimit } from './shape.ts';
import { chatUsage, messagesUsage } from './usage.ts';

/** POST /v1/messages, the endpoint of Anthropic. */
export const MESSAGES: Shape = {
  route: '/v1/messages',
  family: 'anthropic',
  scope: 'chat',
  read: readMessages,
  stream: createMessagesStream,
  passages: {
    openai: {
      path: '/v1/chat/completions',
      body: (wanted, body, target, isPaid) =>
        carriedOr(() =>
          // The usage chunk is for the translation, whatever the client wants.
          chatBody({ ...wanted, wantsUsage: false }, chatOfMessages(body, limitFieldsOf(target)[0]), target, isPaid),
        ),
      usage: chatUsage,
      translation: { answer: messageOfChat, stream: createMessagesTranslator },
    },
    anthropic: {
      path: '/v1/messages',
      body: (_wanted, body, target, isPaid) => withModelAndLimit(body, target, { fields: ['max_tokens'], isPaid }),
      usage: messagesUsage,
      translation: null,
    },
  },
};

function readMessages(body: Json): Wanted | string {
  if (!isJsonObject(body)) return 'expected a JSON object';
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) return 'expected "messages" to be a list that is not empty';
  // A limit of 0 has the prompt cached and nothing generated.
  const common = readCommon(body, 0);
  return typeof common === 'string' ? common : { ...common, body, wantsUsage: true, choices: 1 };
}
