import { mailHost, urlParts } from '../hosts/host.ts';
import type { OrgView, Spot } from '../view.ts';
import { policyEndpoints } from './policy-targets.ts';

/** One place outside that an org's data is sent to. */
export interface Channel {
  readonly use: 'evidence' | 'notification';
  readonly spot: Spot;
  /** As it is written. */
  readonly address: string;
  /** Canonical; null where it names no host. */
  readonly host: string | null;
  /** Of a URL: port (empty for the usual one) and path; of a mail address: its folded text. */
  readonly port: string;
  readonly path: string;
}

/** Sinks of gateways, webhooks of policies and notifications of review queues. */
export function channelsOf(org: OrgView): readonly Channel[] {
  return [
    ...org
      .all('Gateway')
      .flatMap((object) =>
        (object.document.spec.sinks ?? []).map(({ url }, index) =>
          channel('evidence', { object, pointer: `/spec/sinks/${index}/url` }, url),
        ),
      ),
    ...org
      .all('Policy')
      .flatMap((object) =>
        policyEndpoints(org, object).flatMap(({ use, url, urlPointer }) =>
          use === 'webhook' ? [channel('evidence', { object, pointer: urlPointer }, url)] : [],
        ),
      ),
    ...org
      .all('Review')
      .flatMap((object) =>
        object.document.spec.notifications.map(({ to }, index) =>
          channel('notification', { object, pointer: `/spec/notifications/${index}/to` }, to),
        ),
      ),
  ];
}

function channel(use: Channel['use'], spot: Spot, address: string): Channel {
  const url = urlParts(address);
  if (url !== null) return { use, spot, address, ...url };
  return { use, spot, address, host: mailHost(address), port: '', path: address.toLowerCase() };
}
