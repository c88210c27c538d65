import { isJsonObject, type Json, type JsonArray } from '../../model/index.ts';

/**
 * The request with a system message before everything else, where its shape has the place: a message of role system of chat
 * completions, `instructions` of responses, `system` of Anthropic; before the prompt of completions. Null where there is none.
 */
export function withSystemMessage(body: Json, content: string, path: string): Json | null {
  if (!isJsonObject(body)) return null;
  if (path.endsWith('/messages')) {
    const system = prefixed(body['system'], content);
    return system === null ? null : { ...body, system };
  }
  if (Array.isArray(body['messages'])) {
    return { ...body, messages: [{ role: 'system', content }, ...(body['messages'] as JsonArray)] };
  }
  if (path.endsWith('/responses')) {
    const instructions = prefixed(body['instructions'], content);
    return instructions === null ? null : { ...body, instructions };
  }
  const prompt = body['prompt'];
  if (typeof prompt === 'string') return { ...body, prompt: `${content}\n\n${prompt}` };
  if (!Array.isArray(prompt) || prompt.length === 0) return null;
  const prompts = prompt as JsonArray;
  if (!prompts.every((item) => typeof item === 'string')) return null;
  return { ...body, prompt: prompts.map((item) => `${content}\n\n${item}`) };
}

function prefixed(system: Json | undefined, content: string): Json | null {
  if (system === undefined || system === null || system === '') return content;
  if (typeof system === 'string') return `${content}\n\n${system}`;
  return Array.isArray(system) ? [{ type: 'text', text: content }, ...(system as JsonArray)] : null;
}
