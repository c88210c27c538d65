import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';

/**
 * The request with a system message before everything else, in the place that its endpoint reads, whatever other fields it has: a
 * message of role system of chat completions, `instructions` of responses, `system` of Anthropic; before the prompt of
 * completions. Null where there is none.
 */
export function withSystemMessage(body: Json, content: string, path: string): Json | null {
  if (!isJsonObject(body)) return null;
  const [key, value] = placeOf(body, content, path);
  return value === null ? null : { ...body, [key]: value };
}

/** The field that holds it at an endpoint, and that field with it; calls of tools are judged as messages too. */
function placeOf(body: JsonObject, content: string, path: string): readonly [string, Json] {
  if (path === '/v1/messages') return ['system', prefixed(body['system'], content)];
  if (path === '/v1/responses') return ['instructions', prefixed(body['instructions'], content)];
  if (path === '/v1/completions') return ['prompt', beforePrompt(body['prompt'], content)];
  const { messages } = body;
  return ['messages', Array.isArray(messages) ? [{ role: 'system', content }, ...(messages as JsonArray)] : null];
}

function beforePrompt(prompt: Json | undefined, content: string): Json {
  if (typeof prompt === 'string') return `${content}\n\n${prompt}`;
  if (!Array.isArray(prompt) || prompt.length === 0) return null;
  const prompts = prompt as JsonArray;
  return prompts.every((item) => typeof item === 'string') ? prompts.map((item) => `${content}\n\n${item}`) : null;
}

function prefixed(system: Json | undefined, content: string): Json | null {
  if (system === undefined || system === null || system === '') return content;
  if (typeof system === 'string') return `${content}\n\n${system}`;
  return Array.isArray(system) ? [{ type: 'text', text: content }, ...(system as JsonArray)] : null;
}
