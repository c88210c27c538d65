import { type DecisionEvent, parseJson } from '../../src/core/model/index.ts';
import { type OtlpResource, otlpTraces } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import type { Posted, Posts } from './posts.ts';
import type { SinkDriver } from './sink-runner.ts';
import { deliveryOf, eventLine } from './sink-webhook.ts';

/** Where spans go; `headers` may hold a secret. */
export interface OtlpTarget {
  readonly url: string;
  readonly host: string;
  readonly headers: { readonly [name: string]: string };
}

/** The variable that OpenTelemetry names for the headers of an exporter. */
export const OTLP_HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';

/**
 * Reads the base address of a collector and its headers (`name=value,…`, percent-encoded). Throws GATEWAY_OTLP_INVALID, which
 * never repeats a value.
 */
export function otlpTarget(text: string, headers: string | undefined): OtlpTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !isBase(url)) {
    throw new GatewayFailure(
      'GATEWAY_OTLP_INVALID',
      'expected --otlp http(s)://<host>[:port][/path], found something else',
      64,
    );
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { url: `${base}/v1/traces`, host: url.hostname.replace(/^\[|\]$/g, ''), headers: parseHeaders(headers ?? '') };
}

function isBase({ protocol, username, password, search, hash }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '' && search === '' && hash === '';
}

function parseHeaders(text: string): { readonly [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const [index, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue;
    const found = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100})\s*=\s*([ -~]{0,8000}?)\s*$/.exec(pair);
    if (found === null) {
      throw new GatewayFailure(
        'GATEWAY_OTLP_INVALID',
        `expected ${OTLP_HEADERS} to be name=value pairs with commas between them, found something else at pair ${index + 1}`,
        64,
      );
    }
    const [, name = '', value = ''] = found;
    headers[name.toLowerCase()] = decoded(value);
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export interface OtlpOptions {
  readonly target: OtlpTarget;
  readonly posts: Posts;
  readonly resource: OtlpResource;
  readonly timeoutMs?: number;
}

/** Exports the sampled traces of decisions as OTLP/HTTP in JSON. */
export function createOtlpSink({ target, posts, resource, timeoutMs = 10_000 }: OtlpOptions): SinkDriver {
  return {
    name: 'otlp',
    async deliver(lines) {
      const events = lines
        .map(eventLine)
        .flatMap(({ event }): DecisionEvent[] => (event.type === 'decision' ? [event] : []));
      const body = otlpTraces(events, resource);
      if (body === null) return { kind: 'done' };
      const headers = { ...target.headers, 'content-type': 'application/json', 'user-agent': 'tenantry-gateway' };
      const answer = await posts.post({
        owner: 'otlp',
        url: target.url,
        headers,
        body: JSON.stringify(body),
        timeoutMs,
      });
      const delivery = deliveryOf(answer);
      const rejected = delivery.kind === 'done' ? rejectedSpans(answer) : 0;
      return rejected > 0 ? { kind: 'done', rejected } : delivery;
    },
    close: () => Promise.resolve(),
  };
}

/** Spans that a collector rejected of a batch that it took (OTLP, partial success); a count may be text. */
function rejectedSpans(answer: Posted): number {
  try {
    const { partialSuccess } = parseJson('failed' in answer ? '' : answer.body) as {
      readonly partialSuccess?: { readonly rejectedSpans?: unknown };
    };
    const count = Number(partialSuccess?.rejectedSpans);
    return Number.isSafeInteger(count) ? count : 0;
  } catch {
    return 0;
  }
}
