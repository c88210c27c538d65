import type { Target } from '../../src/core/policy/index.ts';
import type { Service } from './service.ts';

/** Where a target is asked, or why it cannot be. */
export type TargetPlace =
  | {
      readonly kind: 'open';
      readonly origin: string;
      /** In front of the request's own path. */
      readonly path: string;
      readonly headers: { readonly [name: string]: string };
      readonly simulated: boolean;
    }
  | { readonly kind: 'unavailable'; readonly message: string };

const places = new WeakMap<Target, { readonly origin: string; readonly path: string }>();
const BASE_HEADERS = {
  'content-type': 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'tenantry-gateway',
};

/** The address comes from the signed policy alone, the key from this machine's environment; neither from a client. */
export function placeOf(service: Service, target: Target): TargetPlace {
  const key = keyOf(service, target);
  if (key.missing !== null && service.simulator === null) return { kind: 'unavailable', message: key.missing };
  if (key.missing !== null && service.simulator !== null) {
    return { kind: 'open', origin: service.simulator, path: '', headers: BASE_HEADERS, simulated: true };
  }
  const place = places.get(target) ?? parsed(target);
  const headers = {
    ...BASE_HEADERS,
    ...(target.apiVersion === null ? {} : { 'anthropic-version': target.apiVersion }),
    ...(key.value === null ? {} : { [target.apiKeyHeader]: `${target.apiKeyPrefix}${key.value}` }),
  };
  return { kind: 'open', ...place, headers, simulated: false };
}

function keyOf(service: Service, target: Target): { readonly value: string | null; readonly missing: string | null } {
  const { secret, id } = target;
  if (secret === null) return { value: null, missing: null };
  if (secret.kind === 'store') {
    return {
      value: null,
      missing: `The key of "${id}" is kept in a store that this gateway does not read (${secret.name}).`,
    };
  }
  const value = service.environment(secret.name);
  if (value !== undefined && value !== '') return { value, missing: null };
  return {
    value: null,
    missing: `The environment variable ${secret.name} with the key of "${id}" is not set on the gateway.`,
  };
}

function parsed(target: Target): { readonly origin: string; readonly path: string } {
  const url = new URL(target.baseUrl);
  const place = { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
  places.set(target, place);
  return place;
}
