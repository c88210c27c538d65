import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/model/index.ts';
import { createSseParser, holdsSecret, isEventStream, nestsDeeperThan } from './bytes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

test('nesting is counted as a parser would, strings and escapes left out', () => {
  expect(nestsDeeperThan(bytes('{"a":"[[[[\\"[[[["}'), 1)).toBe(false);
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 0, max: 4 }), (text, limit) => {
      expect(nestsDeeperThan(bytes(text), limit)).toBe(depth(JSON.parse(text)) > limit);
    }),
  );
});

/** All events of a text that comes in pieces. */
function eventsOf(text: string, cuts: readonly number[]): readonly string[] {
  const whole = bytes(text);
  const parser = createSseParser(1000);
  const out: string[] = [];
  let from = 0;
  for (const cut of [...cuts, whole.length].sort((a, b) => a - b)) {
    const to = Math.max(from, Math.min(cut, whole.length));
    out.push(...(parser.push(whole.subarray(from, to)) ?? ['too large']));
    from = to;
  }
  return [...out, ...parser.end()];
}

test('events come out whole wherever the bytes are cut', () => {
  const text = 'data: {"a":"ü😀"}\n\n: comment\nevent: x\ndata: one\r\ndata:two\r\n\r\ndata: [DONE]\n\n';
  const expected = ['{"a":"ü😀"}', 'one\ntwo', '[DONE]'];
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 8 }), (cuts) => {
      expect(eventsOf(text, cuts)).toEqual(expected);
    }),
  );
});

test.each(['\n', '\r', '\r\n'])('lines that end by %j are as good as any, wherever the bytes are cut', (end) => {
  const text = [': comment', 'event: x', 'data: one', 'data:two', '', '', 'data: {"a":"ü"}', '', 'data: c'].join(end);
  const expected = ['one\ntwo', '{"a":"ü"}', 'c'];
  for (let cut = 0; cut <= bytes(text).length; cut += 1) expect(eventsOf(text, [cut])).toEqual(expected);
  expect(
    eventsOf(
      text,
      [...text].map((_, at) => at),
    ),
  ).toEqual(expected);
});

test('an event is given with the carriage return that ends it, and a line feed after that is no line', () => {
  const parser = createSseParser(1000);
  expect(parser.push(bytes('data: one\r\r'))).toEqual(['one']);
  expect(parser.push(bytes('\ndata: two\r'))).toEqual([]);
  expect(parser.push(bytes(''))).toEqual([]);
  expect(parser.push(bytes('\ndata: three\r\n\n'))).toEqual(['two\nthree']);
});

test.each([
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  [' text/event-stream ;charset=utf-8', true],
  ['text/event-streams', false],
  ['application/json', false],
  ['', false],
])('%j is the type of events: %s', (type, expected) => {
  expect(isEventStream(type)).toBe(expected);
});

test('an event without end is refused at its bound, and a last event without blank line is given at the end', () => {
  const parser = createSseParser(10);
  expect(parser.push(bytes('data: 0123456789'))).toBeUndefined();
  const other = createSseParser(100);
  expect(other.push(bytes('data: x'))).toEqual([]);
  expect(other.end()).toEqual(['x']);
});

test('a secret is found in keys and texts however they are escaped, and in nothing else', () => {
  const secret = 'sk/abc+def==';
  const found = (text: string): boolean => holdsSecret(JSON.parse(text) as Json, secret);
  for (const text of [
    '"sk/abc+def=="',
    '{"error":{"message":"Incorrect key: sk\\/abc\\u002bdef==."}}',
    '[1,[null,{"a":{"\\u0073k/abc+def==":true}}]]',
    `${'['.repeat(100_000)}"sk/abc+def=="${']'.repeat(100_000)}`,
  ]) {
    expect(found(text)).toBe(true);
  }
  for (const text of ['{}', 'null', '12', '["sk/abc","+def=="]', '{"sk/abc":"+def=="}', '"SK/ABC+DEF=="']) {
    expect(found(text)).toBe(false);
  }
  expect(holdsSecret('anything', '')).toBe(false);
});
