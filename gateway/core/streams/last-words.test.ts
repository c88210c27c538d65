import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { chat, compiled, documentOf, request } from '../../../src/core/policy/policy.testkit.ts';
import { createChatTranslator } from '../translate/chat-events.ts';
import { createMessagesTranslator } from '../translate/messages-events.ts';
import { translated } from '../translate/translator.ts';
import { createChatStream } from './chat.ts';
import { createMessagesStream } from './messages.ts';
import { createResponsesStream } from './responses.ts';
import type { ShapeStream } from './stream.ts';

// Answers whose last words come with their end, as many providers send them: in whatever pieces, what a client puts together
// is the whole answer.

const filter = () =>
  compiled(documentOf('dlp-filter', { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' })).stream(
    request(chat('hi')),
  );
const judge = () => compiled(documentOf('tool-validation', { declared_tools: ['look'] })).stream(request(chat('hi')));

interface Kind {
  /** A stream as a client of the shape hears it. */
  readonly make: (scanner: ReturnType<typeof filter>) => ShapeStream;
  /** What a provider sends: a text in pieces and a call, the last piece of each with its end or right before it. */
  readonly text: (pieces: readonly string[]) => readonly Json[];
  readonly call: (pieces: readonly string[]) => readonly Json[];
  /** What a client reads of the frames, in their order. */
  readonly heard: (events: readonly JsonObject[]) => readonly string[];
}

const at = (value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((item, key) => (item as { [key: string]: Json } | null | undefined)?.[key], value);
const told = (...values: readonly (Json | undefined)[]): readonly string[] =>
  values.filter((value): value is string => typeof value === 'string' && value !== '');

const chunks = (deltas: readonly JsonObject[], finish: string): readonly Json[] => [
  ...deltas.map((delta, index) => ({
    id: 'c',
    choices: [{ index: 0, delta, finish_reason: index === deltas.length - 1 ? finish : null }],
  })),
  '[DONE]',
];
const chatText = (pieces: readonly string[]): readonly Json[] =>
  chunks(
    pieces.map((content) => ({ content })),
    'stop',
  );
const chatCall = (pieces: readonly string[]): readonly Json[] =>
  chunks(
    pieces.map((text, index) => ({
      tool_calls: [
        {
          index: 0,
          ...(index === 0 ? { id: 'id_1' } : {}),
          function: { ...(index === 0 ? { name: 'look' } : {}), arguments: text },
        },
      ],
    })),
    'tool_calls',
  );
const chatHeard = (events: readonly JsonObject[]): readonly string[] =>
  events.flatMap((event) => {
    const delta = at(event, 'choices', 0, 'delta');
    const call = at(delta, 'tool_calls', 0);
    const end = at(event, 'choices', 0, 'finish_reason');
    return told(
      at(delta, 'content'),
      at(call, 'id'),
      at(call, 'function', 'arguments'),
      end === null ? '' : `<${end}>`,
    );
  });

/** Its block is not stopped: the end of the message comes right after the last words. */
const message = (block: JsonObject, deltas: readonly JsonObject[], stop: string): readonly Json[] => [
  { type: 'message_start', message: { id: 'm', model: 'm', content: [], usage: {} } },
  { type: 'content_block_start', index: 0, content_block: block },
  ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
  { type: 'message_delta', delta: { stop_reason: stop }, usage: { output_tokens: 4 } },
  { type: 'message_stop' },
];
const messageText = ([first = '', ...rest]: readonly string[]): readonly Json[] =>
  message(
    { type: 'text', text: first },
    rest.map((text) => ({ type: 'text_delta', text })),
    'end_turn',
  );
const messageCall = (pieces: readonly string[]): readonly Json[] =>
  message(
    { type: 'tool_use', id: 'id_1', name: 'look', input: {} },
    pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    'tool_use',
  );
const messageHeard = (events: readonly JsonObject[]): readonly string[] =>
  events.flatMap((event) => {
    const delta = event['delta'];
    const end = at(delta, 'stop_reason');
    const begun = at(event, 'content_block');
    return told(
      at(begun, 'text'),
      at(begun, 'id'),
      at(delta, 'text'),
      at(delta, 'partial_json'),
      end === undefined ? '' : `<${end}>`,
    );
  });

/** Neither its text nor its item ends before the response does. */
const response = (item: JsonObject, deltas: readonly JsonObject[]): readonly Json[] => [
  { type: 'response.created', response: { id: 'r', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: { id: 'i', ...item } },
  ...deltas.map((delta) => ({ output_index: 0, ...delta })),
  { type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } },
];
const responseHeard = (events: readonly JsonObject[]): readonly string[] =>
  events.flatMap((event) => {
    const isAdded = event['type'] === 'response.output_item.added';
    return told(
      isAdded ? at(event, 'item', 'call_id') : '',
      event['delta'],
      event['type'] === 'response.completed' ? '<completed>' : '',
    );
  });

const KINDS: readonly (readonly [string, Kind])[] = [
  [
    'chat completions',
    { make: (scanner) => createChatStream(scanner, false), text: chatText, call: chatCall, heard: chatHeard },
  ],
  ['messages', { make: createMessagesStream, text: messageText, call: messageCall, heard: messageHeard }],
  [
    'responses',
    {
      make: createResponsesStream,
      text: (pieces) =>
        response(
          { type: 'message' },
          pieces.map((delta) => ({ type: 'response.output_text.delta', content_index: 0, delta })),
        ),
      call: (pieces) =>
        response(
          { type: 'function_call', call_id: 'id_1', name: 'look', arguments: '' },
          pieces.map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
        ),
      heard: responseHeard,
    },
  ],
  [
    'chat completions out of messages',
    {
      make: (scanner) => translated(createChatStream(scanner, false), createChatTranslator(0)),
      text: messageText,
      call: messageCall,
      heard: chatHeard,
    },
  ],
  [
    'messages out of chat completions',
    {
      make: (scanner) => translated(createMessagesStream(scanner), createMessagesTranslator()),
      text: chatText,
      call: chatCall,
      heard: messageHeard,
    },
  ],
];

/** What a client has when the stream is over; it must be complete. */
function whole({ heard }: Kind, stream: ShapeStream, events: readonly Json[]): string {
  let all = '';
  let state = 'open';
  for (const event of events) {
    if (state !== 'open') break;
    const out = stream.push(typeof event === 'string' ? event : JSON.stringify(event));
    all += out.frames.join('');
    ({ state } = out);
  }
  expect(state).toBe('done');
  all += stream.last();
  const datas = [...all.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as JsonObject);
  return heard(datas).join('');
}

const cutsOf = (text: string): readonly (readonly string[])[] => [
  [text],
  text.split(''),
  ...text.split('').map((_, cut) => [text.slice(0, cut), text.slice(cut)]),
];
const TEXT = 'Hello there, how can I help with ACM-20419833 and ACM-2';
const REDACTED = 'Hello there, how can I help with [REDACTED] and ACM-2';
const INPUT = '{"note":"ACM-20419833"}';

describe.each(KINDS)('the last words of a stream of %s', (_, kind) => {
  it('stand before its end and after all others, with a policy and without', () => {
    for (const pieces of cutsOf(TEXT)) {
      expect(whole(kind, kind.make(null), kind.text(pieces))).toMatch(new RegExp(`^${TEXT}<[a-z_]+>$`));
      const redacted = whole(kind, kind.make(filter()), kind.text(pieces));
      expect(redacted.replace(/<[a-z_]+>$/, '')).toBe(REDACTED);
    }
  });

  it('may be arguments of a call, which come after its id', () => {
    for (const pieces of cutsOf(INPUT)) {
      const heard = (scanner: ReturnType<typeof filter>): string =>
        whole(kind, kind.make(scanner), kind.call(pieces)).replace(/<[a-z_]+>$/, '');
      expect(heard(null)).toBe(`id_1${INPUT}`);
      expect(heard(judge())).toBe(`id_1${INPUT}`);
      expect(heard(filter())).toBe('id_1{"note":"[REDACTED]"}');
    }
  });
});
