import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { chat, compiled, documentOf, request } from '../../../src/core/policy/policy.testkit.ts';
import { createChatTranslator } from '../translate/chat-events.ts';
import { createMessagesTranslator } from '../translate/messages-events.ts';
import { translated } from '../translate/translator.ts';
import { createChatStream } from './chat.ts';
import { createMessagesStream } from './messages.ts';
import { createResponsesStream } from './responses.ts';
import { firstWord, type Outgoing, type ShapeStream } from './stream.ts';

// Streams that a provider ends before their end, or by words of its own about a failure: none is complete, and none of the words
// go out.

const filter = () =>
  compiled(documentOf('dlp-filter', { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' })).stream(
    request(chat('hi')),
  );

/** How the stream is after its events, of which the provider sends nothing more. */
function ended(
  stream: ShapeStream,
  events: readonly Json[],
): { readonly state: Outgoing['state']; readonly out: string } {
  let out = '';
  for (const event of events) {
    const { frames, state } = stream.push(typeof event === 'string' ? event : JSON.stringify(event));
    out += frames.join('');
    if (state !== 'open') return { state, out };
  }
  const { frames, state } = stream.end();
  return { state, out: out + frames.join('') };
}

const choice = (delta: JsonObject, finish: string | null = null, index = 0): JsonObject => ({
  index,
  delta,
  finish_reason: finish,
});
const chunk = (...choices: readonly JsonObject[]): Json => ({ id: 'c', choices });
const role = chunk(choice({ role: 'assistant', content: '' }));
const half = chunk(choice({ content: 'Half of' }));
const stop = chunk(choice({}, 'stop'));
const usage = { id: 'c', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };

const CHATS: readonly (readonly [string, () => ShapeStream])[] = [
  ['nobody reads', () => createChatStream(null, false)],
  ['a policy reads', () => createChatStream(filter(), false)],
];
const TRANSLATED: readonly (readonly [string, () => ShapeStream])[] = [
  ['nobody reads', () => translated(createMessagesStream(null), createMessagesTranslator())],
  ['a policy reads', () => translated(createMessagesStream(filter()), createMessagesTranslator())],
];

const CUT: readonly (readonly [string, readonly Json[]])[] = [
  ['without an event', []],
  ['after the role', [role]],
  ['after the first words', [role, half]],
  ['after the counters', [half, usage]],
];

describe.each(CHATS)('a stream of chunks that %s', (_, make) => {
  it.each([
    ...CUT,
    ['before one of two choices has ended', [chunk(choice({ content: 'a' }), choice({ content: 'b' }, null, 1)), stop]],
    ['with an end that is none', [half, chunk(choice({}, ''))]],
  ] as const)('is cut off %s', (_name, events) => {
    expect(ended(make(), events).state).toBe('failed');
  });

  it.each([
    ['its one choice has ended', [role, half, stop]],
    ['the counters follow the end', [half, stop, usage]],
    ['every choice has ended', [chunk(choice({ content: 'a' }, 'stop'), choice({ content: 'b' }, 'length', 1))]],
    ['its end is told again', [half, stop, chunk(choice({ role: 'assistant' }))]],
    ['[DONE] came', [half, '[DONE]']],
    ['[DONE] came alone', ['[DONE]']],
  ] as const)('is complete when %s', (_name, events) => {
    expect(ended(make(), events).state).toBe('done');
  });
});

describe.each(TRANSLATED)('a translated stream of chunks that %s', (_, make) => {
  it.each(CUT)('is cut off %s', (_name, events) => {
    const { state, out } = ended(make(), events);
    expect([state, out.includes('message_stop')]).toEqual(['failed', false]);
  });

  it('is complete when its choice has ended, and has no end to tell when [DONE] comes without one', () => {
    expect(ended(make(), [half, stop]).state).toBe('done');
    expect(ended(make(), [half, '[DONE]']).state).toBe('failed');
  });
});

const WORDS = 'overloaded in org-A with key sk-1';
const FAILURES: readonly JsonObject[] = [
  { error: { message: WORDS, code: 503 } },
  { error: WORDS },
  { id: 'c', choices: [choice({ content: '' }, 'error')], error: { message: WORDS } },
  { object: 'error', message: WORDS },
  { type: 'error', error: { type: 'overloaded_error', message: WORDS } },
  { type: 'response.failed', response: { id: 'r', status: 'failed', error: { code: 'server_error', message: WORDS } } },
];
const MAKERS: readonly (readonly [string, () => ShapeStream])[] = [
  ['chunks', () => createChatStream(null, false)],
  ['chunks that a policy reads', () => createChatStream(filter(), true)],
  ['messages', () => createMessagesStream(null)],
  ['messages that a policy reads', () => createMessagesStream(filter())],
  ['responses', () => createResponsesStream(null)],
  ['responses that a policy reads', () => createResponsesStream(filter())],
  ['messages out of chunks', () => translated(createMessagesStream(null), createMessagesTranslator())],
  ['chunks out of messages', () => translated(createChatStream(null, false), createChatTranslator(0))],
];

describe.each(MAKERS)('a stream of %s', (_, make) => {
  it('ends as failed by what a provider says of a failure, without its words', () => {
    for (const failure of FAILURES) {
      const { state, frames } = make().push(JSON.stringify(failure));
      expect([failure, state, frames]).toEqual([failure, 'failed', []]);
    }
  });
});

test('the first word of a stream is a beginning, a failure, or none', () => {
  expect(['', '{"type":"ping"}', '{"type":"keepalive","sequence_number":1}'].map(firstWord)).toEqual(
    Array(3).fill('nothing'),
  );
  for (const failure of [...FAILURES.map((event) => JSON.stringify(event)), '<html>', '{"id":', '12', '[]', 'null']) {
    expect([failure, firstWord(failure)]).toEqual([failure, 'failure']);
  }
  const first = ['[DONE]', '{}', '{"type":"message_start"}', '{"id":"c","choices":[],"error":null}'];
  expect(first.map(firstWord)).toEqual(Array(4).fill('beginning'));
});
