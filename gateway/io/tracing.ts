import { randomBytes } from 'node:crypto';
import { type OpenSpan, parseTraceparent, type RequestTrace } from '../core/index.ts';

/** Begins the trace of a request by its header `traceparent`; null: none is kept, and nothing is spent on it. */
export type Tracer = (header: string | string[] | undefined) => RequestTrace | null;

const spanId = (): string => randomBytes(8).toString('hex');

/**
 * Goes on with the trace of the caller, whose word on sampling counts. Where spans are exported, a request without a trace
 * begins one that is sampled.
 */
export function createTracer(isExported: boolean): Tracer {
  return (header) => {
    const parent = typeof header === 'string' ? parseTraceparent(header) : null;
    if (parent !== null) {
      const { traceId, sampled } = parent;
      return { traceId, spanId: spanId(), parentSpanId: parent.spanId, sampled, attempts: [] };
    }
    if (!isExported) return null;
    return {
      traceId: randomBytes(16).toString('hex'),
      spanId: spanId(),
      parentSpanId: null,
      sampled: true,
      attempts: [],
    };
  };
}

/** Notes that an attempt begins. */
export function beginSpan(trace: RequestTrace, facts: Omit<OpenSpan, 'spanId' | 'endMs' | 'error'>): OpenSpan {
  const span: OpenSpan = { ...facts, spanId: spanId(), endMs: null, error: null };
  trace.attempts.push(span);
  return span;
}

/** Notes that the last attempt gave no answer. */
export function failSpan(trace: RequestTrace | null, error: string, nowMs: number): void {
  const span = trace?.attempts.at(-1);
  if (span === undefined || span.endMs !== null) return;
  span.endMs = nowMs;
  span.error = error;
}
