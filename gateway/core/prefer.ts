/** What a client says of waiting (RFC 7240): `respond-async`, and for how long it is willing to wait. */
export interface Preference {
  readonly respondAsync: boolean;
  /** Whole seconds; null where it does not say. */
  readonly waitSeconds: number | null;
}

/** Reads a `Prefer` header; what it does not know, or cannot read, is passed over, as the RFC has it. The first of each counts. */
export function preferenceOf(header: string | readonly string[] | undefined): Preference {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  let respondAsync = false;
  let waitSeconds: number | null = null;
  for (const part of text.slice(0, 1000).split(/[,;]/)) {
    const [name = '', value = ''] = part.split('=', 2).map((word) => word.trim().toLowerCase());
    if (name === 'respond-async') respondAsync = true;
    if (name === 'wait' && /^"?\d{1,6}"?$/.test(value)) waitSeconds ??= Number(value.replaceAll('"', ''));
  }
  return { respondAsync, waitSeconds };
}

/**
 * How long a client is kept waiting for a person, at most `mostMs`: as long as it says, not at all with `respond-async` alone,
 * and `usualMs` where it says nothing.
 */
export function patienceMs({ respondAsync, waitSeconds }: Preference, mostMs: number, usualMs = mostMs): number {
  if (waitSeconds !== null) return Math.min(waitSeconds * 1000, mostMs);
  return respondAsync ? 0 : Math.min(usualMs, mostMs);
}
