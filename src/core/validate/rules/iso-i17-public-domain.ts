import { canonicalHost } from '../hosts/host.ts';
import { isPublicMail, isPublicSuffix } from '../hosts/public-names.ts';
import type { DesiredRule } from '../rule.ts';

export const i17PublicDomain: DesiredRule = {
  code: 'ISO_I17_PUBLIC_DOMAIN',
  needs: 'desired',
  decide: (org) =>
    org.all('Organization').flatMap((object) =>
      object.document.spec.domains.flatMap((domain, index) => {
        const host = canonicalHost(domain);
        if (!isPublicMail(host) && !isPublicSuffix(host)) return [];
        return [
          org.report(
            'ISO_I17_PUBLIC_DOMAIN',
            { object, pointer: `/spec/domains/${index}` },
            {
              message: `org ${org.org} claims ${host}, where anybody can have a name`,
              expected: 'a domain of this customer alone',
              found: host,
            },
          ),
        ];
      }),
    ),
};
