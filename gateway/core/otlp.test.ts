import { describe, expect, test } from 'vitest';
import type { AttemptSpan, DecisionEvent, TraceNote } from '../../src/core/model/index.ts';
import { otlpTraces } from './index.ts';

// What a decision is as spans. That they reach a collector is shown in gateway/io/tracing.test.ts.

const attempt: AttemptSpan = {
  spanId: '3'.repeat(16),
  target: 'main',
  provider: 'openai',
  model: 'gpt-4o',
  startMs: 1001,
  endMs: 1005,
  error: null,
};
const trace: TraceNote = {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  parentSpanId: null,
  sampled: true,
  attempts: [attempt],
};
const decision = (more: Partial<DecisionEvent> = {}): DecisionEvent =>
  ({
    type: 'decision',
    at: 1010,
    durationMs: 10,
    requestId: 'req_1',
    route: '/v1/chat/completions',
    model: 'gpt-4o',
    status: 200,
    verdict: 'allow',
    reasonCode: null,
    stream: false,
    trace,
    ...more,
  }) as DecisionEvent;

interface Span {
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

/** The spans with their attributes as one object each. */
function spansOf(...events: readonly DecisionEvent[]): readonly Record<string, unknown>[] {
  const exported = otlpTraces(events, { org: 'org1', gateway: null, fleet: 'example' });
  const { resourceSpans } = exported as unknown as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, attributes }) => ({
        name,
        ...Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      })),
    ),
  );
}

describe('a decision', () => {
  test('tells no tokens that nobody knows', () => {
    const [known] = spansOf(decision({ inputTokens: 3, outputTokens: 0 }));
    expect(known).toMatchObject({ 'gen_ai.usage.input_tokens': '3', 'gen_ai.usage.output_tokens': '0' });
    const [unknown] = spansOf(decision({ inputTokens: 0, outputTokens: 0, usageFlag: 'unknown' }));
    expect(Object.keys(unknown ?? {})).toEqual(expect.not.arrayContaining(['gen_ai.usage.input_tokens']));
    expect(Object.keys(unknown ?? {})).toEqual(expect.not.arrayContaining(['gen_ai.usage.output_tokens']));
  });

  test('that no caller samples, or that has no trace, is no span', () => {
    const { trace: _, ...untraced } = decision();
    const resource = { org: null, gateway: null, fleet: null };
    expect(otlpTraces([untraced, decision({ trace: { ...trace, sampled: false } })], resource)).toBeNull();
    expect(spansOf(untraced, decision())).toHaveLength(2);
  });

  test('says that it is a stream, and why it failed, where that is so', () => {
    const [whole] = spansOf(decision());
    expect(Object.keys(whole ?? {})).not.toContain('gen_ai.request.stream');
    expect(Object.keys(whole ?? {})).not.toContain('error.type');
    expect(spansOf(decision({ stream: true }))[0]).toMatchObject({ 'gen_ai.request.stream': true });
    expect(spansOf(decision({ status: 400 }))[0]).toMatchObject({ 'error.type': '400' });
    expect(spansOf(decision({ status: 409, reasonCode: 'dlp.detected' }))[0]).toMatchObject({
      'error.type': 'dlp.detected',
    });
  });

  test.each([
    ['/v1/messages', 'chat gpt-4o', 'chat'],
    ['/v1/embeddings', 'embeddings gpt-4o', 'embeddings'],
    ['/v1/models', '/v1/models gpt-4o', undefined],
  ])('at %s is named %s', (route, name, operation) => {
    expect(spansOf(decision({ route }))[0]).toMatchObject({ name });
    expect(spansOf(decision({ route }))[0]?.['gen_ai.operation.name']).toBe(operation);
  });

  test.each([
    ['tools/call', 'search', 'tools/call search', 'execute_tool'],
    ['tools/list', null, 'tools/list', undefined],
  ])('about a tool server, %s, is of the tool and of no model', (method, tool, name, operation) => {
    const note = { server: 'docs', method, tool } as DecisionEvent['tool'] & object;
    const asked = { ...trace, attempts: [{ ...attempt, provider: 'mcp', model: '' }] };
    const spans = spansOf(decision({ route: '/mcp/docs', model: null, tool: note, trace: asked }));
    expect(spans.map((span) => [span['name'], span['gen_ai.operation.name']])).toEqual([
      [name, operation],
      [name, operation],
    ]);
    for (const span of spans) expect(Object.keys(span)).not.toContain('gen_ai.request.model');
  });
});
