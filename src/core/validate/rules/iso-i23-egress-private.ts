import type { Finding } from '../../model/index.ts';
import { canonicalHost } from '../hosts/host.ts';
import { privateHost } from '../hosts/private.ts';
import type { DesiredRule } from '../rule.ts';
import type { OrgView, Spot } from '../view.ts';
import { policyEndpoints } from './policy-targets.ts';

export const i23EgressPrivate: DesiredRule = {
  code: 'ISO_I23_EGRESS_PRIVATE',
  needs: 'desired',
  decide: (org) => [
    ...org.all('Gateway').flatMap((object) => {
      const { egress, sinks = [] } = object.document.spec;
      return [
        ...egress.flatMap((entry, index) => said(org, { object, pointer: `/spec/egress/${index}` }, entry)),
        ...sinks.flatMap(({ url }, index) =>
          said(org, { object, pointer: `/spec/sinks/${index}/url` }, /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''),
        ),
      ];
    }),
    ...org
      .all('Policy')
      .flatMap((object) =>
        policyEndpoints(org, object).flatMap(({ host, urlPointer }) =>
          host === null ? [] : said(org, { object, pointer: urlPointer }, host),
        ),
      ),
  ],
};

function said(org: OrgView, spot: Spot, written: string): readonly Finding[] {
  const what = privateHost(canonicalHost(written));
  if (what === null) return [];
  return [
    org.report('ISO_I23_EGRESS_PRIVATE', spot, {
      message: `${spot.object.id.name} may reach ${written}, which is ${what}`,
      expected: 'hosts on the public network',
      found: written,
    }),
  ];
}
