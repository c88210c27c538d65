import type { Target } from '../../src/core/policy/index.ts';
import type { SecretAnswer } from './secrets.ts';
import type { Service } from './service.ts';

/** Where a target is asked, or why it cannot be. */
export type TargetPlace =
  | {
      readonly kind: 'open';
      readonly origin: string;
      /** In front of the request's own path. */
      readonly path: string;
      readonly headers: { readonly [name: string]: string };
      /** What must not be in anything that is handed on; null: no key is sent. */
      readonly key: string | null;
      readonly simulated: boolean;
    }
  /** Its key is not there. */
  | { readonly kind: 'unavailable' };

const places = new WeakMap<Target, { readonly origin: string; readonly path: string }>();
const BASE_HEADERS = {
  'content-type': 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'tenantry-gateway',
};
const NO_SECRET: SecretAnswer = { value: '' };

/** The address comes from the signed policy alone, the key from this machine; neither from a client. */
export async function placeOf(service: Service, target: Target): Promise<TargetPlace> {
  const found = target.secret === null ? NO_SECRET : service.secrets.read(target.secret);
  const key = found instanceof Promise ? await found : found;
  if ('missing' in key) {
    return service.simulator === null
      ? { kind: 'unavailable' }
      : { kind: 'open', origin: service.simulator, path: '', headers: BASE_HEADERS, key: null, simulated: true };
  }
  const place = places.get(target) ?? parsed(target);
  const headers: { [name: string]: string } = { ...BASE_HEADERS, ...target.headers };
  if (target.apiVersion !== null) headers['anthropic-version'] = target.apiVersion;
  if (target.secret !== null) headers[target.apiKeyHeader] = `${target.apiKeyPrefix}${key.value}`;
  return { kind: 'open', ...place, headers, key: target.secret === null ? null : key.value, simulated: false };
}

/** Whether the key of a target is there; null: it needs none. Which key it is, is for the log alone. */
export async function keyOf({ secrets }: Service, { secret }: Target): Promise<'there' | 'missing' | null> {
  if (secret === null) return null;
  return 'missing' in (await secrets.read(secret)) ? 'missing' : 'there';
}

function parsed(target: Target): { readonly origin: string; readonly path: string } {
  const url = new URL(target.baseUrl);
  const place = { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
  places.set(target, place);
  return place;
}
