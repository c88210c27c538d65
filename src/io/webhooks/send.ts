import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import type { Notifier, WebhookAnswer, WebhookMessage } from '../../ports/index.ts';
import { addressFault, guardedLookup } from './address.ts';

export interface WebhookOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hosts that may be at a private or loopback address, as they stand in URLs, without brackets. */
  readonly allowedHosts: ReadonlySet<string>;
  /** The value of `webhook-signature` by the text of a secret; undefined where that is none. */
  readonly sign: (
    secret: string,
    message: { readonly id: string; readonly seconds: number; readonly body: string },
  ) => string | undefined;
  /** Of one try; 10 seconds by default. */
  readonly timeoutMs?: number;
}

const GONE = 410;
const MOST_ERROR = 200;

/** Sends over https; over http only to a loopback host that is allowed. */
export function webhookNotifier(options: WebhookOptions): Notifier {
  return {
    send: async (message) => {
      const fault = faultOf(message, options);
      if (fault !== null) return notSent(fault);
      const secret = options.environment[message.secretEnv] ?? '';
      if (secret === '') return notSent(`${message.secretEnv} is not set on the machine of the control plane`);
      return post(message, secret, options).catch((cause: Error) => notSent(wordsOf(cause)));
    },
  };
}

const notSent = (error: string, gone = false): WebhookAnswer => ({
  ok: false,
  gone,
  error: error.slice(0, MOST_ERROR),
});

/** The outermost words say "fetch failed" or less; what happened stands in the cause. */
function wordsOf(cause: Error): string {
  if (cause.name === 'TimeoutError') return 'no answer in time';
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

function faultOf({ url: text }: WebhookMessage, { allowedHosts }: WebhookOptions): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '') return 'expected a URL without credentials';
  const host = hostOf(url);
  const isAllowed = allowedHosts.has(host);
  const isPlain = url.protocol === 'http:' && isAllowed && /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
  if (url.protocol !== 'https:' && !isPlain) return 'expected https';
  const address = isIP(host) === 0 ? null : addressFault(host, isAllowed);
  return address === null ? null : `the host is ${address}`;
}

async function post(message: WebhookMessage, secret: string, options: WebhookOptions): Promise<WebhookAnswer> {
  const { id, url, secretEnv, nowMs, body } = message;
  const seconds = Math.floor(nowMs / 1000);
  const signature = options.sign(secret, { id, seconds, body });
  if (signature === undefined)
    return notSent(`${secretEnv} holds no secret of the form whsec_<base64 of 24 to 64 bytes>`);
  const lookup = guardedLookup(options.allowedHosts.has(hostOf(new URL(url))));
  const agent = new Agent({ connections: 1, connect: { lookup } });
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'tenantry',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': signature,
      },
      body,
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
    });
    // What it says is not read: the status alone counts.
    answer.body.on('error', () => undefined).destroy();
    const { statusCode: status } = answer;
    if (status >= 200 && status < 300) return { ok: true };
    const isRedirect = status >= 300 && status < 400;
    return notSent(isRedirect ? `status ${status}: redirects are not followed` : `status ${status}`, status === GONE);
  } finally {
    await agent.destroy();
  }
}
