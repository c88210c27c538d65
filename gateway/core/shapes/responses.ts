import { isJsonObject, type Json } from '../../../src/core/model/index.ts';
import { createResponsesStream } from '../streams/responses.ts';
import { readCommon, type Shape, type Wanted, withModelAndLimit } from './shape.ts';
import { responsesUsage } from './usage.ts';

/** POST /v1/responses. */
export const RESPONSES: Shape = {
  route: '/v1/responses',
  family: 'openai',
  scope: 'chat',
  read: readResponses,
  stream: createResponsesStream,
  passages: {
    openai: {
      path: '/v1/responses',
      body: (_wanted, body, target, isPaid) =>
        withModelAndLimit(body, target, { fields: ['max_output_tokens'], isPaid }),
      usage: responsesUsage,
      translation: null,
    },
  },
};

function readResponses(body: Json): Wanted | string {
  if (!isJsonObject(body)) return 'expected a JSON object';
  const { prompt, background, previous_response_id: before = null, conversation = null } = body;
  const input = body['input'] ?? [];
  const isText = typeof input === 'string' || (Array.isArray(input) && input.length > 0);
  // What the provider keeps itself may go on without anything new.
  const isKept = Array.isArray(input) && (isJsonObject(prompt ?? null) || before !== null || conversation !== null);
  if (!isText && !isKept) return 'expected "input" to be a text or a list that is not empty';
  if ((background ?? false) !== false)
    return 'expected no "background": an answer that is fetched later would pass no policy';
  const common = readCommon(body);
  return typeof common === 'string' ? common : { ...common, body, wantsUsage: true, choices: 1 };
}
