import type { MessageCreateParams as BetaMessageParams } from '@anthropic-ai/sdk/resources/beta/messages/messages';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages/messages';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions/completions';
import type { EmbeddingCreateParams } from 'openai/resources/embeddings';
import type { ResponseCreateParams } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { COST_FIELDS, costIsBounded, estimateTokens, type Target, toolsOf } from '../../../src/core/policy/index.ts';
import { shapeOf } from './index.ts';
import { type DOCUMENTED, misspelled } from './names.ts';
import { outputBound, regionFault } from './shape.ts';

type Parameters =
  | keyof ChatCompletionCreateParams
  | keyof ResponseCreateParams
  | keyof EmbeddingCreateParams
  | keyof MessageCreateParams
  | keyof BetaMessageParams;
/** What the clients of both families can send and is not listed. */
type Unlisted = Exclude<Parameters, (typeof DOCUMENTED)[number]>;

/** A body that notes which fields are looked for. */
function noting(body: JsonObject, names: Set<string>): JsonObject {
  const note = (name: string | symbol): void => {
    if (typeof name === 'string') names.add(name);
  };
  return new Proxy(body, {
    get: (target, name) => {
      note(name);
      return Reflect.get(target, name) as Json;
    },
    has: (target, name) => {
      note(name);
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor: (target, name) => {
      note(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
}

const TARGETS = (['openai', 'anthropic'] as const).map(
  (format) => ({ id: 't', model: 'm', family: format, format, regions: ['eu'] }) as unknown as Target,
);

const ROUTES = ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings'];

describe('the names of the fields of a body', () => {
  it('are all that the clients of both families can send', () => {
    const none: [Unlisted] extends [never] ? 'none' : Unlisted = 'none';
    expect(none).toBe('none');
  });

  it.each(ROUTES)('are all that %s looks for', (route) => {
    const shape = shapeOf(route);
    const names = new Set<string>(COST_FIELDS);
    const body = noting({ model: 'm', messages: [{ role: 'user', content: 'hi' }], input: 'hi' }, names);
    const wanted = shape?.read(body);
    if (typeof wanted !== 'object') throw new Error(wanted);
    for (const target of TARGETS)
      for (const stream of [true, false]) {
        shape?.passages[target.format]?.body({ ...wanted, stream, wantsUsage: !stream }, body, target, true);
        regionFault(body, target);
      }
    outputBound(wanted, body);
    costIsBounded(body, null);
    estimateTokens(body, 1);
    toolsOf(body);
    expect(names.size).toBeGreaterThan(40);
    const other = (name: string): string => name.toUpperCase();
    expect([...names].filter((name) => misspelled({ [other(name)]: null }) !== name)).toEqual([]);
  });

  it.each(['function_call', 'plugins', 'search_parameters', 'prediction', 'suffix', 'anthropic_beta', 'best_of'])(
    'are told in whatever capitals: %s',
    (name) => {
      expect(misspelled({ [name]: null })).toBeNull();
      for (const other of [name.toUpperCase(), `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`])
        expect(misspelled({ a: 1, [other]: null })).toBe(name);
    },
  );

  it('are told in other letters that are compared as these', () => {
    expect(misspelled({ me\u017f\u017fages: [] })).toBe('messages');
    expect(misspelled({ providerOptions: {} })).toBeNull();
    expect(misspelled({ provideroptions: {} })).toBe('providerOptions');
    expect(misspelled({ Seeds: 1, ſeeds: 2, sessionId: 3 })).toBeNull();
  });
});
