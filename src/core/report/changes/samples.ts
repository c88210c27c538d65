import type { FieldChange, OrgSlug } from '../../model/index.ts';

/** What one org has of a field that varies. */
export interface Sighted {
  readonly org: OrgSlug;
  readonly field: FieldChange;
}

const SAMPLES = 3;
/** So many that stand out are named; the count of different values tells that there are more. */
const MOST_OUTLIERS = 8;
/** Twice as much as the one in the middle, or less than half of it. */
const OUTLIER_FACTOR = 2;

/**
 * Those that a report names of a field that varies: of amounts the lowest and the highest, then each that stands out, so that
 * none is hidden by its name; of anything else the first. `seen` is sorted by org.
 */
export function sampled(seen: readonly Sighted[]): readonly Sighted[] {
  const amounts = amountsOf(seen);
  if (amounts === null) return seen.slice(0, SAMPLES);
  const sorted = seen.map((item, index) => ({ item, amount: amounts[index] ?? 0 })).sort((a, b) => a.amount - b.amount);
  const middle = sorted[Math.floor(sorted.length / 2)]?.amount ?? 0;
  const outliers = sorted.filter(({ amount }) => amount > middle * OUTLIER_FACTOR || amount * OUTLIER_FACTOR < middle);
  // The furthest first, on either side.
  outliers.sort((a, b) => farness(b.amount, middle) - farness(a.amount, middle));
  const ends = [sorted[0], sorted.at(-1)].flatMap((end) => end?.item ?? []);
  const named = new Set([...ends, ...outliers.slice(0, MOST_OUTLIERS).map(({ item }) => item)]);
  for (const item of seen) if (named.size < SAMPLES) named.add(item);
  return [...named];
}

function farness(amount: number, middle: number): number {
  const [low, high] = amount < middle ? [amount, middle] : [middle, amount];
  return low === 0 ? Number.POSITIVE_INFINITY : high / low;
}

/** By how much each rises where all were something before, else what each is; null where they are no numbers. */
function amountsOf(seen: readonly Sighted[]): readonly number[] | null {
  const [before, after] = (['before', 'after'] as const).map((side) => seen.map(({ field }) => numberOf(field[side])));
  if (after?.every((value) => value !== null)) {
    if (before?.every((value) => value !== null && value > 0))
      return after.map((value, index) => value / (before[index] ?? 1));
    return after;
  }
  return before?.every((value) => value !== null) ? before : null;
}

function numberOf(value: FieldChange['after']): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : null;
}
