import type { OrgSlug } from '../../core/model/index.ts';
import type { HistoryEntry, OrgStore } from '../../ports/index.ts';
import { pages } from './holdings.ts';

/** The newest entries of an org's history, newest first: as many as are asked for, or all there are. */
export async function newestHistory(
  store: Pick<OrgStore, 'history'>,
  org: OrgSlug,
  limit: number,
): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  const all = pages(
    (page) => store.history(org, page),
    ({ sequence }) => sequence,
  );
  for await (const entry of all) {
    entries.push(entry);
    if (entries.length === limit) break;
  }
  return entries;
}
