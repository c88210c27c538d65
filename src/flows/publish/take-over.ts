import type { FindingCode, OrgSlug, Publication } from '../../core/model/index.ts';
import type { HistoryEntry, OrgHead } from '../../ports/index.ts';
import { seenPublication } from '../../trust/index.ts';
import { ownTrouble } from '../trouble.ts';
import { publishInLane } from './one.ts';
import type { PublishParts } from './parts.ts';
import { type SharedSettings, sharedSettings } from './shared.ts';

export interface TakeOverAsk {
  readonly orgs: readonly OrgSlug[];
  readonly actor: string;
  readonly reason: string;
}

/** How one org came out. */
export type TakenOver =
  /** The store was behind, goes on above what was published, and has published under `generation`. */
  | { readonly org: OrgSlug; readonly outcome: 'taken-over'; readonly before: number; readonly generation: number }
  /** What is published is what the store knows, or older. */
  | { readonly org: OrgSlug; readonly outcome: 'not-behind' }
  | { readonly org: OrgSlug; readonly outcome: 'held'; readonly code: FindingCode; readonly message: string };

/**
 * Lets a store that is behind what it published (it was put back from a backup) go on: it learns what readers see, as far as
 * the org's own keys signed it, and publishes above that. A person asks for it, and once: of two stores that publish into one
 * place each would else take the orgs over from the other, for ever and unseen. Who holds no key gains nothing by it, since
 * older files are never taken over.
 */
export async function takeOver(parts: PublishParts, ask: TakeOverAsk): Promise<readonly TakenOver[]> {
  const heads = await parts.store.heads();
  const settings = await sharedSettings(parts);
  const taken: TakenOver[] = [];
  for (const head of heads.filter(({ org }) => ask.orgs.includes(org))) {
    const { org, uid } = head;
    const work = parts.lanes.inLane(uid, () => takeOverOne(parts, head, { ask, settings }));
    taken.push(
      await work.catch((cause: unknown): TakenOver => {
        const known = ownTrouble(cause);
        if (known === undefined) throw cause;
        return { org, outcome: 'held', ...known };
      }),
    );
  }
  return taken;
}

async function takeOverOne(
  parts: PublishParts,
  { org, uid }: OrgHead,
  { ask, settings }: { readonly ask: TakeOverAsk; readonly settings: SharedSettings },
): Promise<TakenOver> {
  const { fleet, publisher, store, fence } = parts;
  const own = await store.publication(org);
  const seen = await seenPublication({ fleet, org: uid, publisher }, own);
  if (!isBehind(own, seen)) return { org, outcome: 'not-behind' };
  const before = own?.generation ?? 0;
  const generation = await store.transact(
    org,
    async (tx) => {
      await tx.putPublication(seen);
      const next = await tx.allocateGeneration(seen.generation);
      await tx.appendHistory(entryOf(parts, ask, { before, published: seen.generation, generation: next }));
      return next;
    },
    fence,
  );
  const { findings } = await publishInLane(parts, org, settings);
  const [first] = findings;
  if (first !== undefined) return { org, outcome: 'held', code: first.code, message: first.message };
  return { org, outcome: 'taken-over', before, generation };
}

function isBehind(own: Publication | undefined, seen: Publication): boolean {
  return seen.snapshotVersion > (own?.snapshotVersion ?? 0) || seen.rootVersion > (own?.rootVersion ?? 0);
}

function entryOf(
  { clock }: PublishParts,
  { actor, reason }: TakeOverAsk,
  { generation, ...numbers }: { readonly before: number; readonly published: number; readonly generation: number },
): Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'> {
  return {
    ...{ at: clock.nowMs(), actor, action: 'take-over', generation, commit: null, approval: null },
    ...{ changeDigest: null, planDigest: null, detail: { ...numbers, because: reason } },
  };
}
