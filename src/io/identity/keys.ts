import { type Clock, parseJson } from '../../core/model/index.ts';
import type { IdentityKeys, PublicJwk } from '../../ports/index.ts';

const KEPT_MS = 10 * 60_000;
/** An issuer that does not answer is not asked again before this. */
const RETRY_AFTER_MS = 10_000;
const ANSWER_WITHIN_MS = 10_000;
const MOST_BYTES = 256 * 1024;
const MOST_KEYS = 50;

interface Remembered {
  readonly keys: Promise<readonly PublicJwk[]>;
  untilMs: number;
}

/** Asks an issuer for its keys, at most once in ten minutes. */
export function openIdentityKeys(clock: Clock): IdentityKeys {
  const known = new Map<string, Remembered>();
  return {
    keysOf(issuer) {
      const nowMs = clock.nowMs();
      const remembered = known.get(issuer);
      if (remembered !== undefined && nowMs < remembered.untilMs) return remembered.keys;
      const entry: Remembered = { keys: fetchKeys(issuer).catch(() => []), untilMs: nowMs + KEPT_MS };
      known.set(issuer, entry);
      void entry.keys.then((keys) => {
        if (keys.length === 0) entry.untilMs = nowMs + RETRY_AFTER_MS;
      });
      return entry.keys;
    },
  };
}

async function fetchKeys(issuer: string): Promise<readonly PublicJwk[]> {
  const base = issuer.replace(/\/+$/, '');
  const document = (await fetchJson(`${base}/.well-known/openid-configuration`)) as {
    readonly issuer?: unknown;
    readonly jwks_uri?: unknown;
  };
  const { issuer: named, jwks_uri: address } = document;
  if (named !== issuer || typeof address !== 'string' || new URL(address).host !== new URL(issuer).host) return [];
  const { keys } = (await fetchJson(address)) as { readonly keys?: unknown };
  return Array.isArray(keys) ? keys.slice(0, MOST_KEYS).flatMap(toJwk) : [];
}

function toJwk(value: unknown): readonly PublicJwk[] {
  const { kid, kty, n, e } = (value ?? {}) as Record<string, unknown>;
  const texts = [kid, kty, n, e].every((text) => typeof text === 'string');
  return texts ? [{ kid: String(kid), kty: String(kty), n: String(n), e: String(e) }] : [];
}

async function fetchJson(address: string): Promise<object> {
  const { protocol, hostname } = new URL(address);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) return {};
  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!answer.ok || answer.body === null) return {};
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body) {
    bytes += part.length;
    if (bytes > MOST_BYTES) return {};
    parts.push(part);
  }
  const value: unknown = parseJson(Buffer.concat(parts).toString('utf8'));
  return typeof value === 'object' && value !== null ? value : {};
}
