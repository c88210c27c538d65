// What the simulator reads of a request and how it puts an answer together, whatever the interface.

import { createHash } from 'node:crypto';
import type { Script } from './script.ts';

/** What is read of a request; the simulator looks at nothing else. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  /** The stream is to state its usage; only chat completions have to be asked. */
  readonly includeUsage: boolean;
  /** Text of all messages, which is what the prompt tokens are counted in. */
  readonly allText: string;
  /** Text of the last message of the user. */
  readonly prompt: string;
}

/** The payloads of a streamed answer: what begins it, the pieces that scripts count, and what ends it. */
export interface Streamed {
  readonly opening: readonly string[];
  readonly pieces: readonly string[];
  readonly ending: readonly string[];
}

/** One interface of a provider. */
export interface Interface {
  /** A parsed request; undefined when it is none. */
  read(body: unknown): Asked | undefined;
  /** The body of an unstreamed answer. */
  whole(asked: Asked, reply: string, script: Script): Record<string, unknown>;
  stream(asked: Asked, reply: string, script: Script): Streamed;
  /** The body of an answer with an error status. */
  error(message: string, code: string): Record<string, unknown>;
  /** Events carry their type as a name too. */
  readonly isNamed: boolean;
}

export const CREATED = 1_767_225_600;
const SHOWN_CHARACTERS = 120;
const CHARACTERS_PER_TOKEN = 4;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text of a message or an item: a string, or the text parts of a list. */
export const textOf = (message: unknown): string => {
  if (!isRecord(message)) return '';
  const { content } = message;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
};

/** What a list of messages says: all of it, and what the user said last. */
export const saidIn = (messages: readonly unknown[]): Pick<Asked, 'allText' | 'prompt'> => ({
  allText: messages.map(textOf).join('\n'),
  prompt: textOf(messages.findLast((message) => isRecord(message) && message['role'] === 'user')),
});

/** Tokens as the simulator counts them: one per four characters begun. */
export const countTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The text of the answer. The plain one says that it is simulated and shows what arrived of the prompt. */
export const replyTo = (prompt: string, script: Script): string => {
  if (script.toolCall !== undefined) return script.toolCall.arguments;
  if (script.reply !== undefined) return script.reply;
  if (script.echo === true) return prompt;
  const shown = Array.from(prompt).slice(0, SHOWN_CHARACTERS).join('');
  return `This is a simulated answer; no model was asked. The upstream received: ${shown}`;
};

/** The tokens that an answer states, or null for none. */
export const tokensOf = (
  asked: Asked,
  reply: string,
  script: Script,
): { prompt: number; completion: number } | null => {
  if (script.usage === null) return null;
  return {
    prompt: script.usage?.promptTokens ?? countTokens(asked.allText),
    completion: script.usage?.completionTokens ?? countTokens(reply),
  };
};

/** An id that depends on the request and the answer alone. */
export const idOf = (prefix: string, asked: Asked, reply: string): string => {
  const digest = createHash('sha256').update(`${asked.model}\0${asked.allText}\0${reply}`).digest('hex');
  return `${prefix}-simulated-${digest.slice(0, 16)}`;
};

/** Cut a text into `count` pieces of nearly equal length, never inside a character; default: one per word. */
export const piecesOf = (text: string, count: number | undefined): readonly string[] => {
  if (count === undefined) return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [text];
  const characters = Array.from(text);
  const at = (index: number): number => Math.floor((index * characters.length) / count);
  return Array.from({ length: count }, (_, index) => characters.slice(at(index), at(index + 1)).join(''));
};
