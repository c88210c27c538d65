// The bodies of the simulator's answers. The same request has the same answer, whatever came before and whenever.

import { createHash } from 'node:crypto';
import type { Script } from './script.ts';

/** What the simulator reads of a chat request; it looks at nothing else. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Text of all messages, which is what the prompt tokens are counted in. */
  readonly allText: string;
  /** Text of the last message of the user. */
  readonly prompt: string;
}

const CREATED = 1_767_225_600;
const SHOWN_CHARACTERS = 120;
const CHARACTERS_PER_TOKEN = 4;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text of a message: a string, or the text parts of a list. */
const textOf = (message: unknown): string => {
  if (!isRecord(message)) return '';
  const { content } = message;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
};

/** Read a parsed chat request; undefined when it is none. */
export const readChat = (body: unknown): ChatRequest | undefined => {
  if (!isRecord(body) || typeof body['model'] !== 'string' || !Array.isArray(body['messages'])) return undefined;
  const messages: readonly unknown[] = body['messages'];
  const last = messages.findLast((message) => isRecord(message) && message['role'] === 'user');
  const options = body['stream_options'];
  return {
    model: body['model'],
    stream: body['stream'] === true,
    includeUsage: isRecord(options) && options['include_usage'] === true,
    allText: messages.map(textOf).join('\n'),
    prompt: textOf(last),
  };
};

/** Tokens as the simulator counts them: one per four characters begun. */
export const countTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The text of the answer. The plain one says that it is simulated and shows what arrived of the prompt. */
export const replyTo = (prompt: string, script: Script): string => {
  if (script.reply !== undefined) return script.reply;
  if (script.echo === true) return prompt;
  const shown = Array.from(prompt).slice(0, SHOWN_CHARACTERS).join('');
  return `This is a simulated answer; no model was asked. The upstream received: ${shown}`;
};

const usageOf = (request: ChatRequest, reply: string, script: Script): Record<string, number> | undefined => {
  if (script.usage === null) return undefined;
  const prompt = script.usage?.promptTokens ?? countTokens(request.allText);
  const completion = script.usage?.completionTokens ?? countTokens(reply);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
};

const headOf = (request: ChatRequest, reply: string, object: string): Record<string, unknown> => {
  const digest = createHash('sha256').update(`${request.model}\0${request.allText}\0${reply}`).digest('hex');
  return {
    id: `chatcmpl-simulated-${digest.slice(0, 16)}`,
    object,
    created: CREATED,
    model: request.model,
    system_fingerprint: 'simulated',
  };
};

/** The body of an unstreamed answer. */
export const completionOf = (request: ChatRequest, reply: string, script: Script): Record<string, unknown> => {
  const usage = usageOf(request, reply, script);
  return {
    ...headOf(request, reply, 'chat.completion'),
    choices: [{ index: 0, message: { role: 'assistant', content: reply }, logprobs: null, finish_reason: 'stop' }],
    ...(usage === undefined ? {} : { usage }),
  };
};

/** Cut a text into `count` pieces of nearly equal length, never inside a character; default: one per word. */
const piecesOf = (text: string, count: number | undefined): readonly string[] => {
  if (count === undefined) return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [text];
  const characters = Array.from(text);
  const at = (index: number): number => Math.floor((index * characters.length) / count);
  return Array.from({ length: count }, (_, index) => characters.slice(at(index), at(index + 1)).join(''));
};

/** The events of a streamed answer: text pieces (counted by scripts), then what ends it. */
export interface ChatStream {
  readonly pieces: readonly string[];
  readonly ending: readonly string[];
}

/** The streamed answer as `data:` payloads; usage only where the request asks for it, as the real interface does. */
export const streamOf = (request: ChatRequest, reply: string, script: Script): ChatStream => {
  const head = headOf(request, reply, 'chat.completion.chunk');
  const event = (delta: Record<string, unknown>, finish: string | null): string =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  const usage = request.includeUsage ? usageOf(request, reply, script) : undefined;
  return {
    pieces: piecesOf(reply, script.chunks).map((content, index) =>
      event(index === 0 ? { role: 'assistant', content } : { content }, null),
    ),
    ending: [
      event({}, 'stop'),
      ...(usage === undefined ? [] : [JSON.stringify({ ...head, choices: [], usage })]),
      '[DONE]',
    ],
  };
};

/** The body of an answer with an error status. */
export const errorOf = (message: string, code: string): Record<string, unknown> => ({
  error: { message: `${message} (simulated)`, type: 'simulated_error', param: null, code },
});

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

/** Numbers that look like an embedding and depend on the text alone. */
export const embeddingsOf = (model: string, inputs: readonly string[]): Record<string, unknown> => {
  const tokens = inputs.reduce((sum, text) => sum + countTokens(text), 0);
  const vector = (text: string): number[] =>
    Array.from(createHash('sha256').update(text).digest().subarray(0, 8), (byte) => (byte - 128) / 128);
  return {
    object: 'list',
    data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
};
