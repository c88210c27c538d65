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
  text(gauges: readonly TargetGauge[]): string;
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
    text: (gauges) => `${[...counterLines(rows), ...gaugeLines(gauges)].join('\n')}\n`,
  };
}

function counterLines(rows: ReadonlyMap<string, Row>): readonly string[] {
  const name = 'tenantry_gateway_upstream';
  const lines = [`# TYPE ${name}_attempts_total counter`];
  for (const [id, row] of rows) lines.push(`${name}_attempts_total{target="${id}"} ${row.attempts}`);
  lines.push(`# TYPE ${name}_failures_total counter`);
  for (const [id, { failures }] of rows) {
    for (const [kind, count] of failures) lines.push(`${name}_failures_total{target="${id}",kind="${kind}"} ${count}`);
  }
  lines.push(`# TYPE ${name}_first_byte_seconds summary`);
  for (const [id, row] of rows) {
    lines.push(`${name}_first_byte_seconds_sum{target="${id}"} ${row.latencyMs / 1000}`);
    lines.push(`${name}_first_byte_seconds_count{target="${id}"} ${row.answers}`);
  }
  return lines;
}

function gaugeLines(gauges: readonly TargetGauge[]): readonly string[] {
  const name = 'tenantry_gateway_upstream';
  const guarded = gauges.flatMap(({ id, breaker }) =>
    breaker === null ? [] : [`${name}_breaker{target="${id}"} ${BREAKER_VALUES[breaker]}`],
  );
  return [
    `# TYPE ${name}_in_flight gauge`,
    ...gauges.map(({ id, inFlight }) => `${name}_in_flight{target="${id}"} ${inFlight}`),
    `# TYPE ${name}_breaker gauge`,
    ...guarded,
  ];
}
