import type { FindingCode } from '../../model/index.ts';
import type { FleetFact, RuleFact } from '../rule.ts';
import type { OrgView, Spot } from '../view.ts';
import { bucketOfHost, canonicalHost, namesAbove } from './host.ts';

/** The rule whose facts are the domains that orgs claim. */
export const CLAIMS: FindingCode = 'ISO_I17_DOMAIN_SHARED';

export function isClaim({ code }: FleetFact): boolean {
  return code === CLAIMS;
}

const claims = new WeakMap<OrgView, ReadonlySet<string>>();

/** True for a host at or below a domain that the org claims itself. */
export function isOwnHost(org: OrgView, host: string): boolean {
  let own = claims.get(org);
  if (own === undefined) {
    own = new Set(org.all('Organization').flatMap(({ document }) => document.spec.domains.map(canonicalHost)));
    claims.set(org, own);
  }
  return own.size > 0 && namesAbove(host).some((name) => own.has(name));
}

/** A use of a host that could belong to another org; none where it is the org's own. `*.x` means every name below x. */
export function hostUse(org: OrgView, spot: Spot, host: string): readonly RuleFact[] {
  const bare = host.startsWith('*.') ? host.slice(2) : host;
  if (isOwnHost(org, bare)) return [];
  return [{ value: bucketOfHost(bare), detail: host, ...org.spotOf(spot) }];
}

/** One group for each use of a host that another org claims: the use, then the claim. */
export function usesOfClaimed(bucket: readonly FleetFact[]): readonly (readonly FleetFact[])[] {
  const [uses, claimed] = [bucket.filter((fact) => !isClaim(fact)), bucket.filter(isClaim)];
  if (uses.length === 0 || claimed.length === 0) return [];
  const exact = new Map<string, FleetFact>();
  const above = new Map<string, FleetFact[]>();
  for (const claim of claimed) {
    exact.set(claim.detail ?? '', claim);
    for (const name of namesAbove(claim.detail ?? '').slice(1)) {
      const known = above.get(name);
      // Two orgs are enough: the one that uses it, and another.
      if (known === undefined) above.set(name, [claim]);
      else if (known.length < 2 && known[0]?.org !== claim.org) known.push(claim);
    }
  }
  return uses.flatMap((use) => {
    const host = use.detail ?? '';
    const isWild = host.startsWith('*.');
    const bare = isWild ? host.slice(2) : host;
    const at = namesAbove(bare).find((name) => exact.has(name));
    const over = at === undefined ? undefined : exact.get(at);
    const under = isWild ? above.get(bare)?.find(({ org }) => org !== use.org) : undefined;
    const claim = over !== undefined && over.org !== use.org ? over : under;
    return claim === undefined ? [] : [[use, claim]];
  });
}
