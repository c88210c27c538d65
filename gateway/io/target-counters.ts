import type { Family } from './metrics.ts';

/** What a gauge line says of a target of the present configuration. */
export interface TargetGauge {
  readonly id: string;
  readonly inFlight: number;
  readonly breaker: 'closed' | 'open' | 'half-open' | null;
}

/** Counters by target. Ids come from signed configurations; their number is bounded all the same. */
export interface TargetCounters {
  attempted(id: string): void;
  answered(id: string, latencyMs: number): void;
  failed(id: string, kind: string): void;
  of(id: string): { readonly attempts: number; readonly failures: { readonly [kind: string]: number } };
  families(gauges: readonly TargetGauge[]): readonly Family[];
}

interface Row {
  attempts: number;
  answers: number;
  latencyMs: number;
  readonly failures: Map<string, number>;
}

/** Above this number targets are counted together as `other`. */
const MOST_LABELS = 200;
const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 };

export function createTargetCounters(): TargetCounters {
  const rows = new Map<string, Row>();
  const rowOf = (id: string): Row => {
    const label = rows.has(id) || rows.size < MOST_LABELS ? id : 'other';
    const known = rows.get(label);
    if (known !== undefined) return known;
    const made: Row = { attempts: 0, answers: 0, latencyMs: 0, failures: new Map() };
    rows.set(label, made);
    return made;
  };
  return {
    attempted(id) {
      rowOf(id).attempts += 1;
    },
    answered(id, latencyMs) {
      const row = rowOf(id);
      row.answers += 1;
      row.latencyMs += latencyMs;
    },
    failed(id, kind) {
      const { failures } = rowOf(id);
      failures.set(kind, (failures.get(kind) ?? 0) + 1);
    },
    of(id) {
      const row = rows.get(id);
      return { attempts: row?.attempts ?? 0, failures: Object.fromEntries(row?.failures ?? []) };
    },
    families: (gauges) => [...counterFamilies(rows), ...gaugeFamilies(gauges)],
  };
}

const NAME = 'tenantry_gateway_upstream';

function counterFamilies(rows: ReadonlyMap<string, Row>): readonly Family[] {
  const all = [...rows];
  return [
    {
      name: `${NAME}_attempts`,
      type: 'counter',
      help: 'Requests sent to a target.',
      samples: all.map(([target, { attempts }]) => ({ labels: { target }, value: attempts })),
    },
    {
      name: `${NAME}_failures`,
      type: 'counter',
      help: 'Requests that a target did not answer, by what happened.',
      samples: all.flatMap(([target, { failures }]) =>
        [...failures].map(([kind, value]) => ({ labels: { target, kind }, value })),
      ),
    },
    {
      name: `${NAME}_first_byte_seconds`,
      type: 'summary',
      help: 'Until the headers of an answer.',
      samples: all.flatMap(([target, { answers, latencyMs }]) => [
        { suffix: '_sum', labels: { target }, value: latencyMs / 1000 },
        { suffix: '_count', labels: { target }, value: answers },
      ]),
    },
  ];
}

function gaugeFamilies(gauges: readonly TargetGauge[]): readonly Family[] {
  const breakers = gauges.flatMap(({ id, breaker }) =>
    breaker === null ? [] : [{ labels: { target: id }, value: BREAKER_VALUES[breaker] }],
  );
  return [
    {
      name: `${NAME}_in_flight`,
      type: 'gauge',
      help: 'Requests that a target is answering.',
      samples: gauges.map(({ id, inFlight }) => ({ labels: { target: id }, value: inFlight })),
    },
    {
      name: `${NAME}_breaker`,
      type: 'gauge',
      help: 'The circuit breaker of a target: 0 closed, 1 half-open, 2 open.',
      samples: breakers,
    },
  ];
}
