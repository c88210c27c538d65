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
  /** Of which replies it is another form; none: of all. */
  readonly only?: 'calls' | 'calls of any name';
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

/** A provider that writes every object of its answers in another form. */
function writing(spoken: Interface, change: (value: Parts) => Parts): Interface {
  const changed = (text: string): string =>
    JSON.stringify(JSON.parse(text, (_, value: unknown) => (isObject(value) ? change(value) : value)));
  return {
    ...spoken,
    whole: (...given) => JSON.parse(changed(JSON.stringify(spoken.whole(...given)))) as Record<string, unknown>,
    stream: (...given) => {
      const { opening, pieces, ending } = spoken.stream(...given);
      const each = (list: readonly string[]): readonly string[] =>
        list.map((data) => (data.startsWith('{') ? changed(data) : data));
      return { opening: each(opening), pieces: each(pieces), ending: each(ending) };
    },
  };
}

const isObject = (value: unknown): value is Parts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Calls of custom tools. */
const customCalls = ({ function: held, ...rest }: Parts): Parts => {
  if (!isObject(held)) return rest;
  const { arguments: input, ...head } = held;
  return { ...rest, ...(rest['type'] === undefined ? {} : { type: 'custom' }), custom: { ...head, input } };
};
interface CustomText extends Parts {
  readonly tool_calls?: readonly { readonly custom: { readonly input?: string } }[];
}
const customText = (of: CustomText | undefined): unknown => of?.tool_calls?.[0]?.custom.input ?? '';
const custom: ShapeUnderTest = {
  ...chat,
  spoken: writing(CHAT, customCalls),
  only: 'calls of any name',
  ofWhole: (answer: { readonly choices: readonly { readonly message: CustomText }[] }) =>
    customText(answer.choices[0]?.message),
  ofEvent: (event: { readonly choices?: readonly { readonly delta?: CustomText }[] }) =>
    customText(event.choices?.[0]?.delta),
};

/** Calls of tools that the provider runs. */
const served: ShapeUnderTest = {
  ...anthropic,
  spoken: writing(MESSAGES, (value) => (value['type'] === 'tool_use' ? { ...value, type: 'server_tool_use' } : value)),
  only: 'calls of any name',
};

/** What such a tool gave back, all at once. */
const given: ShapeUnderTest = {
  ...anthropic,
  spoken: {
    ...MESSAGES,
    whole: (asked, reply) => ({ ...MESSAGES.whole(asked, '', {}), content: [resultOf(reply)] }),
    stream: (asked, reply) => {
      const { opening, ending } = MESSAGES.stream(asked, '', {});
      const start = { type: 'content_block_start', index: 0, content_block: resultOf(reply) };
      return { opening: [...opening.slice(0, 1), JSON.stringify(start)], pieces: [], ending };
    },
  },
  only: 'calls',
  ofWhole: (answer: { readonly content: readonly { readonly content: readonly { readonly title: string }[] }[] }) =>
    answer.content[0]?.content[0]?.title,
  ofEvent: (event: { readonly content_block?: { readonly content?: readonly { readonly title: string }[] } }) =>
    event.content_block?.content?.[0]?.title ?? '',
};
const resultOf = (title: string): object => ({
  ...{ type: 'web_search_tool_result', tool_use_id: 's' },
  content: [{ type: 'web_search_result', title, url: 'https://x.example', encrypted_content: 'ZW5j' }],
});

interface Searched extends Parts {
  readonly action?: object;
}
const searched = (value: Parts): Parts => {
  if (value['type'] !== 'function_call') return value;
  const { arguments: input, name: _name, call_id: _call, type: _type, ...rest } = value;
  return { ...rest, type: 'web_search_call', ...(input === '' ? {} : { action: JSON.parse(String(input)) as object }) };
};
const search: ShapeUnderTest = {
  ...responses,
  spoken: {
    ...writing(RESPONSES, searched),
    stream: (...given) => {
      const { opening, ending } = writing(RESPONSES, searched).stream(...given);
      const stage = { type: 'response.web_search_call.searching', item_id: 'item_simulated', output_index: 0 };
      // Its end tells all of it at once.
      return { opening: [...opening, JSON.stringify(stage)], pieces: [], ending: ending.slice(1) };
    },
  },
  only: 'calls',
  ofWhole: (answer: { readonly output: readonly Searched[] }) => JSON.stringify(answer.output[0]?.action),
  ofEvent: (event: { readonly type: string; readonly item?: Searched }) =>
    event.type === 'response.output_item.done' ? JSON.stringify(event.item?.action) : '',
};

export const SHAPES: readonly ShapeUnderTest[] = [
  chat,
  anthropic,
  responses,
  { ...chat, model: anthropic.model, spoken: anthropic.spoken },
  { ...anthropic, model: chat.model, spoken: chat.spoken },
  custom,
  served,
  given,
  search,
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
  const [piece] = pieces;
  const split = (piece === undefined ? [] : parts).map((part) =>
    String(piece).replace(JSON.stringify(reply.text), () => JSON.stringify(part)),
  );
  return [...opening, ...split, ...ending].map((data) => `data: ${data}\n\n`).join('');
}

/** What the events of a stream add up to. */
export function streamedText({ ofEvent }: ShapeUnderTest, body: string): string {
  return [...body.matchAll(/^data: (\{.*)$/gm)]
    .map(([, data = '']) => String(ofEvent(JSON.parse(data) as never) ?? ''))
    .join('');
}
