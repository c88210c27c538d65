import { createHmac } from 'node:crypto';
import type { JournalLine } from '../../src/core/model/index.ts';
import type { Webhook } from '../../src/core/policy/index.ts';
import { deliveryBody, type EventLine, isWanted, type KeptLine, signedText } from '../core/index.ts';
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

/** Posts decisions as JSON, signed with HMAC-SHA256 over the instant and the body where the document names a secret. */
export function createWebhookSink(options: WebhookOptions): SinkDriver {
  const { name, posts, secrets, from, nowMs, timeoutMs = 10_000 } = options;
  const signature = async (webhook: Webhook, body: string): Promise<string | null | { readonly missing: string }> => {
    if (webhook.secret === null) return null;
    const found = await secrets.read(webhook.secret);
    if ('missing' in found) return found;
    const seconds = Math.floor(nowMs() / 1000);
    const mac = createHmac('sha256', found.value).update(signedText(seconds, body)).digest('hex');
    return `t=${seconds},v1=${mac}`;
  };
  return {
    name,
    async deliver(lines) {
      const webhook = options.webhook();
      const wanted = lines.map(eventLine).filter(({ event }) => isWanted(event, webhook.types));
      if (wanted.length === 0) return { kind: 'done' };
      const body = deliveryBody(wanted, from);
      const signed = await signature(webhook, body);
      // Unsigned is no way out: the receiver would have to take it for forged.
      if (signed !== null && typeof signed !== 'string') return { kind: 'again', why: signed.missing };
      const answer = await posts.post({
        url: webhook.url,
        headers: {
          ...webhook.headers,
          'content-type': 'application/json',
          'user-agent': 'tenantry-gateway',
          ...(signed === null ? {} : { 'x-tenantry-signature': signed }),
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
  return { sequence, hash, event: (JSON.parse(text) as JournalLine).event };
}

/** What an answer says of a delivery; a redirect is no receiver. */
export function deliveryOf(answer: Posted): Delivery {
  if ('failed' in answer) return { kind: 'again', why: answer.failed };
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'done' };
  return { kind: status >= 500 || LATER.has(status) ? 'again' : 'refused', why: `status ${status}` };
}
