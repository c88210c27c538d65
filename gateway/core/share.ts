/** What of something bounded is taken by the holder of a token; null: a gateway without tokens has one caller. */
export interface Taken {
  readonly token: string | null;
  readonly size: number;
}

/** One token gets at most one part in this many, so that it takes several of them to leave nothing to the others. */
const PARTS = 4;

/**
 * May `wanted` be taken of `most` in all, as far as its own token goes? Who has nothing yet may: it is no token's fault that
 * one request is large. Whether there is room for all is asked apart.
 */
export function isWithinShare(taken: Iterable<Taken>, wanted: Taken, most: number): boolean {
  if (wanted.token === null) return true;
  let own = 0;
  for (const { token, size } of taken) if (token === wanted.token) own += size;
  return own === 0 || own + wanted.size <= most / PARTS;
}
