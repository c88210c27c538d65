import { type Narrowed, narrowedFields, tokensIn } from '../../core/bundle/index.ts';
import type { Hold, ObservedOrg } from '../../core/model/index.ts';
import { buildBundles, keptBundle, type PublishParts, type SharedSettings } from '../publish/index.ts';

/** What a rollback does not bring back of a token: all of it, or the fields in which older content allowed more. */
export interface Withheld {
  readonly gateway: string;
  readonly token: string;
  readonly what: 'gone' | readonly Narrowed[];
}

/** Tokens of the content that gateways are held on which are gone since, or may do less now. */
export async function withheldBy(
  parts: Pick<PublishParts, 'store' | 'hash' | 'fleet'>,
  observed: ObservedOrg,
  { contents }: Hold,
  settings: SharedSettings,
): Promise<readonly Withheld[]> {
  const { bundles } = buildBundles(parts, observed, settings);
  const withheld: Withheld[] = [];
  for (const applied of bundles ?? []) {
    const { gateway } = applied.header;
    const digest = contents[gateway];
    const older = digest === undefined ? undefined : await keptBundle(parts, { org: observed.org, gateway, digest });
    const now = new Map(tokensIn(applied).map((token) => [token.name, token]));
    for (const token of older === undefined ? [] : tokensIn(older)) {
      const known = now.get(token.name);
      const what = known === undefined ? 'gone' : narrowedFields(token, known);
      if (what.length > 0) withheld.push({ gateway, token: token.name, what });
    }
  }
  return withheld;
}
