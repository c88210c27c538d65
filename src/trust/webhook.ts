import { createHmac } from 'node:crypto';

// Standard Webhooks 1.0.0, symmetric scheme: HMAC-SHA256 over `<id>.<seconds>.<body>`, base64, behind `v1,`.

const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
/** During a rotation the new one and the old one, so that either verifies. */
const MOST_SECRETS = 2;

/** The keys in a variable's text: one or two secrets parted by a space; undefined where it holds anything else. */
export function keysIn(text: string): readonly Uint8Array[] | undefined {
  const secrets = text.trim().split(/\s+/);
  const keys = secrets.map((secret) => Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64'));
  const fits = keys.every(({ length }) => length >= LEAST_BYTES && length <= MOST_BYTES);
  return fits && keys.length <= MOST_SECRETS ? keys : undefined;
}

/** What is signed of a message. */
export interface SignedMessage {
  readonly id: string;
  /** Unix seconds of this try. */
  readonly seconds: number;
  readonly body: string;
}

/** The value of `webhook-signature` by the keys in a variable's text; undefined where it holds none. */
export function webhookSignature(secret: string, message: SignedMessage): string | undefined {
  const keys = keysIn(secret);
  return keys && signatureOf(keys, message);
}

/** The value of `webhook-signature`: one signature for each key. */
export function signatureOf(keys: readonly Uint8Array[], { id, seconds, body }: SignedMessage): string {
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`)
    .join(' ');
}
