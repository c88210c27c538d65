import type { CommitId, ObjectSide, OrgSlug, Override } from '../../core/model/index.ts';
import type { HistoryEntry, OrgStore } from '../../ports/index.ts';
import { appliedObjects } from '../applied.ts';
import type { Span } from './copy.ts';
import {
  type AppliedHolding,
  appliedHoldings,
  appliedTo,
  type HoldingParts,
  holdingOf,
  type Places,
  pages,
  placesOf,
  type TokenName,
  workingTokens,
} from './holdings.ts';

// When a token lost a secret: by a commit that was applied, or by an order to deny it.

/** Where a token's secrets were taken away. */
export interface Revocation extends Places {
  readonly by: 'commit' | 'deny';
  readonly generation: number;
  readonly actor: string;
  /** Null for a denial. */
  readonly commit: CommitId | null;
  /** When the commit was made on the main branch, or the token was denied. */
  readonly revokedAt: number;
  /** When the controller knew it. */
  readonly appliedAt: number;
  /** When a denial was ended, and why; null while it holds, and for a commit. */
  readonly endedAt: number | null;
  readonly endedWhy: string | null;
  /** Ids of the secrets that are gone; of an ended denial, those that it kept away and that stand still. */
  readonly secrets: readonly string[];
}

type Loss = Omit<Revocation, keyof Places>;

export interface RevocationParts extends HoldingParts {
  readonly store: Pick<OrgStore, 'history' | 'overrides' | 'observe'>;
}

/** The newest; null when the token never lost a secret. Throws what git throws for a commit that the clone does not hold. */
export async function newestRevocation(parts: RevocationParts, of: TokenName): Promise<Revocation | null> {
  const [denied, committed] = [await newestDenial(parts, of), await newestCommit(parts, of)];
  const isDenied = denied !== null && denied.generation > (committed?.generation ?? -1);
  const newest = isDenied ? denied : committed;
  if (newest === null) return null;
  const { secrets, generation } = newest;
  const goneAt = isDenied ? generation : null;
  return { ...newest, ...(await placesOf(parts, of, { secrets, goneAt })) };
}

/** A commit that took the last secret of a token away. */
export interface CommittedLoss extends Pick<Revocation, 'actor' | 'revokedAt'> {
  readonly token: string;
}

/** What commits of a span took away, oldest first. Throws what git throws for a commit that the clone does not hold. */
export async function committedLosses(
  parts: HoldingParts,
  org: OrgSlug,
  { fromMs, toMs }: Span,
): Promise<readonly CommittedLoss[]> {
  const losses: CommittedLoss[] = [];
  let newer: {
    readonly entry: HistoryEntry;
    readonly commit: CommitId;
    readonly objects: readonly ObjectSide[];
  } | null = null;
  for await (const { entry, commit } of appliedTo(parts, org, ['Credentials/credentials'])) {
    const after = newer;
    // Nothing is applied before it is committed.
    if (after !== null && after.entry.at < fromMs) break;
    const objects = await appliedObjects(parts, { org, commit });
    newer = { entry, commit, objects };
    if (after === null) continue;
    const { committedAtMs: revokedAt } = await parts.repository.facts(after.commit);
    if (revokedAt < fromMs || revokedAt >= toMs) continue;
    const [had, has] = [objects, after.objects].map((side) => workingTokens(side, after.entry.at));
    for (const token of had ?? [])
      if (has?.has(token) === false) losses.push({ token, actor: after.entry.actor, revokedAt });
  }
  return losses.reverse();
}

async function newestDenial({ store }: RevocationParts, { org, token }: TokenName): Promise<Loss | null> {
  for await (const override of pages(
    (after) => store.overrides(org, after),
    ({ generation }) => generation,
  )) {
    if (!isDenialOf(override, token)) continue;
    const { generation, actor, createdAt, endedAt, endedWhy } = override;
    const held = holdingOf((await store.observe(org))?.objects ?? [], token);
    const kept = [...held.secrets].filter(([, { fromMs }]) => endedAt === null || fromMs <= createdAt);
    const when = { revokedAt: createdAt, appliedAt: createdAt, endedAt, endedWhy: endedAt === null ? null : endedWhy };
    return { by: 'deny', generation, actor, commit: null, ...when, secrets: kept.map(([id]) => id) };
  }
  return null;
}

function isDenialOf(override: Override, token: string): boolean {
  return override.kind === 'deny' && override.of === 'token' && override.name === token;
}

async function newestCommit(parts: RevocationParts, of: TokenName): Promise<Loss | null> {
  let newer: AppliedHolding | null = null;
  for await (const older of appliedHoldings(parts, of)) {
    const after: AppliedHolding | null = newer;
    // One that had run out by then was taken from nobody.
    const gone = [...older.holding.secrets].filter(
      ([id, { endMs }]) => after !== null && !after.holding.secrets.has(id) && endMs > after.entry.at,
    );
    if (after !== null && gone.length > 0) {
      const { committedAtMs } = await parts.repository.facts(after.commit);
      const { generation, actor, at } = after.entry;
      const when = { revokedAt: committedAtMs, appliedAt: at, endedAt: null, endedWhy: null };
      return { by: 'commit', generation, actor, commit: after.commit, ...when, secrets: gone.map(([id]) => id) };
    }
    newer = older;
  }
  return null;
}
