import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Answer } from '../flows/index.ts';

/** An answer as JSON; errors have the one shape of the contract. */
export function jsonAnswer(c: Context, result: Answer<object>): Response {
  if (!result.ok) {
    const requestId: string = c.get('requestId');
    const status = result.status as ContentfulStatusCode;
    const { code, message, details } = result;
    return c.json({ error: { code, message, requestId, ...(details === undefined ? {} : { details }) } }, status);
  }
  return c.json(result.body, result.status);
}
