import type { AttemptSpan, DecisionEvent, JsonObject, TraceNote } from '../../src/core/model/index.ts';

// Decisions as spans of OTLP/HTTP in JSON (opentelemetry-proto 1, trace service). Names are those of the GenAI semantic
// conventions, which are still in development; what they have no name for is under `tenantry.`. No content.

/** Who exports. */
export interface OtlpResource {
  readonly org: string | null;
  readonly gateway: string | null;
  readonly fleet: string | null;
}

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const UNSET = 0;

/** Operations by route (`gen_ai.operation.name`); a route of ours that the conventions have no word for is its own. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['/v1/chat/completions', 'chat'],
  ['/v1/messages', 'chat'],
  ['/v1/responses', 'chat'],
  ['/v1/embeddings', 'embeddings'],
]);

type Value = string | number | boolean | null | undefined;

/** Attributes without those that are not known; numbers are integers here, which OTLP writes as text. */
function attributes(facts: { readonly [name: string]: Value }): readonly JsonObject[] {
  return Object.entries(facts).flatMap(([key, value]): JsonObject[] => {
    if (value === null || value === undefined) return [];
    if (typeof value === 'number') return [{ key, value: { intValue: String(Math.round(value)) } }];
    return [{ key, value: typeof value === 'boolean' ? { boolValue: value } : { stringValue: value } }];
  });
}

const nanos = (ms: number): string => `${Math.round(ms)}000000`;

function operationOf({ route, tool }: DecisionEvent): string | undefined {
  if (tool === undefined) return OPERATIONS.get(route);
  return tool.method === 'tools/call' ? 'execute_tool' : undefined;
}

/** `{operation} {model}`; of MCP `{method} {tool}`. */
function nameOf(event: DecisionEvent, model: string): string {
  const { tool, route } = event;
  const words = tool === undefined ? [operationOf(event) ?? route, model] : [tool.method ?? route, tool.tool ?? ''];
  return words.join(' ').trim();
}

function requestSpan(event: DecisionEvent, trace: TraceNote): JsonObject {
  const last = trace.attempts.at(-1);
  const startMs = event.at - event.durationMs;
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(trace.parentSpanId === null ? {} : { parentSpanId: trace.parentSpanId }),
    name: nameOf(event, event.model ?? ''),
    kind: SERVER,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(event.at),
    attributes: attributes({
      'gen_ai.operation.name': operationOf(event),
      'gen_ai.provider.name': last?.provider,
      'gen_ai.request.model': event.model,
      'gen_ai.request.stream': event.stream ? true : undefined,
      'gen_ai.tool.name': event.tool?.tool,
      // Of what no provider told nothing is told: 0 would be a count.
      'gen_ai.usage.input_tokens': event.usageFlag === undefined ? event.inputTokens : undefined,
      'gen_ai.usage.output_tokens': event.usageFlag === undefined ? event.outputTokens : undefined,
      'http.response.status_code': event.status,
      'http.route': event.route,
      'error.type': event.status >= 400 ? (event.reasonCode ?? String(event.status)) : undefined,
      'mcp.method.name': event.tool?.method,
      'tenantry.request.id': event.requestId,
      'tenantry.verdict': event.verdict,
      'tenantry.reason_code': event.reasonCode,
      'tenantry.team': event.team,
      'tenantry.token': event.token,
      'tenantry.target': event.target,
      'tenantry.config.version': event.configVersion,
      'tenantry.bundle.digest': event.contentDigest,
    }),
    status: { code: event.status >= 500 ? ERROR : UNSET },
  };
}

function attemptSpan(span: AttemptSpan, event: DecisionEvent, trace: TraceNote): JsonObject {
  return {
    traceId: trace.traceId,
    spanId: span.spanId,
    parentSpanId: trace.spanId,
    name: nameOf(event, span.model),
    kind: CLIENT,
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(span.endMs),
    attributes: attributes({
      'gen_ai.operation.name': operationOf(event),
      'gen_ai.provider.name': span.provider,
      'gen_ai.request.model': span.model === '' ? undefined : span.model,
      'error.type': span.error,
      'tenantry.target': span.target,
    }),
    status: { code: span.error === null ? UNSET : ERROR },
  };
}

/** An export of the sampled decisions among `events`; null when there is none. */
export function otlpTraces(events: readonly DecisionEvent[], resource: OtlpResource): JsonObject | null {
  const spans = events.flatMap((event) => {
    const { trace } = event;
    if (trace?.sampled !== true) return [];
    return [requestSpan(event, trace), ...trace.attempts.map((span) => attemptSpan(span, event, trace))];
  });
  if (spans.length === 0) return null;
  const described = attributes({
    'service.name': 'tenantry-gateway',
    'tenantry.org': resource.org,
    'tenantry.gateway': resource.gateway,
    'tenantry.fleet': resource.fleet,
  });
  return {
    resourceSpans: [
      { resource: { attributes: described }, scopeSpans: [{ scope: { name: 'tenantry-gateway' }, spans }] },
    ],
  };
}
