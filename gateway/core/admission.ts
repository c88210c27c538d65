import type { BundleToken } from '../../src/core/model/index.ts';
import { type Refusal, refuse } from './refusal.ts';
import { offeredNames } from './routing.ts';
import type { CredentialOf, Snapshot } from './snapshot.ts';

/** The token text of an `Authorization: Bearer …` header, or undefined. Also taken from `x-api-key`, as Anthropic clients send it. */
export function bearerOf(authorization: string | undefined, apiKey: string | undefined): string | undefined {
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  return apiKey;
}

/** True when there is a credential and it may be used now; a window is open from notBefore until before notAfter. */
export function isCurrent(credential: CredentialOf | undefined, nowMs: number): credential is CredentialOf {
  return credential !== undefined && credential.notBeforeMs <= nowMs && nowMs < credential.notAfterMs;
}

/** May the token use the endpoint's scope and the model it asks for? For a group that is asked per target: `model` null. */
export function permit(token: BundleToken, scope: string, model: string | null): Refusal | undefined {
  if (!token.scopes.includes(scope))
    return refuse('scope_missing', { message: `The token does not have the scope "${scope}".` });
  if (model !== null && token.models !== null && !token.models.includes(model)) return refuse('model_not_allowed');
  return undefined;
}

/** The models and groups that a caller may ask for, in the order of the document. */
export function offeredModels(snapshot: Snapshot, token: BundleToken | null): readonly string[] {
  const allowed = token?.models ?? null;
  return allowed === null ? snapshot.models : offeredNames(snapshot.policy, allowed);
}
