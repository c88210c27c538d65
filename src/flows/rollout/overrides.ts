import {
  type Denial,
  type FindingCode,
  type Hold,
  instantMs,
  instantText,
  type ObservedOrg,
  type OrgSlug,
  type Override,
  ofKind,
} from '../../core/model/index.ts';
import { contentsAt } from '../../core/rollout/index.ts';
import type { HistoryEntry, OrgTransaction } from '../../ports/index.ts';
import { type PublishedOrg, type PublishParts, publishInLane, sharedSettings, troubleOf } from '../publish/index.ts';
import type { Outcome } from '../tokens.ts';
import { type Withheld, withheldBy } from './withheld.ts';

const DAY_MS = 24 * 3_600_000;
/** How long an override lasts whose taker says nothing, and at most. */
const DEFAULT_DAYS = 30;
const MOST_DAYS = 90;

/** An override that holds, and what its publication did. */
export interface Taken {
  readonly override: Override;
  /** `before`: it stood already, so nothing new was recorded; what of it was not published yet is all the same. */
  readonly taken: 'now' | 'before';
  /** Of generation 0 where something kept it from being published: recorded it is, and the next publication brings it. */
  readonly published: PublishedOrg;
  /** Of a rollback: what does not come back with the older content. */
  readonly withheld?: readonly Withheld[];
}

/** Who takes an override, why, and until when (absent: thirty days). */
export interface Taking {
  readonly org: OrgSlug;
  readonly actor: string;
  readonly reason: string;
  readonly expiresAt?: number;
}

/**
 * Cuts a token or a gateway of an org off: at the control plane at once, in the bundle of every gateway with the
 * publication that follows (rulings 8 and 15). `name` may say which with `token/` or `gateway/` before it. Where a denial of it
 * holds that does as much, that one stands and no other is recorded.
 */
export async function deny(parts: PublishParts, ask: Taking & { readonly name: string }): Promise<Outcome<Taken>> {
  const { org } = ask;
  const observed = await parts.store.observe(org);
  if (observed === undefined) return unknownOrg(org);
  const listed = Object.keys((await parts.store.publication(org))?.targets ?? {});
  const subject = subjectOf(observed, { given: ask.name, listed });
  if (!subject.ok) return subject;
  const expiry = expiryOf(parts, ask);
  if (!expiry.ok) return expiry;
  const { of, name } = subject.value;
  const standing = await standingDenial(parts, observed, { ...subject.value, expiresAt: ask.expiresAt });
  const denial =
    standing ??
    (await take(parts, { observed, expiresAt: expiry.value, ask }, (facts): Denial => {
      return { ...facts, id: `deny-${facts.generation}`, kind: 'deny', of, name };
    }));
  // An identity that came to be under it goes now; with a new one it goes in the same transaction.
  if (standing !== undefined && of === 'gateway') await parts.runtime.revokeGateway(org, name, parts.clock.nowMs());
  return published(parts, observed, { override: denial, taken: standing === undefined ? 'now' : 'before' });
}

/**
 * A denial that makes another one needless: it holds until what is asked for (within a day of what would be said for who says
 * nothing), and no secret of its token came after it, which it would not outlast.
 */
async function standingDenial(
  { store, clock }: PublishParts,
  { org, objects }: ObservedOrg,
  asked: Pick<Denial, 'of' | 'name'> & { readonly expiresAt: number | undefined },
): Promise<Denial | undefined> {
  const nowMs = clock.nowMs();
  const until = asked.expiresAt ?? nowMs + (DEFAULT_DAYS - 1) * DAY_MS;
  const secrets = ofKind(objects, 'Credentials')
    .flatMap((item) => item.document.spec.tokens)
    .filter(({ token }) => asked.of === 'token' && token === asked.name)
    .map(({ notBefore }) => instantMs(notBefore) ?? 0)
    .filter((fromMs) => fromMs <= nowMs);
  const overrides: readonly Override[] = (await store.delivery(org))?.overrides ?? [];
  return overrides
    .filter((item): item is Denial => item.kind === 'deny')
    .filter(({ of, name }) => of === asked.of && name === asked.name)
    .find(({ expiresAt, createdAt }) => expiresAt >= until && secrets.every((fromMs) => fromMs <= createdAt));
}

function subjectOf(
  { org, objects }: ObservedOrg,
  { given, listed }: { readonly given: string; readonly listed: readonly string[] },
): Outcome<{ readonly of: 'token' | 'gateway'; readonly name: string }> {
  const [, kind, name = given] = /^(token|gateway)\/(.*)$/i.exec(given) ?? [];
  const secrets = new Set(
    ofKind(objects, 'Credentials').flatMap((item) => item.document.spec.tokens.map((t) => t.token)),
  );
  const tokens = ofKind(objects, 'Token')
    .map(({ id }) => id.name)
    .filter((token) => secrets.has(token));
  // One that is published can be cut off, also where somebody took its row away.
  const gateways = [...new Set([...ofKind(objects, 'Gateway').map(({ id }) => id.name), ...listed])];
  const found = (['token', 'gateway'] as const).filter(
    (of) => (kind === undefined || kind.toLowerCase() === of) && (of === 'token' ? tokens : gateways).includes(name),
  );
  const [of, other] = found;
  if (of !== undefined && other === undefined) return { ok: true, value: { of, name } };
  // Without a semicolon, behind which a message says itself what to do.
  const known = `tokens with secrets: ${tokens.join(', ') || 'none'}, gateways: ${gateways.join(', ') || 'none'}`;
  const words = other === undefined ? `found ${given}` : `found both a token and a gateway ${name}`;
  return refused('DENY_UNKNOWN', `expected a token or a gateway of ${org} (${known}), ${words}`);
}

/**
 * Holds the gateways of an org (or one) on what Git wanted them to run at an earlier generation, at once. Never on what tokens
 * were then: their secrets are those that are applied, and what else does not come back is said.
 */
export async function rollBack(
  parts: PublishParts,
  ask: Taking & { readonly to: number; readonly gateway?: string },
): Promise<Outcome<Taken>> {
  const { org, to } = ask;
  const [observed, delivery] = await Promise.all([parts.store.observe(org), parts.store.delivery(org)]);
  if (observed === undefined || delivery === undefined) return unknownOrg(org);
  const names = ofKind(observed.objects, 'Gateway').map(({ id }) => id.name);
  if (ask.gateway !== undefined && !names.includes(ask.gateway))
    return refused('GATEWAY_UNKNOWN', `expected a Gateway of ${org} (${names.join(', ')}), found ${ask.gateway}`);
  const asked = ask.gateway === undefined ? names : [ask.gateway];
  if (asked.length === 0)
    return refused('GATEWAY_UNKNOWN', `expected a gateway of ${org} that can be held, found none`);
  const contents = contentsAt(delivery.releases, to, asked);
  if (to > delivery.highest || Object.keys(contents).length === 0) {
    const releases = delivery.releases.filter(({ gateway }) => asked.includes(gateway));
    const kept = [...new Set(releases.map(({ generation }) => generation))].join(', ');
    return refused(
      'ROLLBACK_UNKNOWN',
      `expected a generation that is kept (${kept || 'none'}), or a later one up to ${delivery.highest}, found ${to}`,
    );
  }
  const expiry = expiryOf(parts, ask);
  if (!expiry.ok) return expiry;
  const override = await take(parts, { observed, expiresAt: expiry.value, ask }, (facts): Hold => {
    return { ...facts, id: `rollback-${facts.generation}`, kind: 'rollback', to, contents, against: null };
  });
  const done = await published(parts, observed, { override, taken: 'now' });
  if (!done.ok) return done;
  const withheld = await withheldBy(parts, observed, override, await sharedSettings(parts));
  return { ok: true, value: { ...done.value, withheld } };
}

/** Ends an override before its time; what Git wants then comes through the rings. */
export async function endOverride(
  parts: PublishParts,
  ask: Omit<Taking, 'expiresAt'> & { readonly id: string },
): Promise<Outcome<Taken>> {
  const { org, id, actor, reason } = ask;
  const observed = await parts.store.observe(org);
  if (observed === undefined) return unknownOrg(org);
  const known = (await parts.store.delivery(org))?.overrides ?? [];
  const found = known.find((item) => item.id === id);
  if (found === undefined)
    return refused(
      'OVERRIDE_UNKNOWN',
      `expected one of ${known.map((item) => item.id).join(', ') || 'none'}, found ${id}`,
    );
  if (found.isInGit)
    return refused('OVERRIDE_UNKNOWN', `${id} is orgs/${org}/pins/${id}.yaml by now: remove that file to end it`);
  const nowMs = parts.clock.nowMs();
  // By its expiry, so that what follows from its end is decided in one place.
  const over: Override = { ...found, expiresAt: nowMs, endedWhy: `ended by ${actor}: ${reason}` };
  await parts.lanes.inLane(observed.uid, () =>
    parts.store.transact(
      org,
      async (tx) => {
        const generation = await tx.allocateGeneration();
        await tx.putOverride(over);
        await record(tx, {
          action: 'end',
          generation,
          at: nowMs,
          actor,
          detail: { override: id, kind: found.kind, because: reason },
        });
      },
      parts.fence,
    ),
  );
  return published(parts, observed, { override: over, taken: 'now' });
}

interface Work {
  readonly observed: ObservedOrg;
  readonly expiresAt: number;
  readonly ask: Taking;
}

type Facts = Omit<Denial, 'id' | 'kind' | 'of' | 'name'>;

/** Stores an override under a generation of its own, with its history entry and the end of an identity that it denies. */
async function take<T extends Override>(parts: PublishParts, work: Work, make: (facts: Facts) => T): Promise<T> {
  const { observed, expiresAt, ask } = work;
  const { org, actor, reason } = ask;
  const nowMs = parts.clock.nowMs();
  return parts.lanes.inLane(observed.uid, () =>
    parts.store.transact(
      org,
      async (tx) => {
        const generation = await tx.allocateGeneration();
        const ends = { isInGit: false, endedAt: null, endedWhy: null };
        const override = make({ generation, actor, reason, createdAt: nowMs, expiresAt, ...ends });
        await tx.putOverride(override);
        // With the denial or not at all: its identity must not outlive it. Its metadata a gateway may read while it is denied, so
        // that it learns of this and stops; see `authenticateReader`.
        if (override.kind === 'deny' && override.of === 'gateway') await tx.revokeGateway(override.name, nowMs);
        const { id, kind } = override;
        const until = instantText(expiresAt);
        const what = override.kind === 'deny' ? { of: override.of, name: override.name } : { to: override.to };
        const detail = { override: id, ...what, because: reason, until };
        await record(tx, { action: kind, generation, at: nowMs, actor, detail });
        return override;
      },
      parts.fence,
    ),
  );
}

async function record(
  tx: OrgTransaction,
  entry: Pick<HistoryEntry, 'action' | 'generation' | 'at' | 'actor' | 'detail'>,
): Promise<void> {
  await tx.appendHistory({ ...entry, commit: null, approval: null, changeDigest: null, planDigest: null });
}

/** What keeps it from being published does not undo what was recorded, so it is a finding beside it and no refusal. */
async function published(
  parts: PublishParts,
  { org, uid }: ObservedOrg,
  recorded: Pick<Taken, 'override' | 'taken'>,
): Promise<Outcome<Taken>> {
  const settings = await sharedSettings(parts);
  const work = parts.lanes.inLane(uid, () => publishInLane(parts, org, settings));
  return { ok: true, value: { ...recorded, published: await work.catch((cause: unknown) => troubleOf(org, cause)) } };
}

function expiryOf({ clock }: PublishParts, { expiresAt }: Taking): Outcome<number> {
  const nowMs = clock.nowMs();
  const until = expiresAt ?? nowMs + DEFAULT_DAYS * DAY_MS;
  if (until > nowMs && until <= nowMs + MOST_DAYS * DAY_MS) return { ok: true, value: until };
  const [from, to] = [instantText(nowMs), instantText(nowMs + MOST_DAYS * DAY_MS)];
  return refused('OVERRIDE_EXPIRY', `expected an end after ${from} and until ${to}, found ${instantText(until)}`);
}

function unknownOrg(org: OrgSlug): Outcome<never> {
  return refused('ORG_UNKNOWN', `expected an applied org, found ${org}; run \`tenantry apply\``);
}

function refused(code: FindingCode, message: string): Outcome<never> {
  return { ok: false, code, message };
}
