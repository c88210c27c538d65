import type { Json, JsonObject } from '../../model/index.ts';
import { type CompiledPolicy, channelOf, type Decision, type RequestFacts } from '../index.ts';
import { chat, request } from '../policy.testkit.ts';

/** A request that offers tools by name. */
export const offer = (...names: readonly string[]): JsonObject => ({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'hi' }],
  tools: names.map((name) => ({ type: 'function', function: { name } })),
});

type Call = readonly [name: string, given: string];

const toolCalls = (calls: readonly Call[]): Json =>
  calls.map(([name, given], index) => ({ id: `c${index}`, type: 'function', function: { name, arguments: given } }));

/** An answer of chat completions that asks for tools. */
export const answerWith = (...calls: readonly Call[]): JsonObject => ({
  choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: toolCalls(calls) } }],
});

/** A request in which an assistant has asked for tools, and their results, in order. */
export const historyWith = (calls: readonly Call[], results: readonly string[] = []): JsonObject => ({
  model: 'gpt-4o-mini',
  messages: [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: null, tool_calls: toolCalls(calls) },
    ...results.map((content, index) => ({ role: 'tool', tool_call_id: `c${index}`, content })),
  ],
});

/** What a stream lets out of one call whose arguments come letter by letter. */
export function streamedCall(
  policy: CompiledPolicy,
  name: string,
  given: string,
  facts: RequestFacts = request(chat('hi')),
): { readonly sent: string; readonly outcome: Decision } {
  const scanner = policy.stream(facts);
  if (scanner === null) throw new Error('nothing scans the answer');
  const channel = channelOf(0, 'arguments', 0);
  const pieces = [...given].map((letter) => scanner.push(channel, letter));
  pieces.push(scanner.end(channel, { id: 'c0', name }));
  return { sent: pieces.map(({ emit }) => emit).join(''), outcome: scanner.outcome() };
}
