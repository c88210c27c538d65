import { isJsonObject, type Json, type JsonObject, valueAt } from '../../model/index.ts';

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
}

const TARGETS = '/spec/document/providers/targets';

/** The targets of a Policy manifest; what has not the shape of a target is left to the policy engine to refuse. */
export function policyTargets(policy: JsonObject): readonly PolicyTarget[] {
  const targets = valueAt(policy, TARGETS);
  if (!Array.isArray(targets)) return [];
  return targets.flatMap((target: Json, index): PolicyTarget[] => {
    if (!isJsonObject(target) || typeof target['id'] !== 'string') return [];
    const secret = secretOf(target['secret_key_ref']);
    const pointer = `${TARGETS}/${index}${secret === null ? '' : '/secret_key_ref'}`;
    return [{ id: target['id'], secret, pointer }];
  });
}

function secretOf(value: Json | undefined): SecretReference | null {
  if (!isJsonObject(value)) return null;
  const { env, store } = value;
  if (typeof env === 'string') return { env };
  return typeof store === 'string' ? { store } : null;
}
