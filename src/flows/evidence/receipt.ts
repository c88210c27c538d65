import type { Clock, DecisionEvent } from '../../core/model/index.ts';
import type { OrgStore, Publisher, RuntimeStore } from '../../ports/index.ts';
import type { Outcome } from '../tokens.ts';
import { allLines, readLine } from './copy.ts';
import type { Places, TokenName } from './holdings.ts';
import { newestRevocation, type Revocation, type RevocationParts } from './revocation.ts';
import { publishedSecrets, type Standing, type StandingFacts, standingsAt } from './standing.ts';

/** What an identity of a gateway at which the token worked has made of the revocation. */
export interface ReceiptGateway extends Standing {
  /** The last request that was let in with a secret that is gone, as far as events have come. */
  readonly lastAccepted: AcceptedRequest | null;
  /** When the newest event that has come from it happened. */
  readonly eventsThrough: number | null;
}

export interface AcceptedRequest {
  readonly requestId: string;
  readonly acceptedAt: number;
  readonly endedAt: number;
  readonly status: number;
}

/** What is proved of a revocation; every time is Unix milliseconds. */
export interface RevocationReceipt extends TokenName {
  readonly revoked: Omit<Revocation, keyof Places>;
  /** The org's newest publication; null before the first. */
  readonly published: { readonly generation: number; readonly signedAt: number } | null;
  readonly gateways: readonly ReceiptGateway[];
  /** The denial was ended, and what is published now has a secret that it kept away. */
  readonly worksAgain: boolean;
  /** Each that may have had a secret runs without, or what it had has run out; never once the denial was ended. */
  readonly complete: boolean;
  /** How long after the revocation the last request was let in; 0 where none was, so far. */
  readonly acceptedForMs: number;
}

export interface ReceiptParts extends RevocationParts {
  readonly store: RevocationParts['store'] & Pick<OrgStore, 'publication'>;
  readonly runtime: Pick<RuntimeStore, 'enrolments' | 'lines'>;
  readonly publisher: Pick<Publisher, 'get'>;
  readonly clock: Clock;
}

/** The receipt of the token's newest revocation. Refuses ORG_UNKNOWN, and TOKEN_NOT_REVOKED for one that never lost a secret. */
export async function revocationReceipt(parts: ReceiptParts, of: TokenName): Promise<Outcome<RevocationReceipt>> {
  const { org, token } = of;
  const observed = await parts.store.observe(org);
  if (observed === undefined)
    return {
      ok: false,
      code: 'ORG_UNKNOWN',
      message: `expected an applied org, found ${org}; see \`tenantry status\``,
    };
  const revocation = await newestRevocation(parts, of);
  if (revocation === null) {
    const message = `expected a token of ${org} of which a secret was taken away in what was applied, found ${token}`;
    return { ok: false, code: 'TOKEN_NOT_REVOKED', message };
  }
  const publication = await parts.store.publication(org);
  const enrolments = await parts.runtime.enrolments(org);
  const facts = { revocation, publication, enrolments, uid: observed.uid, nowMs: parts.clock.nowMs() };
  const gateways = await gatewaysOf(parts, of, facts);
  const { places: _, issuedAt: __, endMs: ___, keepsServing: ____, ...revoked } = revocation;
  const isEnded = revoked.endedAt !== null && revoked.secrets.length > 0;
  const accepted = gateways.map(({ lastAccepted }) => lastAccepted?.acceptedAt ?? 0);
  return {
    ok: true,
    value: {
      org,
      token,
      revoked,
      published:
        publication === undefined
          ? null
          : { generation: publication.generation, signedAt: publication.signedAt.targets },
      gateways,
      worksAgain: isEnded && (await isPublishedAgain(parts, facts)),
      complete: !isEnded && gateways.every(({ state }) => state === 'acknowledged' || state === 'gone'),
      acceptedForMs: Math.max(0, ...accepted.map((at) => at - revocation.revokedAt)),
    },
  };
}

/** Whether a gateway is given one of the secrets now, whoever runs under its name. */
async function isPublishedAgain(
  parts: ReceiptParts,
  { revocation, publication, uid }: StandingFacts,
): Promise<boolean> {
  for (const { gateway } of revocation.places) {
    const target = publication?.targets[gateway];
    const held = target === undefined ? null : await publishedSecrets(parts, uid, { gateway, target });
    if (revocation.secrets.some((id) => held?.has(id) === true)) return true;
  }
  return false;
}

/** How each stands, with what the events say of it, in one pass over them. */
async function gatewaysOf(
  parts: ReceiptParts,
  { org, token }: TokenName,
  facts: StandingFacts,
): Promise<readonly ReceiptGateway[]> {
  const found: ReceiptGateway[] = [];
  for (const place of facts.revocation.places)
    for (const standing of await standingsAt(parts, facts, place))
      found.push({ ...standing, lastAccepted: null, eventsThrough: null });
  const secrets = new Set(facts.revocation.secrets);
  for await (const row of allLines(parts.runtime, org)) {
    const event = readLine(row.text)?.event;
    // A journal that began under an earlier identity may go on under the next.
    const own = found.findIndex(({ gateway, enrolment }) => gateway === row.gateway && enrolment === row.chain);
    const at = own >= 0 ? own : found.findLastIndex(({ gateway }) => gateway === row.gateway);
    const standing = found[at];
    if (standing === undefined || event === undefined) continue;
    const eventsThrough = Math.max(standing.eventsThrough ?? 0, event.at);
    const accepted = event.type === 'decision' && isOf(event, token, secrets) ? acceptedBy(event) : null;
    const isLater = accepted !== null && accepted.acceptedAt >= (standing.lastAccepted?.acceptedAt ?? 0);
    found[at] = { ...standing, eventsThrough, ...(isLater ? { lastAccepted: accepted } : {}) };
  }
  return found;
}

/**
 * Whether the request came with one of the secrets, whatever it was decided with. A line that does not say the secret, as
 * gateways wrote them once, counts for each of its token: a receipt may say too much of a leak, and never too little.
 */
function isOf(event: DecisionEvent, token: string, secrets: ReadonlySet<string>): boolean {
  return event.credential === undefined ? event.token === token : secrets.has(event.credential);
}

function acceptedBy({ requestId, at, durationMs, status }: DecisionEvent): AcceptedRequest {
  return { requestId, acceptedAt: at - durationMs, endedAt: at, status };
}
