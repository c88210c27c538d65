import { isJsonObject, type Json } from '../../../src/core/model/index.ts';
import { readCommon, type Shape, type Wanted, withModelAndLimit } from './shape.ts';
import { messagesUsage } from './usage.ts';

/** POST /v1/messages, the endpoint of Anthropic. */
export const MESSAGES: Shape = {
  route: '/v1/messages',
  family: 'anthropic',
  scope: 'chat',
  read: readMessages,
  passages: {
    anthropic: {
      path: '/v1/messages',
      body: (_wanted, body, target, isPaid) => withModelAndLimit(body, target, { field: 'max_tokens', isPaid }),
      usage: messagesUsage,
    },
  },
};

function readMessages(body: Json): Wanted | string {
  if (!isJsonObject(body)) return 'expected a JSON object';
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) return 'expected "messages" to be a list that is not empty';
  const common = readCommon(body);
  return typeof common === 'string' ? common : { ...common, body, wantsUsage: true, choices: 1 };
}
