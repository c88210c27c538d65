import { publishError } from '../error.ts';
import { isLoopback } from '../http.ts';

/** Where published files lie in an OCI registry. */
export interface OciPlace {
  /** `https://registry.example`; plain http on loopback only. The interface itself is always at /v2/ there. */
  readonly endpoint: string;
  /** Repositories are `<prefix>/<org uid>`; empty: `<org uid>`. */
  readonly prefix: string;
}

/** A name and a password for one registry; the password is only handed to whoever sends it. */
export interface RegistryCredentials {
  readonly username: string;
  /** Host (and port) of the registry that these are for: no other place in fleet.yaml ever gets them. */
  readonly host: string;
  /** The one host that is shown the password: the registry's own, or that of its token server. */
  readonly shownTo: string;
  withSecret<T>(use: (password: string) => T): T;
}

const PREFIX = /^([a-z0-9]+((\.|_|__|-{1,4})[a-z0-9]+){0,20}(\/[a-z0-9]+((\.|_|__|-{1,4})[a-z0-9]+){0,20}){0,5})?$/;
const LONGEST_PREFIX = 200;

/**
 * What the environment says; undefined when it says nothing (a registry that asks for nothing). The environment names the
 * host too, so that whoever can change an address in fleet.yaml does not get the password. PUBLISH_REFUSED for a half of it.
 */
export function registryCredentialsFrom(
  environment: Readonly<Record<string, string | undefined>>,
): RegistryCredentials | undefined {
  const {
    TENANTRY_REGISTRY_HOST: host = '',
    TENANTRY_REGISTRY_USERNAME: username = '',
    TENANTRY_REGISTRY_PASSWORD: password = '',
    TENANTRY_REGISTRY_TOKEN_HOST: tokenHost = '',
  } = environment;
  if (host === '' && username === '' && password === '' && tokenHost === '') return undefined;
  if (host === '' || username === '' || password === '' || username.includes(':')) {
    throw publishError(
      'PUBLISH_REFUSED',
      'expected TENANTRY_REGISTRY_HOST, TENANTRY_REGISTRY_USERNAME (without a colon) and TENANTRY_REGISTRY_PASSWORD in the environment together, found some of them',
    );
  }
  return { username, host, shownTo: tokenHost === '' ? host : tokenHost, withSecret: (use) => use(password) };
}

/**
 * The registry's address, ending in `/v2/`; PUBLISH_PLACE for one that would send credentials or bundles in the clear, or
 * where names of repositories are none.
 */
export function registryBase({ endpoint, prefix }: OciPlace): URL {
  const url = URL.parse(endpoint);
  const isSafe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
  if (!isSafe || url.href !== `${url.origin}/`) {
    throw publishError(
      'PUBLISH_PLACE',
      `expected the https address of a registry without user, path or query, found ${JSON.stringify(endpoint)}`,
    );
  }
  if (prefix.length > LONGEST_PREFIX || !PREFIX.test(prefix)) {
    throw publishError(
      'PUBLISH_PLACE',
      `expected a prefix of lower-case steps as repositories have, found ${JSON.stringify(prefix)}`,
    );
  }
  return new URL('/v2/', url);
}
