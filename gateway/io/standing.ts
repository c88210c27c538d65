import type { IncomingMessage } from 'node:http';
import type { BundleToken, Json } from '../../src/core/model/index.ts';
import type { RequestFacts } from '../../src/core/policy/index.ts';
import {
  type CredentialOf,
  type clientAddress,
  isCurrent,
  permit,
  permitFrom,
  type Refusal,
  refuse,
  type Snapshot,
  type Use,
} from '../core/index.ts';
import type { Exchange } from './exchange.ts';
import { Refused } from './refused.ts';
import type { Service } from './service.ts';

// Who asks for what, under which configuration: asked when a request comes, and again when it has waited.

/** A configuration to decide with; refuses where there is none, or one too old to be trusted. */
export function inForce({ freshness }: Pick<Service, 'freshness'>, snapshot: Snapshot | null): Snapshot {
  if (snapshot === null) throw new Refused(refuse('not_ready'));
  const isBlockedByAge = snapshot.tenant?.data.onExpired === 'block' && freshness() === 'expired';
  if (isBlockedByAge) throw new Refused(refuse('configuration_expired'));
  return snapshot;
}

/** Why the token may not use an endpoint and a model or a group there; null token: nobody has to show one. */
export function whyNotUse({ policy }: Snapshot, token: BundleToken | null, use: Use): Refusal | undefined {
  if (token === null) return undefined;
  // A group is no model: what the token may use of it is decided target by target.
  const model = use.model !== null && policy.groups.has(use.model) ? null : use.model;
  return permit(token, { ...use, model });
}

/** What a request wants, and where it came from. */
export interface Standing {
  readonly use: Use;
  readonly address: ReturnType<typeof clientAddress>;
}

/**
 * Puts what is in force now in the place of what the request was judged with, where that is another configuration: true then.
 * Refuses a request that could not be made any more: by its credential, which is known by its id and digest and not by the name
 * of its token, by where it came from, or by what it wants.
 */
export function renewed(service: Service, exchange: Exchange, { use, address }: Standing): boolean {
  const snapshot = inForce(service, service.snapshot);
  const isOther = snapshot.contentDigest !== exchange.snapshot.contentDigest;
  if (isOther) exchange.snapshot = snapshot;
  const { credential: before } = exchange;
  if (before === null) return isOther;
  const found = snapshot.tenant?.credentials.get(before.id);
  if (found?.digest !== before.digest || !isCurrent(found, service.nowMs())) throw new Refused(refuse('token_invalid'));
  if (!isSameCaller(found, before)) throw new Refused(refuse('configuration_changed'));
  exchange.credential = found;
  exchange.token = found.token;
  const { reach } = snapshot;
  const refusal =
    (reach === null ? undefined : permitFrom(reach, found.token, address)) ?? whyNotUse(snapshot, found.token, use);
  if (refusal !== undefined) throw new Refused(refusal);
  return isOther;
}

/** People decided about the request of this token and team. */
function isSameCaller({ token }: CredentialOf, before: CredentialOf): boolean {
  return token.name === before.token.name && token.team === before.token.team;
}

/** What the policies may know of a request: with the headers that they look at, in the name of its token. */
export function factsOf(
  { snapshot, token, route }: Exchange,
  { headers: given }: Pick<IncomingMessage, 'headers'>,
  { model, body }: { readonly model: string | null; readonly body: Json },
): RequestFacts {
  const headers = new Map<string, string>();
  for (const name of snapshot.policy.headersRead) {
    const value = given[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return {
    path: route,
    headers,
    model,
    team: token?.team ?? null,
    role: token?.role ?? null,
    gateway: snapshot.tenant?.identity.gateway ?? 'standalone',
    token: token?.name ?? null,
    authenticated: token !== null,
    body,
  };
}
