/** Counters with bounded labels. */
export interface Metrics {
  /** A request that was answered. */
  answered(route: string, status: number, durationMs: number): void;
  refused(code: string): void;
  /** A policy of the chain blocked a request or an answer. */
  blocked(policy: string): void;
  tokens(inputTokens: number, outputTokens: number): void;
  families(gauges: { readonly [name: string]: number }): readonly Family[];
  /** Requests answered so far, for tests and the health page. */
  total(): number;
}

/** Samples of one name. */
export interface Family {
  /** Of a counter without its `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Behind the name of the family; a counter's is `_total` by itself. */
  readonly suffix?: string;
  readonly labels?: { readonly [name: string]: string };
  readonly value: number;
}

const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const refusals = new Map<string, number>();
  const blocks = new Map<string, number>();
  const buckets = BUCKETS_MS.map(() => 0);
  const sums = { count: 0, durationMs: 0, input: 0, output: 0 };
  const add = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const histogram = (): readonly Sample[] => {
    let below = 0;
    const counted = BUCKETS_MS.map((bound, index): Sample => {
      below += buckets[index] ?? 0;
      return { suffix: '_bucket', labels: { le: floatText(bound / 1000) }, value: below };
    });
    return [
      ...counted,
      { suffix: '_bucket', labels: { le: '+Inf' }, value: sums.count },
      { suffix: '_sum', value: sums.durationMs / 1000 },
      { suffix: '_count', value: sums.count },
    ];
  };
  return {
    total: () => sums.count,
    answered(route, status, durationMs) {
      add(requests, `${status} ${route}`);
      sums.count += 1;
      sums.durationMs += durationMs;
      const at = BUCKETS_MS.findIndex((bound) => durationMs <= bound);
      if (at !== -1) buckets[at] = (buckets[at] ?? 0) + 1;
    },
    refused: (code) => add(refusals, code),
    blocked: (policy) => add(blocks, policy),
    tokens(input, output) {
      sums.input += input;
      sums.output += output;
    },
    families: (gauges) => [
      {
        name: 'tenantry_gateway_requests',
        type: 'counter',
        help: 'Requests answered, by route and status.',
        samples: [...requests].map(([key, value]) => {
          const mark = key.indexOf(' ');
          return { labels: { route: key.slice(mark + 1), status: key.slice(0, mark) }, value };
        }),
      },
      {
        name: 'tenantry_gateway_refusals',
        type: 'counter',
        help: 'Requests refused, by code.',
        samples: [...refusals].map(([code, value]) => ({ labels: { code }, value })),
      },
      {
        name: 'tenantry_gateway_blocks',
        type: 'counter',
        help: 'Requests and answers blocked, by policy kind.',
        samples: [...blocks].map(([policy, value]) => ({ labels: { policy }, value })),
      },
      {
        name: 'tenantry_gateway_request_duration_seconds',
        type: 'histogram',
        help: 'From the first byte of a request to the last of its answer.',
        samples: histogram(),
      },
      {
        name: 'tenantry_gateway_tokens',
        type: 'counter',
        help: 'Tokens that providers reported.',
        samples: [
          { labels: { direction: 'input' }, value: sums.input },
          { labels: { direction: 'output' }, value: sums.output },
        ],
      },
      ...Object.entries(gauges).map(
        ([name, value]): Family => ({ name, type: 'gauge', help: name.replaceAll('_', ' '), samples: [{ value }] }),
      ),
    ],
  };
}

/** OpenMetrics writes the bounds of buckets as floats. */
function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** The content types of the two forms. */
export const EXPOSITION = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;

/** A range of `Accept` that asks for OpenMetrics: with a weight above 0, or none. */
const WANTS_OPENMETRICS =
  /(?:^|,)\s*application\/openmetrics-text\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:[;,]|$))[^;,]*)*(?:,|$)/i;

/** OpenMetrics where a scraper asks for it, else the text that every scraper reads. */
export function expositionFor(accept = ''): keyof typeof EXPOSITION {
  return WANTS_OPENMETRICS.test(accept) ? 'openmetrics' : 'text';
}

/** Families in the text format of Prometheus (0.0.4) or in OpenMetrics (1.0.0). */
export function renderFamilies(families: readonly Family[], form: keyof typeof EXPOSITION): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of families) {
    const named = type === 'counter' && form === 'text' ? `${name}_total` : name;
    lines.push(`# HELP ${named} ${help}`, `# TYPE ${named} ${type}`);
    for (const { suffix = type === 'counter' ? '_total' : '', labels = {}, value } of samples) {
      lines.push(`${name}${suffix}${labelText(labels)} ${value}`);
    }
  }
  if (form === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function labelText(labels: { readonly [name: string]: string }): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`);
