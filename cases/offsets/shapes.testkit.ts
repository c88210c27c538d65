import type { Asked, Interface } from '../../scripts/simulator/answer.ts';
import { CHAT } from '../../scripts/simulator/chat.ts';
import { MESSAGES } from '../../scripts/simulator/messages.ts';
import { RESPONSES } from '../../scripts/simulator/responses.ts';

// The ways of streaming, as a provider speaks and translated to the other family: how an answer of a given text is written by a
// provider, cut where a test says, and how what came out is read back.

interface Parts {
  readonly [key: string]: unknown;
}

export interface ShapeUnderTest {
  /** What the caller asks. */
  readonly path: string;
  readonly model: string;
  readonly request: object;
  /** By the provider. */
  readonly spoken: Interface;
  /** In the last event of a stream that ended well. */
  readonly last: string;
  /** The text, or the arguments of the call, of a whole answer. */
  readonly ofWhole: (answer: never) => unknown;
  /** What one event adds to it. */
  readonly ofEvent: (event: never) => unknown;
}

const messages = [{ role: 'user', content: 'where?' }];

interface ChatText extends Parts {
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[];
}
const chatText = (of: ChatText | undefined): unknown => of?.tool_calls?.[0]?.function.arguments ?? of?.content ?? '';

const chat: ShapeUnderTest = {
  path: '/v1/chat/completions',
  model: 'gpt',
  request: { messages },
  spoken: CHAT,
  last: 'data: [DONE]',
  ofWhole: (answer: { readonly choices: readonly { readonly message: ChatText }[] }) =>
    chatText(answer.choices[0]?.message),
  ofEvent: (event: { readonly choices?: readonly { readonly delta?: ChatText }[] }) =>
    chatText(event.choices?.[0]?.delta),
};

const anthropic: ShapeUnderTest = {
  path: '/v1/messages',
  model: 'claude',
  request: { messages, max_tokens: 100 },
  spoken: MESSAGES,
  last: '"type":"message_stop"',
  ofWhole: (answer: { readonly content: readonly { readonly text?: string; readonly input?: object }[] }) =>
    answer.content[0]?.text ?? JSON.stringify(answer.content[0]?.input),
  ofEvent: (event: { readonly delta?: { readonly text?: string; readonly partial_json?: string } }) =>
    event.delta?.text ?? event.delta?.partial_json ?? '',
};

const responses: ShapeUnderTest = {
  path: '/v1/responses',
  model: 'gpt',
  request: { input: 'where?' },
  spoken: RESPONSES,
  last: '"type":"response.completed"',
  ofWhole: (answer: {
    readonly output: readonly {
      readonly arguments?: string;
      readonly content?: readonly { readonly text: string }[];
    }[];
  }) => answer.output[0]?.arguments ?? answer.output[0]?.content?.[0]?.text,
  ofEvent: (event: { readonly type: string; readonly delta?: string }) =>
    /^response\.(output_text|function_call_arguments)\.delta$/.test(event.type) ? event.delta : '',
};

export const SHAPES: readonly ShapeUnderTest[] = [
  chat,
  anthropic,
  responses,
  { ...chat, model: anthropic.model, spoken: anthropic.spoken },
  { ...anthropic, model: chat.model, spoken: chat.spoken },
];

/** An answer: a text, or a call of a tool whose arguments are the text. */
export interface Reply {
  readonly text: string;
  readonly tool: string | null;
}

const asked = (model: string): Asked => ({ model, stream: true, includeUsage: false, allText: '', prompt: '' });
const scriptOf = ({ text, tool }: Reply): object =>
  tool === null ? { chunks: 1 } : { chunks: 1, toolCall: { name: tool, arguments: text } };

/** The body of a whole answer. */
export const wholeAnswer = ({ spoken, model }: ShapeUnderTest, reply: Reply): string =>
  JSON.stringify(spoken.whole(asked(model), reply.text, scriptOf(reply)));

/** The events of a streamed answer whose text comes in these parts. */
export function eventsOf({ spoken, model }: ShapeUnderTest, reply: Reply, parts: readonly string[]): string {
  const { opening, pieces, ending } = spoken.stream(asked(model), reply.text, scriptOf(reply));
  const [piece = ''] = pieces;
  const split = parts.map((part) => piece.replace(JSON.stringify(reply.text), () => JSON.stringify(part)));
  return [...opening, ...split, ...ending].map((data) => `data: ${data}\n\n`).join('');
}

/** What the events of a stream add up to. */
export function streamedText({ ofEvent }: ShapeUnderTest, body: string): string {
  return [...body.matchAll(/^data: (\{.*)$/gm)]
    .map(([, data = '']) => String(ofEvent(JSON.parse(data) as never) ?? ''))
    .join('');
}
