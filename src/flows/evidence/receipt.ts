import { DEFAULT_BUNDLE_LIMITS, readBundle } from '../../core/bundle/index.ts';
import type { DecisionEvent, OrgUid, Publication, PublishedTarget } from '../../core/model/index.ts';
import type { AckRow, OrgStore, Publisher, RuntimeStore } from '../../ports/index.ts';
import { bundleTarget, targetFile } from '../../trust/index.ts';
import type { Outcome } from '../tokens.ts';
import { allLines, readLine } from './copy.ts';
import { newestRevocation, type Revocation, type RevocationParts, type TokenName } from './revocation.ts';

/** What a gateway at which the token worked has made of the revocation. */
export interface ReceiptGateway {
  readonly gateway: string;
  /**
   * waiting: what is published for it still has a secret that is gone. published: it has not, and the gateway has not said that
   * it runs it. acknowledged: it has. gone: nobody is enrolled under the name, or nothing is published for it any more.
   */
  readonly state: 'waiting' | 'published' | 'acknowledged' | 'gone';
  readonly publishedGeneration: number | null;
  /** Since when it runs what has the secret no more, by its own clock; null before it said so. Later content gives a later time. */
  readonly acknowledgedAt: number | null;
  readonly heardAt: number | null;
  /** The last request of the token that was let in with a secret that is gone, as far as events have come. */
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
  readonly revoked: Omit<Revocation, 'gateways'>;
  /** The org's newest publication; null before the first. */
  readonly published: { readonly generation: number; readonly signedAt: number } | null;
  readonly gateways: readonly ReceiptGateway[];
  /** The denial was ended, and what is published now has a secret that it kept away. */
  readonly worksAgain: boolean;
  /** Every gateway at which the token worked runs without its secrets, or is gone; never once the denial was ended. */
  readonly complete: boolean;
  /** How long after the revocation the last request was let in; 0 where none was, so far. */
  readonly acceptedForMs: number;
}

export interface ReceiptParts extends RevocationParts {
  readonly store: RevocationParts['store'] & Pick<OrgStore, 'publication'>;
  readonly runtime: Pick<RuntimeStore, 'acks' | 'gateways' | 'lines'>;
  readonly publisher: Pick<Publisher, 'get'>;
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
  const facts = { revocation, publication, uid: observed.uid };
  const gateways = await gatewaysOf(parts, of, facts);
  const isEnded = revocation.endedAt !== null && revocation.secrets.length > 0;
  const { gateways: _, ...revoked } = revocation;
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

interface Facts {
  readonly revocation: Revocation;
  readonly publication: Publication | undefined;
  readonly uid: OrgUid;
}

async function gatewaysOf(parts: ReceiptParts, of: TokenName, facts: Facts): Promise<readonly ReceiptGateway[]> {
  const acks = new Map((await parts.runtime.acks(of.org)).map((ack) => [ack.gateway, ack]));
  const enrolled = new Set(
    (await parts.runtime.gateways(of.org)).filter(({ revokedAt }) => revokedAt === null).map(({ gateway }) => gateway),
  );
  const standings: ReceiptGateway[] = [];
  for (const gateway of facts.revocation.gateways) {
    const target = facts.publication?.targets[gateway];
    const ack = acks.get(gateway);
    const state = await stateOf(parts, facts, { gateway, target, ack, isEnrolled: enrolled.has(gateway) });
    standings.push({
      gateway,
      state,
      publishedGeneration: target?.generation ?? null,
      acknowledgedAt: state === 'acknowledged' ? (ack?.at ?? null) : null,
      heardAt: ack?.heardAt ?? null,
      lastAccepted: null,
      eventsThrough: null,
    });
  }
  return withEvents(parts, of, { revocation: facts.revocation, standings });
}

/** Whether a gateway is given one of the secrets now, whoever runs under its name. */
async function isPublishedAgain(parts: ReceiptParts, { revocation, publication, uid }: Facts): Promise<boolean> {
  for (const gateway of revocation.gateways) {
    const target = publication?.targets[gateway];
    const held = target === undefined ? null : await publishedSecrets(parts, uid, { gateway, target });
    if (revocation.secrets.some((id) => held?.has(id) === true)) return true;
  }
  return false;
}

interface Seen {
  readonly gateway: string;
  readonly target: PublishedTarget | undefined;
  readonly ack: AckRow | undefined;
  readonly isEnrolled: boolean;
}

async function stateOf(
  parts: ReceiptParts,
  { revocation, uid }: Facts,
  { gateway, target, ack, isEnrolled }: Seen,
): Promise<ReceiptGateway['state']> {
  if (target === undefined || !isEnrolled) return 'gone';
  const held = await publishedSecrets(parts, uid, { gateway, target });
  if (held === null || revocation.secrets.some((id) => held.has(id))) return 'waiting';
  const runsIt = ack?.state === 'active' && ack.contentDigest === target.contentDigest;
  return runsIt ? 'acknowledged' : 'published';
}

/** Ids of the secrets in the bundle that a gateway gets now; null where it is not what was published. */
async function publishedSecrets(
  { publisher, hash }: Pick<ReceiptParts, 'publisher' | 'hash'>,
  uid: OrgUid,
  { gateway, target }: { readonly gateway: string; readonly target: PublishedTarget },
): Promise<ReadonlySet<string> | null> {
  const { sha256 } = target.bundle;
  const bytes = await publisher.get(uid, targetFile(bundleTarget(gateway), sha256));
  if (bytes === undefined || hash.sha256(bytes) !== sha256) return null;
  const read = readBundle(bytes, DEFAULT_BUNDLE_LIMITS, hash);
  if (!read.ok) return null;
  return new Set(read.value.data.tokens.flatMap(({ credentials }) => credentials.map(({ id }) => id)));
}

/** With what the events say of each, in one pass over them. */
async function withEvents(
  { runtime }: Pick<ReceiptParts, 'runtime'>,
  { org, token }: TokenName,
  { revocation, standings }: { readonly revocation: Revocation; readonly standings: readonly ReceiptGateway[] },
): Promise<readonly ReceiptGateway[]> {
  const found = new Map(standings.map((standing) => [standing.gateway, standing]));
  for await (const row of allLines(runtime, org)) {
    const standing = found.get(row.gateway);
    const event = readLine(row.text)?.event;
    if (standing === undefined || event === undefined) continue;
    const eventsThrough = Math.max(standing.eventsThrough ?? 0, event.at);
    const accepted =
      event.type === 'decision' && event.token === token ? acceptedBy(event, revocation, standing) : null;
    const isLater = accepted !== null && accepted.acceptedAt >= (standing.lastAccepted?.acceptedAt ?? 0);
    found.set(row.gateway, { ...standing, eventsThrough, ...(isLater ? { lastAccepted: accepted } : {}) });
  }
  return [...found.values()];
}

/** A request that was decided with what still had the secrets; a later one came with a secret that was issued since. */
function acceptedBy(
  event: DecisionEvent,
  { generation }: Revocation,
  { state }: ReceiptGateway,
): AcceptedRequest | null {
  if (event.generation >= generation && state !== 'waiting') return null;
  const { requestId, at, durationMs, status } = event;
  return { requestId, acceptedAt: at - durationMs, endedAt: at, status };
}
