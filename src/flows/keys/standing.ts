import { byCodeUnit, type OrgUid } from '../../core/model/index.ts';
import type { OrgStore, ReadTree } from '../../ports/index.ts';
import { openFrame, zeroCounters } from '../frame.ts';
import { loadOrgs } from '../org.ts';
import type { Outcome } from '../tokens.ts';

/** The uids of the orgs that the tree has already. One that cannot be rendered has none here, and is not published either. */
export async function standingUids(tree: ReadTree): Promise<readonly OrgUid[]> {
  const frame = await openFrame({ tree, isStrict: () => false, counters: zeroCounters() });
  const loaded = await loadOrgs(frame, [...frame.orgTrees.keys()].sort(byCodeUnit));
  return loaded.flatMap(({ desired }) => (desired === null ? [] : [desired.uid]));
}

/**
 * Refuses new seeds where the store shows orgs that are published: their gateways trust roots of other seeds. SEEDS_ELSEWHERE;
 * the value is how many are published.
 */
export async function newSeedsFit(store: Pick<OrgStore, 'publishedGenerations'>): Promise<Outcome<number>> {
  const published = (await store.publishedGenerations()).size;
  if (published === 0) return { ok: true, value: published };
  const message = `expected the seeds that ${published} published orgs were signed with, found none here`;
  return { ok: false, code: 'SEEDS_ELSEWHERE', message };
}
