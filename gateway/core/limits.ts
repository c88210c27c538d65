/** A limit of so many per fixed window; windows start at multiples of their length since the epoch. */
export interface WindowLimit {
  readonly max: number;
  readonly windowSeconds: number;
}

interface Count {
  readonly windowMs: number;
  startMs: number;
  used: number;
}

/** Counters of fixed windows by key. Changed in place by the functions of this file and by nothing else. */
export interface Windows {
  readonly counts: ReadonlyMap<string, Readonly<Count>>;
}

/** Keys may come from a client's header, so their number is bounded; above it, windows that are over are forgotten. */
const MAX_KEYS = 20_000;

export function createWindows(): Windows {
  return { counts: new Map() };
}

/** Seconds until the window turns over when the limit is used up, else 0. Takes nothing. */
export function waitSeconds(windows: Windows, key: string, limit: WindowLimit, nowMs: number): number {
  const count = windows.counts.get(key);
  if (count === undefined || count.startMs !== startOf(limit, nowMs) || count.used < limit.max) return 0;
  return Math.max(1, Math.ceil((count.startMs + limit.windowSeconds * 1000 - nowMs) / 1000));
}

/** Counts `amount` in the window of now. */
export function take(
  windows: Windows,
  use: { readonly key: string; readonly limit: WindowLimit; readonly amount: number },
  nowMs: number,
): void {
  const counts = windows.counts as Map<string, Count>;
  const startMs = startOf(use.limit, nowMs);
  const count = counts.get(use.key);
  if (count !== undefined && count.startMs === startMs) {
    count.used += use.amount;
    return;
  }
  if (count === undefined && counts.size >= MAX_KEYS) forget(counts, nowMs);
  counts.set(use.key, { windowMs: use.limit.windowSeconds * 1000, startMs, used: use.amount });
}

/** Drops windows that are over, and if that is not enough the oldest entries: a flood of keys costs memory no more. */
function forget(counts: Map<string, Count>, nowMs: number): void {
  for (const [key, count] of counts) if (count.startMs + count.windowMs <= nowMs) counts.delete(key);
  let surplus = counts.size - Math.floor(MAX_KEYS / 2);
  for (const key of counts.keys()) {
    if (surplus <= 0) return;
    counts.delete(key);
    surplus -= 1;
  }
}

function startOf(limit: WindowLimit, nowMs: number): number {
  const windowMs = limit.windowSeconds * 1000;
  return Math.floor(nowMs / windowMs) * windowMs;
}
