import { isJsonObject, type Json, type JsonObject, type ObjectId, valueAt } from '../../model/index.ts';
import { urlParts } from '../hosts/host.ts';
import { type OrgView, oncePerOrg, type RuleObject } from '../view.ts';

/** Where a key is found: a variable of the gateway's host, or a path of the secret store. */
export interface SecretReference {
  readonly env?: string;
  readonly store?: string;
}

/** Whom a policy document has asked: a provider target, or a service that a policy of the chain asks. */
export interface PolicyDestination {
  readonly secret: SecretReference | null;
  /** Of the secret, or of the target where it names none. */
  readonly pointer: string;
  /** The host of its base URL; null where it names none: the provider's own. */
  readonly host: string | null;
  readonly urlPointer: string;
}

/** One provider target of a policy document. */
export interface PolicyTarget extends PolicyDestination {
  readonly id: string;
}

const TARGETS = '/spec/document/providers/targets';
const targetsByObject = oncePerOrg(
  (org): ReadonlyMap<ObjectId, readonly PolicyTarget[]> =>
    new Map(org.all('Policy').map(({ id, document }) => [id, targetsIn(document)])),
);

/** The targets of a Policy of the org; what has not the shape of a target is left to the policy engine to refuse. */
export function policyTargets(org: OrgView, policy: Pick<RuleObject, 'id'>): readonly PolicyTarget[] {
  return targetsByObject(org).get(policy.id) ?? [];
}

/** Where the policies that ask other services say which. */
const SERVICES = ['/spec/document/policy/external-moderation', '/spec/document/policy/flagged-review/provider'];
const servicesByObject = oncePerOrg(
  (org): ReadonlyMap<ObjectId, readonly PolicyDestination[]> =>
    new Map(org.all('Policy').map(({ id, document }) => [id, servicesIn(document)])),
);

/** Everybody whom a Policy of the org has asked: its targets, and the services that its policies ask. */
export function policyDestinations(org: OrgView, policy: Pick<RuleObject, 'id'>): readonly PolicyDestination[] {
  return [...policyTargets(org, policy), ...(servicesByObject(org).get(policy.id) ?? [])];
}

function servicesIn(policy: object): readonly PolicyDestination[] {
  return SERVICES.flatMap((pointer) => {
    const block = valueAt(policy as JsonObject, pointer);
    return block !== undefined && isJsonObject(block) ? destinationOf(block, pointer, 'endpoint') : [];
  });
}

function targetsIn(policy: object): readonly PolicyTarget[] {
  const targets = valueAt(policy as JsonObject, TARGETS);
  return Array.isArray(targets) ? targets.flatMap((target: Json, index) => targetOf(target, index)) : [];
}

function targetOf(target: Json, index: number): readonly PolicyTarget[] {
  if (!isJsonObject(target) || typeof target['id'] !== 'string') return [];
  return [{ id: target['id'], ...destinationOf(target, `${TARGETS}/${index}`, 'base_url') }];
}

function destinationOf(block: JsonObject, pointer: string, urlKey: string): PolicyDestination {
  const secret = secretOf(block['secret_key_ref']);
  const url = block[urlKey];
  return {
    secret,
    pointer: `${pointer}${secret === null ? '' : '/secret_key_ref'}`,
    host: typeof url === 'string' ? (urlParts(url)?.host ?? null) : null,
    urlPointer: `${pointer}/${urlKey}`,
  };
}

function secretOf(value: Json | undefined): SecretReference | null {
  if (!isJsonObject(value)) return null;
  const { env, store } = value;
  if (typeof env === 'string') return { env };
  return typeof store === 'string' ? { store } : null;
}
