import { readFileSync } from 'node:fs';
import type { CommandContext, Flags } from './spec.ts';
import { CommandError, EXIT } from './terminal.ts';
import { liveController } from './through.ts';

/** The control plane as a console of an org reaches it: who acts is the token. */
export interface TenantClient {
  get<Body>(path: string): Promise<Body>;
  post<Body>(path: string, body: object, key: string): Promise<Body>;
}

const ANSWER_WITHIN_MS = 30_000;

/**
 * `--url`, or the controller that runs on the fleet folder; the secret of TENANTRY_TOKEN or `--token-file`, since what
 * stands in a command line is seen by others. Refuses USAGE and CONTROL_PLANE_AWAY.
 */
export async function tenantClient(context: CommandContext, flags: Flags): Promise<TenantClient> {
  const base = await addressOf(context, flags);
  const token = secretOf(flags);
  const ask = async <Body>(path: string, init: RequestInit): Promise<Body> => {
    const headers = { ...init.headers, authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(base + path, { ...init, headers, signal, redirect: 'error' }).catch(() => {
      throw away(`expected an answer of ${base}, found none`);
    });
    return bodyOf<Body>(response, base);
  };
  return {
    get: (path) => ask(path, {}),
    post: (path, body, key) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      }),
  };
}

async function bodyOf<Body>(response: Response, base: string): Promise<Body> {
  type Refused = { readonly error?: { readonly code: string; readonly message: string } };
  const body = (await response.json().catch(() => undefined)) as (Body & Refused) | undefined;
  if (body === undefined) throw away(`expected JSON of ${base}, found status ${response.status}`);
  if (body.error === undefined) return body;
  const { code, message } = body.error;
  if (code === 'NOT_FOUND')
    throw new CommandError(
      EXIT.refused,
      code,
      `expected an id of this org and a token of it, found ${message}; look at --org, the token and \`tenantry escalations list\``,
    );
  throw new CommandError(response.status >= 500 ? EXIT.unavailable : EXIT.refused, code, message);
}

/** Undefined for what is no file, which is no secret either. */
function readIfReadable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const away = (message: string): CommandError =>
  new CommandError(EXIT.unavailable, 'CONTROL_PLANE_AWAY', `${message}; start it, or give its address with --url`);

async function addressOf({ dir }: CommandContext, flags: Flags): Promise<string> {
  const given = flags['url'];
  if (given === undefined) {
    const controller = await liveController(dir);
    if (controller === null) throw away('expected a controller that runs on this folder, found none');
    return controller.url;
  }
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  const isPlain = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url === undefined || !(url.protocol === 'https:' || isPlain) || url.username !== '' || url.search !== '')
    throw new CommandError(EXIT.usage, 'USAGE', 'expected --url to be https, or http on loopback, without credentials');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function secretOf(flags: Flags): string {
  const file = flags['tokenFile'];
  const text = file === undefined ? process.env['TENANTRY_TOKEN'] : readIfReadable(String(file));
  const secret = text?.trim() ?? '';
  if (/^[!-~]{1,300}$/.test(secret)) return secret;
  throw new CommandError(
    EXIT.usage,
    'USAGE',
    'expected the secret of a token with scope console in TENANTRY_TOKEN or in the file of --token-file',
  );
}
