import type { Finding, Typed } from '../../model/index.ts';
import { canonicalHost, urlParts } from '../hosts/host.ts';
import type { DesiredRule } from '../rule.ts';
import type { OrgView, Spot } from '../view.ts';
import { policyEndpoints, policyOf } from './policy-targets.ts';

/** A gateway goes nowhere that was not agreed: hosts of its policy and its sinks are in its egress list. */
export const gatewayEgress: DesiredRule = {
  code: 'GATEWAY_EGRESS',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((gateway) => {
      const ways = gateway.document.spec.egress.map(wayOf);
      return usesOf(org, gateway).flatMap((use) => {
        const place = placeOf(use.url);
        if (place === null || ways.some((way) => leadsTo(way, place))) return [];
        return [outside(org, gateway, { ...use, place })];
      });
    }),
};

interface Use {
  readonly url: string;
  readonly spot: Spot;
}

function usesOf(org: OrgView, gateway: Typed<'Gateway'>): readonly Use[] {
  const { sinks = [] } = gateway.document.spec;
  const policy = policyOf(org, gateway);
  const endpoints = policy === undefined ? [] : policyEndpoints(org, policy);
  return [
    ...endpoints.map(({ url, urlPointer }) => ({ url, spot: { object: policy ?? gateway, pointer: urlPointer } })),
    ...sinks.map(({ url }, index) => ({ url, spot: { object: gateway, pointer: `/spec/sinks/${index}/url` } })),
  ];
}

/** A host with the port that is meant; as an entry of a list, null stands for any. */
interface Place {
  readonly host: string;
  readonly port: string | null;
}

/** null: no URL, which is reported where it stands. */
function placeOf(url: string): (Place & { readonly port: string }) | null {
  const parts = urlParts(url);
  if (parts === null) return null;
  return { host: parts.host, port: parts.port === '' ? (url.startsWith('https:') ? '443' : '80') : parts.port };
}

function wayOf(entry: string): Place {
  return { host: canonicalHost(entry), port: /^(?:\[.*\]|[^:]*):([0-9]+)$/.exec(entry)?.[1] ?? null };
}

/** `*.x` leads to every name below x. */
function leadsTo(way: Place, place: Place): boolean {
  if (way.port !== null && way.port !== place.port) return false;
  return way.host === place.host || (way.host.startsWith('*.') && place.host.endsWith(way.host.slice(1)));
}

function outside(org: OrgView, gateway: Typed<'Gateway'>, use: Use & { readonly place: Place }): Finding {
  const { egress } = gateway.document.spec;
  const { place, spot } = use;
  return org.report(
    'GATEWAY_EGRESS',
    { object: gateway, pointer: '/spec/egress' },
    {
      message: `gateway ${gateway.id.name} sends to ${place.host}, which its egress does not list`,
      expected: egress.length === 0 ? 'egress with every host that it sends to' : `one of ${egress.join(', ')}`,
      found: `${place.host}:${place.port}`,
      related: [org.placeOf(spot)],
    },
  );
}
