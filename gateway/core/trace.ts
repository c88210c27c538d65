import type { AttemptSpan, TraceNote } from '../../src/core/model/index.ts';

/** What a caller said of the trace that its request belongs to. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** The trace of a request under way. `attempts` are noted as they begin; one that still runs has no end. */
export interface RequestTrace extends Omit<TraceNote, 'attempts'> {
  readonly attempts: OpenSpan[];
}

export interface OpenSpan extends Omit<AttemptSpan, 'endMs' | 'error'> {
  endMs: number | null;
  error: string | null;
}

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;

/** Reads a `traceparent` (W3C Trace Context, 3.2); null where it is none, which begins a trace of our own. */
export function parseTraceparent(text: string): TraceParent | null {
  const [, version, traceId, spanId, flags = '0', more] = TRACEPARENT.exec(text) ?? [];
  // Version 00 has four fields; a later one may have more, of which the first four are as they are here.
  if (traceId === undefined || spanId === undefined || (version === '00' && more !== undefined)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The `traceparent` that goes on to a provider: the trace of the caller, the span of this attempt. */
export function traceparentOf(trace: Pick<RequestTrace, 'traceId' | 'sampled'>, spanId: string): string {
  return `00-${trace.traceId}-${spanId}-${trace.sampled ? '01' : '00'}`;
}

/** The trace as evidence; what still runs ends `nowMs`. */
export function traceNote(trace: RequestTrace, nowMs: number): TraceNote {
  const { traceId, spanId, parentSpanId, sampled, attempts } = trace;
  const spans = attempts.map((span): AttemptSpan => ({ ...span, endMs: span.endMs ?? nowMs }));
  return { traceId, spanId, parentSpanId, sampled, attempts: sampled ? spans : [] };
}
