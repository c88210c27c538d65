import { type Hash, type ObjectSide, type OrgSlug, ofKind } from '../../core/model/index.ts';
import type { HistoryEntry, OrgHead, OrgStore, Repository } from '../../ports/index.ts';
import { appliedObjects } from '../applied.ts';
import { pages } from '../evidence/index.ts';

/** What of an org is applied; of one that was removed, what was applied before that. */
export interface StandingOrg {
  readonly head: OrgHead;
  readonly objects: readonly ObjectSide[];
  readonly removedAt: number | null;
}

/** Head and objects of one generation: they are two reads, and an apply may come between them. */
export async function appliedNow(
  store: Pick<OrgStore, 'heads' | 'observe'>,
  org: OrgSlug,
): Promise<{ readonly head: OrgHead | undefined; readonly objects: readonly ObjectSide[] }> {
  for (;;) {
    const head = (await store.heads()).find((item) => item.org === org);
    const observed = await store.observe(org);
    if (head === undefined || observed === undefined || observed.generation === head.generation)
      return { head, objects: observed?.objects ?? [] };
  }
}

/**
 * Undefined for an org of which git has nothing any more that renders. Throws what git throws for a commit that the clone does
 * not hold.
 */
export async function standingOf(
  parts: { readonly store: Pick<OrgStore, 'history'>; readonly repository: Repository; readonly hash: Hash },
  head: OrgHead,
  applied: readonly ObjectSide[],
): Promise<StandingOrg | undefined> {
  if (isOrg(applied)) return { head, objects: applied, removedAt: null };
  let removedAt: number | null = null;
  for await (const { action, commit, generation, at } of newestFirst(parts, head.org)) {
    if (action === 'offboard') removedAt ??= at;
    if (action === 'offboard' || commit === null) continue;
    const objects = await appliedObjects(parts, { org: head.org, commit });
    if (isOrg(objects)) return { head: { ...head, commit, generation, appliedAtMs: at }, objects, removedAt };
  }
  return undefined;
}

function isOrg(objects: readonly ObjectSide[]): boolean {
  return ofKind(objects, 'Organization').length > 0;
}

function newestFirst(
  { store }: { readonly store: Pick<OrgStore, 'history'> },
  org: OrgSlug,
): AsyncIterable<HistoryEntry> {
  return pages(
    (page) => store.history(org, page),
    ({ sequence }) => sequence,
  );
}
