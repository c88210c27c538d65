import { type BundleToken, byCodeUnit, instantMs, type RenderedOrg, type Sha256Hex } from '../model/index.ts';
import { allOf, named, sorted, type Typed, valueError } from './select.ts';

/** Scopes that mean something at a gateway; `console` opens pages of the control plane and stays there. */
const GATEWAY_SCOPES: ReadonlySet<string> = new Set(['chat', 'embeddings', 'mcp', 'models']);

/** The tokens that name the gateway and may do something there, with the digests of their secrets. */
export function tokensOf(desired: RenderedOrg, gateway: Typed<'Gateway'>): readonly BundleToken[] {
  const credentials = allOf(desired, 'Credentials').flatMap((item) =>
    item.spec.tokens.map((entry) => ({
      token: entry.token,
      id: entry.id,
      digest: entry.digest as Sha256Hex,
      notBeforeMs: timeOf(item, entry.notBefore),
      notAfterMs: timeOf(item, entry.notAfter),
    })),
  );
  return allOf(desired, 'Token')
    .filter((token) => token.spec.gateways.includes(gateway.object.id.name))
    .map((token) => ({
      name: token.object.id.name,
      team: token.spec.team,
      wallet: token.spec.wallet ?? gateway.spec.wallet ?? null,
      scopes: sorted(token.spec.scopes.filter((scope) => GATEWAY_SCOPES.has(scope))),
      models: token.spec.models === undefined ? null : sorted(token.spec.models),
      ...(token.spec.paths === undefined ? {} : { paths: sorted(token.spec.paths) }),
      ...(token.spec.addresses === undefined ? {} : { addresses: sorted(token.spec.addresses) }),
      ...(token.spec.limits === undefined ? {} : { limits: token.spec.limits }),
      role: token.spec.role ?? null,
      notAfterMs: timeOf(token, token.spec.expires),
      credentials: credentials
        .filter((entry) => entry.token === token.object.id.name)
        .map(({ token: _, ...entry }) => entry)
        .sort((a, b) => byCodeUnit(a.id, b.id)),
    }))
    .filter((token) => token.scopes.length > 0)
    .sort(named);
}

function timeOf(from: Typed<'Token'> | Typed<'Credentials'>, text: string): number {
  const time = instantMs(text);
  if (time === undefined)
    throw valueError(from.object, { expected: 'an instant such as 2027-01-31T00:00:00Z', found: text });
  return time;
}
