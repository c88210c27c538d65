import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import type { Log } from '../../ports/index.ts';

export interface GitHubOptions {
  /** `https://api.github.com`, or the address of a server with the same API. */
  readonly api: string;
  readonly owner: string;
  readonly repository: string;
  readonly token: string;
  readonly log: Log;
  /** How long a second of the forge's own waits is; tests make it short. */
  readonly secondMs: number;
}

const REAL_SECOND_MS = 1000;
/** One request is waited for this long; the forge itself gives up after ten seconds. */
const ANSWER_WITHIN_MS = 30_000;
/** A limit that ends later than this is for another run to see. */
const LONGEST_WAIT_SECONDS = 15 * 60;
const MOST_RETRIES = 4;

const Throttled = Octokit.plugin(throttling, retry);
type Client = InstanceType<typeof Throttled>;

/** What the operations of one repository are called on, and with. */
export interface Repo {
  readonly client: Client;
  readonly at: { readonly owner: string; readonly repo: string };
}

/** Octokit that spaces its writes as GitHub asks, waits out both kinds of rate limit, and tries again after a 5xx. */
export function openClient(options: GitHubOptions): Client {
  const { api, token, log, secondMs } = options;
  const isWorthWaiting =
    (kind: string) =>
    (seconds: number, _request: unknown, _octokit: unknown, retryCount: number): boolean => {
      const waits = retryCount < MOST_RETRIES && seconds <= LONGEST_WAIT_SECONDS;
      log.warn(`the forge's ${kind} rate limit is reached; ${waits ? `waiting ${seconds} s` : 'giving up'}`);
      return waits;
    };
  const spacing: object = secondMs < REAL_SECOND_MS ? { write: unspaced, notifications: unspaced } : {};
  return new Throttled({
    auth: token,
    baseUrl: api.replace(/\/+$/, ''),
    userAgent: 'tenantry',
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { fetch: fetchWithin },
    retry: { retries: MOST_RETRIES, retryAfterBaseValue: secondMs },
    throttle: {
      retryAfterBaseValue: secondMs,
      onRateLimit: isWorthWaiting('primary'),
      onSecondaryRateLimit: isWorthWaiting('secondary'),
      ...spacing,
    },
  });
}

const ignore = (): void => undefined;

const fetchWithin: typeof fetch = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });

/** Stands where the plugin has its own spacing of a second between writes, when seconds are short. */
const unspaced = {
  key: () => ({
    schedule: (_options: unknown, work: (...args: unknown[]) => unknown, ...args: unknown[]) => work(...args),
  }),
};
