import { expect, test } from 'vitest';
import { parseTraceparent, traceNote, traceparentOf } from './trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, false],
  [`00-${TRACE}-${SPAN}-03`, true],
  [`cc-${TRACE}-${SPAN}-01`, true],
  [`cc-${TRACE}-${SPAN}-01-what-comes-later`, true],
])('%s is a trace, sampled: %s', (text, sampled) => {
  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
});

test.each([
  '',
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `cc-${TRACE}-${SPAN}-01.more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  ` 00-${TRACE}-${SPAN}-01`,
])('"%s" is none', (text) => {
  expect(parseTraceparent(text)).toBeNull();
});

test('an attempt that runs ends with the request, and of an unsampled trace none is noted', () => {
  const span = { spanId: 'b', target: 't', provider: 'p', model: 'm', startMs: 1 };
  const trace = { traceId: TRACE, spanId: SPAN, parentSpanId: null, sampled: true };
  const attempts = [
    { ...span, endMs: 4, error: 'timeout' },
    { ...span, endMs: null, error: null },
  ];
  expect(traceNote({ ...trace, attempts }, 9).attempts.map(({ endMs }) => endMs)).toEqual([4, 9]);
  expect(traceNote({ ...trace, sampled: false, attempts }, 9).attempts).toEqual([]);
  expect(traceparentOf(trace, SPAN)).toBe(`00-${TRACE}-${SPAN}-01`);
});
