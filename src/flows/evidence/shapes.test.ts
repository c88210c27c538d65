import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../core/model/index.ts';
import { shownEvent } from './read.ts';
import { linkOf, misfitOf } from './shapes.ts';

const DIGEST = 'ab'.repeat(32);
const wallet = { wallet: 'desk', period: 'p', currency: 'EUR', heldMicros: 5, settledMicros: 4 };
const entry = { ...wallet, sliceId: 's1', excessMicros: 2 };
const span = { spanId: 's', target: 'main', provider: 'openai', model: 'm', startMs: 1, endMs: 2, error: null };
const OPTIONAL = ['provider', 'commit', 'attempts', 'usageFlag', 'trace', 'tool', 'ended'];

const decision = {
  ...{ type: 'decision', id: 'evt_1', at: 1, requestId: 'req_1', token: 'bot', team: null, route: '/v1/messages' },
  ...{ model: 'm', target: 'main', provider: 'openai', attempts: 2, status: 200, verdict: 'redact', reasonCode: 'r' },
  ...{ stream: true, simulated: false, configVersion: '1+a', contentDigest: DIGEST, generation: 3, commit: null },
  steps: [{ policy: 'p', phase: 'output', verdict: 'warn', reasonCode: 'r', redactions: 1, durationMicros: 7 }],
  ...{ wallets: [wallet, entry], inputTokens: 3, outputTokens: 4, usageFlag: 'absurd', durationMs: 9 },
  trace: { traceId: 't', spanId: 's', parentSpanId: null, sampled: true, attempts: [span] },
  tool: { server: 'docs', method: 'tools/list', tool: null, withheld: ['a'] },
} satisfies JsonObject;
const intent = {
  ...{ type: 'intent', id: 'int_1.0', at: 1, requestId: 'req_1', target: 'main', wallets: [entry], ended: [wallet] },
} satisfies JsonObject;
const question = {
  ...{ type: 'escalation', id: 'esc_1', at: 1, requestId: 'req_1', phase: 'tool', policy: 'p', reasonCode: 'r' },
  ...{ token: null, team: null, model: null, timeoutMs: null },
  tool: { server: 'docs', tool: 'search', argumentsDigest: DIGEST },
} satisfies JsonObject;
const end = { type: 'escalation-end', id: 'esc_1', at: 1, requestId: 'req_1', outcome: 'lost' } satisfies JsonObject;

describe.each<[string, JsonObject]>([
  ['a decision', decision],
  ['an intent', intent],
  ['an escalation', question],
  ['its end', end],
])('%s', (_, event) => {
  it('has its shape, and no other field', () => {
    expect(misfitOf(event)).toBeNull();
    expect(misfitOf({ ...event, more: 1 })).toMatch(/^expected the fields .*, found "more"$/);
  });

  it.each(Object.keys(event).filter((name) => name !== 'type'))('has %s, of its type', (name) => {
    const { [name]: value, ...without } = event;
    const isOptional = OPTIONAL.includes(name) || (event === question && name === 'tool');
    if (isOptional) expect(misfitOf(without as JsonObject)).toBeNull();
    else expect(misfitOf(without as JsonObject)).toBe(`expected the field ${name} at the root, found none`);
    const wrong: Json = Array.isArray(value) ? 'text' : [];
    expect(misfitOf({ ...event, [name]: wrong })).toContain(`at /${name}`);
  });
});

test.each<[string, JsonObject, string]>([
  ['of no type', { ...end, type: 'of tomorrow' }, '/type'],
  ['without a type', {}, '/type'],
  ['at a time that no calendar has', { ...decision, at: 253_402_300_800_000 }, '/at'],
  ['with a broken number', { ...decision, attempts: 1.5 }, '/attempts'],
  ['with a commit that is none', { ...decision, commit: 'main' }, '/commit'],
  [
    'with an entry of a wallet that is none',
    { ...intent, wallets: [{ ...entry, heldMicros: -1 }] },
    '/wallets/0/heldMicros',
  ],
  ['with a step too many fields', { ...decision, steps: [{ text: 'content' }] }, '/steps/0'],
  ['with an id that would not stand in a path', { ...end, id: 'esc_a/b' }, '/id'],
])('an event %s is misshapen', (_, event, place) => {
  expect(misfitOf(event)).toContain(`at ${place}`);
});

test('what is told of a misfit is short, whatever the event holds', () => {
  expect(misfitOf({ ...end, ['x'.repeat(10_000)]: 1 })?.length).toBeLessThanOrEqual(303);
});

test.each([
  'gone',
  '[]',
  '{}',
  JSON.stringify({ sequence: 1, previous: DIGEST }),
  JSON.stringify({ sequence: 1, previous: DIGEST, event: null }),
  JSON.stringify({ sequence: 1, previous: 'none', event: {} }),
  JSON.stringify({ sequence: -1, previous: DIGEST, event: {} }),
  JSON.stringify({ sequence: 1, previous: DIGEST, event: {}, more: 1 }),
])('%s is no line', (text) => {
  expect(linkOf(text)).toBeUndefined();
});

test('a page shows what a row says, why that is no event, or that it is damaged', () => {
  const place = { position: 9, gateway: 'desk', chain: 1, sequence: 4, hash: DIGEST as never };
  const text = (event: JsonObject): string => JSON.stringify({ sequence: 4, previous: DIGEST, event });
  const read = { ...place, previous: DIGEST };
  expect(shownEvent({ ...place, text: text(end) })).toEqual({ ...read, event: end });
  expect(shownEvent({ ...place, text: text({ type: 'decision' }) })).toEqual({
    ...{ ...read, event: { type: 'decision' }, misshapen: 'expected the field id at the root, found none' },
  });
  expect(shownEvent({ ...place, text: 'gone' })).toEqual({ ...place, damaged: true });
});

it('ends for events of any depth, with a word of it', () => {
  const deep = (depth: number): JsonObject => JSON.parse(`{"type":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  const words = 'expected an event that nests at most 64 deep, found a deeper one';
  expect([deep(64), deep(100_000)].map(misfitOf)).toEqual([words, words]);
  expect(misfitOf(deep(63))).toContain('at /type');
});
