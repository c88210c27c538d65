/** Counters with bounded labels, as Prometheus text (exposition format 0.0.4). */
export interface Metrics {
  /** A request that was answered. */
  answered(route: string, status: number, durationMs: number): void;
  refused(code: string): void;
  tokens(inputTokens: number, outputTokens: number): void;
  text(gauges: { readonly [name: string]: number }): string;
  /** Requests answered so far, for tests and the health page. */
  total(): number;
}

const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const refusals = new Map<string, number>();
  const buckets = BUCKETS_MS.map(() => 0);
  const sums = { count: 0, durationMs: 0, input: 0, output: 0 };
  const add = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  return {
    total: () => sums.count,
    answered(route, status, durationMs) {
      add(requests, `route="${route}",status="${status}"`);
      sums.count += 1;
      sums.durationMs += durationMs;
      const at = BUCKETS_MS.findIndex((bound) => durationMs <= bound);
      if (at !== -1) buckets[at] = (buckets[at] ?? 0) + 1;
    },
    refused: (code) => add(refusals, `code="${code}"`),
    tokens(input, output) {
      sums.input += input;
      sums.output += output;
    },
    text(gauges) {
      const lines = ['# TYPE tenantry_gateway_requests_total counter'];
      for (const [labels, count] of requests) lines.push(`tenantry_gateway_requests_total{${labels}} ${count}`);
      lines.push('# TYPE tenantry_gateway_refusals_total counter');
      for (const [labels, count] of refusals) lines.push(`tenantry_gateway_refusals_total{${labels}} ${count}`);
      lines.push('# TYPE tenantry_gateway_request_duration_seconds histogram');
      let below = 0;
      for (const [index, bound] of BUCKETS_MS.entries()) {
        below += buckets[index] ?? 0;
        lines.push(`tenantry_gateway_request_duration_seconds_bucket{le="${bound / 1000}"} ${below}`);
      }
      lines.push(`tenantry_gateway_request_duration_seconds_bucket{le="+Inf"} ${sums.count}`);
      lines.push(`tenantry_gateway_request_duration_seconds_sum ${sums.durationMs / 1000}`);
      lines.push(`tenantry_gateway_request_duration_seconds_count ${sums.count}`);
      lines.push('# TYPE tenantry_gateway_tokens_total counter');
      lines.push(`tenantry_gateway_tokens_total{direction="input"} ${sums.input}`);
      lines.push(`tenantry_gateway_tokens_total{direction="output"} ${sums.output}`);
      for (const [name, value] of Object.entries(gauges)) lines.push(`# TYPE ${name} gauge`, `${name} ${value}`);
      return `${lines.join('\n')}\n`;
    },
  };
}
