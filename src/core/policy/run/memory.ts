/**
 * Counts that outlive a request. They are in the memory of one process: a restart forgets them, and two gateways of one org
 * count apart.
 */
export interface Memory {
  /**
   * Adds `amount` to the count of `key` and answers the sum; 0 reads it. With `windowSeconds` a count begins anew in every
   * window (windows start at multiples of their length since the epoch), with null it lasts as long as it is remembered.
   */
  add(key: string, amount: number, windowSeconds: number | null): number;
}

/** The memories of all kinds of policies: what one counts, another never sees. */
export interface MemoryBook {
  of(kind: string): Memory;
}

/** The most counts that are kept of one kind and window; the one that was not asked for longest goes first. */
export const MEMORY_COUNTS = 50_000;
/** A document that is replaced may name other windows each time. */
const MOST_TABLES = 64;

interface Count {
  /** Of its window in milliseconds since the epoch. */
  readonly startMs: number;
  readonly sum: number;
}

/** A bounded memory with the clock of its owner, milliseconds since the epoch. Keys may come from callers. */
export function createMemory(nowMs: () => number): MemoryBook {
  const tables = new Map<string, Map<string, Count>>();
  return {
    of: (kind) => ({
      add(key, amount, windowSeconds) {
        const counts = touch(tables, `${kind} ${windowSeconds}`, MOST_TABLES, (known) => known ?? new Map());
        const startMs = windowSeconds === null ? 0 : startOf(windowSeconds * 1000, nowMs());
        const count = touch(counts, key, MEMORY_COUNTS, (known) =>
          // A clock that is set back never gives a window back.
          known !== undefined && known.startMs >= startMs
            ? { startMs: known.startMs, sum: known.sum + amount }
            : { startMs, sum: amount },
        );
        return count.sum;
      },
    }),
  };
}

const startOf = (windowMs: number, nowMs: number): number => Math.floor(nowMs / windowMs) * windowMs;

/** Puts what `make` makes of the known value under `key`, as the newest; the oldest goes where there are more than `most`. */
function touch<Value>(
  map: Map<string, Value>,
  key: string,
  most: number,
  make: (known: Value | undefined) => Value,
): Value {
  const value = make(map.get(key));
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.size > most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
  return value;
}

/** Remembers nothing: every count is the first. For cases that must not depend on one another. */
export const NO_MEMORY: MemoryBook = { of: () => ({ add: (_key, amount) => amount }) };

/**
 * A number of 53 bits as text that two texts rarely share. Not a secret and not proof: whoever looks for two texts with the
 * same one finds them.
 */
export function fingerprint(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
