import { canonicalHost } from '../hosts/host.ts';
import { isPublicSuffix } from '../hosts/public-names.ts';
import type { DesiredRule } from '../rule.ts';

export const i22EgressTooWide: DesiredRule = {
  code: 'ISO_I22_EGRESS_TOO_WIDE',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((object) =>
      object.document.spec.egress.flatMap((entry, index) => {
        if (!entry.includes('*') || !isTooWide(canonicalHost(entry))) return [];
        return [
          org.report(
            'ISO_I22_EGRESS_TOO_WIDE',
            { object, pointer: `/spec/egress/${index}` },
            {
              message: `${object.id.name} may reach ${entry}, where anybody can have a host`,
              expected: 'a host name, or `*.` before a domain of one provider',
              found: entry,
            },
          ),
        ];
      }),
    ),
};

/** A star anywhere but as the first label, or right below a name that is nobody's. */
function isTooWide(host: string): boolean {
  const below = host.slice(2);
  return !host.startsWith('*.') || below.includes('*') || isPublicSuffix(below);
}
