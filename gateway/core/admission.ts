import { type BundleToken, holds, type NetworkAddress } from '../../src/core/model/index.ts';
import { type Refusal, refuse } from './refusal.ts';
import { offeredNames } from './routing.ts';
import type { CredentialOf, Reach, Snapshot } from './snapshot.ts';

/** The token text of an `Authorization: Bearer …` header, or undefined. Also taken from `x-api-key`, as Anthropic clients send it. */
export function bearerOf(authorization: string | undefined, apiKey: string | undefined): string | undefined {
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  return apiKey;
}

/** True when there is a credential and it may be used now; a window is open from notBefore until before notAfter. */
export function isCurrent(credential: CredentialOf | undefined, nowMs: number): credential is CredentialOf {
  return credential !== undefined && credential.notBeforeMs <= nowMs && nowMs < credential.notAfterMs;
}

/** What a request is about to use. For a group the model is asked per target: `model` null. */
export interface Use {
  readonly scope: string;
  readonly path: string;
  readonly model: string | null;
}

/** May the token use the endpoint, by its scope and its paths, and the model that it asks for? */
export function permit(token: BundleToken, { scope, path, model }: Use): Refusal | undefined {
  if (!token.scopes.includes(scope))
    return refuse('scope_missing', { message: `The token does not have the scope "${scope}".` });
  if (token.paths !== undefined && !token.paths.includes(path)) return refuse('path_not_allowed');
  if (model !== null && token.models !== null && !token.models.includes(model)) return refuse('model_not_allowed');
  return undefined;
}

/** May a request with the token come from the address? One that is not known is in no network. */
export function permitFrom(
  { everyone, ofTokens }: Reach,
  token: BundleToken | null,
  address: NetworkAddress | null,
): Refusal | undefined {
  const own = token === null ? undefined : ofTokens.get(token);
  const isIn = [everyone ?? undefined, own].every(
    (networks) => networks === undefined || (address !== null && networks.some((network) => holds(network, address))),
  );
  return isIn ? undefined : refuse('address_not_allowed');
}

/** The models and groups that a caller may ask for, in the order of the document. */
export function offeredModels(snapshot: Snapshot, token: BundleToken | null): readonly string[] {
  const allowed = token?.models ?? null;
  return allowed === null ? snapshot.models : offeredNames(snapshot.policy, allowed);
}
