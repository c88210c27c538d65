import { parseJson } from '../../../core/model/index.ts';
import { publishError } from '../error.ts';
import { bytesOf, isLoopback, type Patience, persistently, within } from '../http.ts';
import { restOf } from '../retry-after.ts';
import type { RegistryCredentials } from './settings.ts';

/** Who may do what in which repository, as the registry's challenges ask for it. */
export interface RegistryAccess {
  /** The Authorization header that is known to serve for the repository, or undefined. */
  header(repository: string): string | undefined;
  /**
   * After a 401: finds out how to answer its challenge. `used` is the header that was refused; where another one is known
   * by now, that one is tried. PUBLISH_REFUSED without credentials that fit, PUBLISH_ELSEWHERE for a challenge that would
   * show them to anybody else than they are for.
   */
  answer(repository: string, challenge: string | null, used: string | undefined): Promise<void>;
}

const TOKEN_LIMIT = { bytes: 64 * 1024, code: 'PUBLISH_UNREACHABLE' } as const;
const CHALLENGE_LIMIT = 4096;
/** Tokens of as many repositories are kept; each is good for one alone. */
const MOST_TOKENS = 64;
/** A token says how long it is good; some say nothing, then it is a minute (distribution, token specification). */
const TOKEN_LIFE_S = 60;
const LONGEST_TOKEN_LIFE_S = 3600;
const TOKEN_MARGIN_S = 10;

interface Token {
  readonly header: string;
  readonly untilMs: number;
}

export function registryAccess(
  registry: URL,
  credentials: RegistryCredentials | undefined,
  { pauseMs }: Patience,
): RegistryAccess {
  const tokens = new Map<string, Token>();
  const asking = new Map<string, Promise<Token>>();
  let basic: string | undefined;

  const header = (repository: string): string | undefined => {
    const token = tokens.get(repository);
    if (token !== undefined && token.untilMs <= performance.now()) tokens.delete(repository);
    return tokens.get(repository)?.header ?? basic;
  };
  const keep = (repository: string, token: Token): void => {
    tokens.delete(repository);
    const [oldest] = tokens.keys();
    if (tokens.size >= MOST_TOKENS && oldest !== undefined) tokens.delete(oldest);
    tokens.set(repository, token);
  };
  /** One question for all who wait for a token of the repository. */
  const tokenFor = (repository: string, realm: URL): Promise<Token> => {
    const known = asking.get(repository);
    if (known !== undefined) return known;
    const question = askForToken(realm, credentials, { pauseMs }).finally(() => asking.delete(repository));
    asking.set(repository, question);
    return question;
  };

  return {
    header,
    async answer(repository, challenge, used) {
      const known = header(repository);
      if (known !== undefined && known !== used) return;
      const asked = challengeIn(challenge);
      if (asked.scheme === 'bearer') {
        keep(repository, await tokenFor(repository, realmFor(registry, credentials, { repository, ...asked })));
        return;
      }
      if (credentials === undefined) throw noCredentials(registry);
      if (credentials.shownTo !== registry.host)
        throw elsewhere(`a question for a token (the password is for ${credentials.shownTo})`, 'one for the password');
      if (basic !== undefined && used === basic)
        throw publishError('PUBLISH_REFUSED', `expected ${registry.host} to take the credentials, found 401`);
      basic = basicHeader(credentials);
    },
  };
}

type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined };

/** The first kind of challenge that can be answered; a token is preferred to showing the password. */
function challengeIn(text: string | null): Challenge {
  const given = (text ?? '').slice(0, CHALLENGE_LIMIT);
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/is.exec(given)?.[1];
  const field = (name: string): string | undefined =>
    new RegExp(`\\b${name}="([^"\\\\]*)"`, 'i').exec(bearer ?? '')?.[1];
  const realm = field('realm');
  if (realm !== undefined) return { scheme: 'bearer', realm, service: field('service') };
  if (/(?:^|,)\s*Basic(?:\s|$)/i.test(given)) return { scheme: 'basic' };
  throw publishError('PUBLISH_REFUSED', 'expected a challenge of the kind Bearer or Basic with the 401, found none');
}

interface Ask {
  readonly repository: string;
  readonly realm: string;
  readonly service: string | undefined;
}

/**
 * Where to ask for a token, and for what: the realm's host must be the one that the password is for, and the scope is the one
 * repository, whatever the challenge says, so that a hostile registry learns neither the password nor a token for more.
 */
function realmFor(
  registry: URL,
  credentials: RegistryCredentials | undefined,
  { repository, realm, service }: Ask,
): URL {
  const url = URL.parse(realm);
  const host = credentials?.shownTo ?? registry.host;
  const isSafe =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url) && isLoopback(registry)));
  if (!isSafe || url.host !== host || url.username !== '')
    throw elsewhere(`a token server at ${host}`, JSON.stringify(realm.slice(0, 200)));
  url.hash = '';
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull,push,delete`);
  return url;
}

async function askForToken(
  realm: URL,
  credentials: RegistryCredentials | undefined,
  patience: Patience,
): Promise<Token> {
  const headers: Record<string, string> = credentials === undefined ? {} : { authorization: basicHeader(credentials) };
  const what = `GET ${realm.host}${realm.pathname}`;
  const answer = await persistently(what, patience, async () => {
    const response = await fetch(realm, { headers, redirect: 'manual', signal: within(patience.signal) });
    return { status: response.status, bytes: await bytesOf(what, response, TOKEN_LIMIT), restMs: restOf(response) };
  });
  if (answer.status === 401 || answer.status === 403)
    throw credentials === undefined
      ? noCredentials(realm)
      : publishError('PUBLISH_REFUSED', `expected ${realm.host} to give out a token, found ${answer.status}`);
  if (answer.status >= 300 && answer.status < 400) throw elsewhere(`a token from ${realm.host}`, 'a redirect');
  const token = answer.status === 200 ? tokenIn(answer.bytes) : undefined;
  if (token !== undefined) return token;
  throw publishError('PUBLISH_UNREACHABLE', `expected a token from ${realm.host}, found status ${answer.status}`);
}

function tokenIn(bytes: Uint8Array): Token | undefined {
  const { token, access_token: other, expires_in: seconds } = jsonObject(bytes);
  const text = token ?? other;
  if (typeof text !== 'string' || !/^[\x21-\x7e]{1,32768}$/.test(text)) return undefined;
  const lifeS = typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, LONGEST_TOKEN_LIFE_S) : TOKEN_LIFE_S;
  // Where it lives no longer than the margin, it serves the request that waits for it.
  const usedMs = Math.max(1, lifeS - TOKEN_MARGIN_S) * 1000;
  return { header: `Bearer ${text}`, untilMs: performance.now() + usedMs };
}

function jsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return (parseJson(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>> | null) ?? {};
  } catch {
    return {};
  }
}

function basicHeader({ username, withSecret }: RegistryCredentials): string {
  return withSecret((password) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
}

function noCredentials({ host }: URL): Error {
  const names = 'TENANTRY_REGISTRY_HOST, TENANTRY_REGISTRY_USERNAME and TENANTRY_REGISTRY_PASSWORD';
  return publishError('PUBLISH_REFUSED', `expected ${names} for ${host} in the environment, found none`);
}

function elsewhere(expected: string, found: string): Error {
  return publishError('PUBLISH_ELSEWHERE', `expected ${expected}, found ${found}`);
}
