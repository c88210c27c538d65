import { isJsonObject, type Json, type JsonObject, type ObjectId, valueAt } from '../../model/index.ts';
import { urlParts } from '../hosts/host.ts';
import { type OrgView, oncePerOrg, type RuleObject } from '../view.ts';

/** Where a key is found: a variable of the gateway's host, or a path of the secret store. */
export interface SecretReference {
  readonly env?: string;
  readonly store?: string;
}

/** One provider target of a policy document. */
export interface PolicyTarget {
  readonly id: string;
  readonly secret: SecretReference | null;
  /** Of the secret, or of the target where it names none. */
  readonly pointer: string;
  /** The host of its base URL; null where it names none: the provider's own. */
  readonly host: string | null;
  readonly urlPointer: string;
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

function targetsIn(policy: object): readonly PolicyTarget[] {
  const targets = valueAt(policy as JsonObject, TARGETS);
  return Array.isArray(targets) ? targets.flatMap((target: Json, index) => targetOf(target, index)) : [];
}

function targetOf(target: Json, index: number): readonly PolicyTarget[] {
  if (!isJsonObject(target) || typeof target['id'] !== 'string') return [];
  const secret = secretOf(target['secret_key_ref']);
  const base = target['base_url'];
  return [
    {
      id: target['id'],
      secret,
      pointer: `${TARGETS}/${index}${secret === null ? '' : '/secret_key_ref'}`,
      host: typeof base === 'string' ? (urlParts(base)?.host ?? null) : null,
      urlPointer: `${TARGETS}/${index}/base_url`,
    },
  ];
}

function secretOf(value: Json | undefined): SecretReference | null {
  if (!isJsonObject(value)) return null;
  const { env, store } = value;
  if (typeof env === 'string') return { env };
  return typeof store === 'string' ? { store } : null;
}
