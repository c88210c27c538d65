/** What was seen of one target. Changed in place by the functions of this file and by nothing else. */
export interface Measure {
  readonly latencies: Samples;
  readonly speeds: Samples;
  readonly used: Sum;
}

/** The newest values with their instants, in a ring. */
interface Samples {
  readonly atMs: number[];
  readonly values: number[];
  next: number;
}

/** A sum over a sliding window, in slots of equal length. */
interface Sum {
  slotMs: number;
  readonly slots: { index: number; amount: number }[];
}

/** So many of each kind are remembered of a target, whatever its traffic. */
export const MOST_SAMPLES = 128;
const SLOTS = 12;

export function createMeasure(): Measure {
  return { latencies: emptySamples(), speeds: emptySamples(), used: { slotMs: 0, slots: [] } };
}

const emptySamples = (): Samples => ({ atMs: [], values: [], next: 0 });

/** Notes how long the headers of an answer took. */
export function noteLatency(measure: Measure, latencyMs: number, nowMs: number): void {
  note(measure.latencies, latencyMs, nowMs);
}

/** Notes output tokens per second of a whole answer. */
export function noteSpeed(measure: Measure, tokensPerSecond: number, nowMs: number): void {
  note(measure.speeds, tokensPerSecond, nowMs);
}

function note(samples: Samples, value: number, nowMs: number): void {
  samples.atMs[samples.next] = nowMs;
  samples.values[samples.next] = value;
  samples.next = (samples.next + 1) % MOST_SAMPLES;
}

/** Counts tokens of a window of `windowMs`. */
export function noteUse(
  measure: Measure,
  tokens: number,
  at: { readonly nowMs: number; readonly windowMs: number },
): void {
  const { used } = measure;
  const slotMs = at.windowMs / SLOTS;
  if (used.slotMs !== slotMs) {
    used.slotMs = slotMs;
    used.slots.length = 0;
  }
  const index = Math.floor(at.nowMs / slotMs);
  const place = index % SLOTS;
  const slot = used.slots[place];
  if (slot?.index === index) slot.amount += tokens;
  else used.slots[place] = { index, amount: tokens };
}

/** Tokens of the last `windowMs`, to one slot exactly. */
export function usedTokens(measure: Measure, nowMs: number, windowMs: number): number {
  const slotMs = windowMs / SLOTS;
  if (measure.used.slotMs !== slotMs) return 0;
  const last = Math.floor(nowMs / slotMs);
  let sum = 0;
  for (const slot of measure.used.slots) if (slot !== undefined && slot.index > last - SLOTS) sum += slot.amount;
  return sum;
}

/** How far back values count, and how many there must be. */
export interface Span {
  readonly nowMs: number;
  readonly windowMs: number;
  readonly minSamples: number;
}

/** Mean milliseconds until the headers; null when there are too few. */
export function meanLatency(measure: Measure, span: Span): number | null {
  return meanOf(within(measure.latencies, span));
}

/** Mean output tokens per second; null when there are too few. */
export function meanSpeed(measure: Measure, span: Span): number | null {
  return meanOf(within(measure.speeds, span));
}

/** The least latency that `percent` of all are within; null when there are too few. */
export function latencyPercentile(measure: Measure, percent: number, span: Span): number | null {
  const values = within(measure.latencies, span);
  if (values === null) return null;
  values.sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? null;
}

function within(samples: Samples, { nowMs, windowMs, minSamples }: Span): number[] | null {
  const values = samples.values.filter((_, index) => (samples.atMs[index] ?? 0) > nowMs - windowMs);
  return values.length < minSamples || values.length === 0 ? null : values;
}

function meanOf(values: readonly number[] | null): number | null {
  return values === null ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
