import { type JournalLine, parseJson } from '../../src/core/model/index.ts';
import type { Webhook } from '../../src/core/policy/index.ts';
import { signatureOf, webhookSignature } from '../../src/trust/index.ts';
import { deliveryBody, type EventLine, isWanted, type KeptLine } from '../core/index.ts';
import type { Posted, Posts } from './posts.ts';
import type { Secrets } from './secrets.ts';
import type { Delivery, SinkDriver } from './sink-runner.ts';

export interface WebhookOptions {
  /** As the document in force has it. */
  readonly webhook: () => Webhook;
  readonly name: string;
  readonly posts: Posts;
  readonly secrets: Pick<Secrets, 'read'>;
  readonly from: { readonly org: string | null; readonly gateway: string | null };
  readonly nowMs: () => number;
  readonly timeoutMs?: number;
}

/** Statuses that may be better the next time. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** What is delivered: `id` is that of these lines, again at every try. */
interface Message {
  readonly id: string;
  readonly body: string;
}

type Headers = { readonly [name: string]: string };

/** Posts decisions as JSON, signed like every webhook of ours (Standard Webhooks 1.0.0) where the document names a secret. */
export function createWebhookSink(options: WebhookOptions): SinkDriver {
  const { name, posts, secrets, from, nowMs, timeoutMs = 10_000 } = options;
  const signed = async (webhook: Webhook, { id, body }: Message): Promise<Headers | null> => {
    const seconds = Math.floor(nowMs() / 1000);
    const facts: Headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds) };
    if (webhook.secret === null) return facts;
    const found = await secrets.read(webhook.secret);
    if ('missing' in found) return null;
    const message = { id, seconds, body };
    // A text of another form is a key as it stands.
    const signature =
      webhookSignature(found.value, message) ?? signatureOf([Buffer.from(found.value, 'utf8')], message);
    return { ...facts, 'webhook-signature': signature };
  };
  return {
    name,
    async deliver(lines) {
      const webhook = options.webhook();
      const wanted = lines.map(eventLine).filter(({ event }) => isWanted(event, webhook.types));
      if (wanted.length === 0) return { kind: 'done' };
      const [first, last] = [wanted[0], wanted.at(-1)];
      const body = deliveryBody(wanted, from);
      // By the hash, which nothing else has: gateways of two orgs may have one name, and without a journal lines begin anew at 1.
      const id = `msg_${first?.sequence}_${last?.sequence}_${last?.hash.slice(0, 32)}`;
      const headers = await signed(webhook, { id, body });
      // Unsigned is no way out: the receiver would have to take it for forged.
      if (headers === null) return { kind: 'again', why: 'the secret that signs is not there' };
      const answer = await posts.post({
        owner: name,
        url: webhook.url,
        headers: {
          ...webhook.headers,
          'content-type': 'application/json',
          'user-agent': 'tenantry-gateway',
          ...headers,
        },
        body,
        timeoutMs,
      });
      return deliveryOf(answer);
    },
    close: () => Promise.resolve(),
  };
}

/** The line as the journal has it, with what it says. */
export function eventLine({ sequence, hash, text }: KeptLine): EventLine {
  return { sequence, hash, event: (parseJson(text) as unknown as JournalLine).event };
}

/** What an answer says of a delivery; a redirect is no receiver. */
export function deliveryOf(answer: Posted): Delivery {
  if ('failed' in answer) return { kind: 'again', why: answer.failed };
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'done' };
  return { kind: status >= 500 || LATER.has(status) ? 'again' : 'refused', why: `status ${status}` };
}
