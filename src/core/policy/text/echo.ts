import { isJsonObject, type Json } from '../../model/index.ts';

/** Fields of a request that a provider repeats in a response, and what a response says there that repeats nothing. */
const NOTHING: ReadonlyMap<string, Json | undefined> = new Map<string, Json | undefined>([
  ['instructions', null],
  ['metadata', {}],
  ['tools', []],
  ['tool_choice', 'auto'],
  ['text', undefined],
  ['reasoning', undefined],
  ['prompt', undefined],
  ['user', undefined],
  ['safety_identifier', undefined],
  ['prompt_cache_key', undefined],
]);

/**
 * A response without what its provider repeats of the request: that is no part of the answer, may be of others than the caller
 * (the house's own system message, a stored prompt), and stands in no stream that policies read. Any other answer as it is.
 */
export function withoutEcho(answer: Json): Json {
  if (!isJsonObject(answer) || !(Object.hasOwn(answer, 'output') || answer['object'] === 'response')) return answer;
  if (!Object.keys(answer).some((key) => NOTHING.has(key))) return answer;
  return Object.fromEntries(
    Object.entries(answer).flatMap(([key, value]): readonly [string, Json][] => {
      const said = NOTHING.has(key) ? NOTHING.get(key) : value;
      return said === undefined ? [] : [[key, said]];
    }),
  );
}
