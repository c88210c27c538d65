import { type BundleToken, byCodeUnit, holds, parseNetwork } from '../model/index.ts';

/** A field of a token in which older content would allow more than what is applied. */
export type Narrowed = 'scopes' | 'models' | 'paths' | 'addresses' | 'limits';

/**
 * The tokens of older content as they may be used now. Older content says what is done with a request, never who may ask:
 * a token that is gone is gone, its secrets, end and role are those that are applied, and of everything that bounds it the
 * narrower holds. What is not bounded so (team and wallet) is that of the older content, which alone has them.
 */
export function narrowedTokens(older: readonly BundleToken[], applied: readonly BundleToken[]): readonly BundleToken[] {
  const known = new Map(applied.map((token) => [token.name, token]));
  return older.flatMap((token): BundleToken[] => {
    const now = known.get(token.name);
    const narrowed = now === undefined ? undefined : narrowedToken(token, now);
    return narrowed === undefined || narrowed.scopes.length === 0 ? [] : [narrowed];
  });
}

function narrowedToken(older: BundleToken, now: BundleToken): BundleToken {
  const { paths: _, addresses: __, limits: ___, ...rest } = older;
  const paths = both(older.paths, now.paths);
  const addresses = bothNetworks(older.addresses, now.addresses);
  const limits = lower(older.limits, now.limits);
  return {
    ...rest,
    scopes: both(older.scopes, now.scopes) ?? [],
    models: both(older.models ?? undefined, now.models ?? undefined) ?? null,
    ...(paths === undefined ? {} : { paths }),
    ...(addresses === undefined ? {} : { addresses }),
    ...(limits === undefined ? {} : { limits }),
    role: now.role,
    notAfterMs: now.notAfterMs,
    credentials: now.credentials,
  };
}

/** In which fields a token of older content is given less than it had there. */
export function narrowedFields(older: BundleToken, now: BundleToken): readonly Narrowed[] {
  const narrowed = narrowedToken(older, now);
  const fields = ['scopes', 'models', 'paths', 'addresses', 'limits'] as const;
  return fields.filter((field) => JSON.stringify(narrowed[field]) !== JSON.stringify(older[field]));
}

/** What both lists have; one that is not there has everything. */
function both(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((item) => b.includes(item));
}

/** Networks that lie in one of each list: of two networks that meet, one lies in the other. */
function bothNetworks(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const inner = [...a.filter((item) => b.some((outer) => liesIn(item, outer)))];
  const other = b.filter((item) => a.some((outer) => liesIn(item, outer)));
  return [...new Set([...inner, ...other])].sort(byCodeUnit);
}

function liesIn(inner: string, outer: string): boolean {
  const [small, large] = [parseNetwork(inner), parseNetwork(outer)];
  return small !== undefined && large !== undefined && large.bits <= small.bits && holds(large, small);
}

type Limits = NonNullable<BundleToken['limits']>;

/** Of each limit that either has, the lower one. */
function lower(a: Limits | undefined, b: Limits | undefined): Limits | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const merged: { -readonly [name in keyof Limits]: Limits[name] } = { ...a };
  for (const name of Object.keys(b) as (keyof Limits)[]) {
    const [own, other] = [a[name], b[name]];
    if (other !== undefined) merged[name] = own === undefined ? other : Math.min(own, other);
  }
  return merged;
}
