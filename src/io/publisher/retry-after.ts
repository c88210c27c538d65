/** Longer than this nobody is waited for: who asks for it is told of instead. */
export const LONGEST_REST_MS = 60_000;

/** For how long the other side wants to be left alone (Retry-After, RFC 9110 10.2.3), in milliseconds; 0 where it does not say. */
export function restOf({ headers }: Pick<Response, 'headers'>): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
