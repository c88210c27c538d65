import type { OrgSlug, OrgUid } from '../core/model/index.ts';
import type { ReadTree, Threads, TreeEntry } from '../ports/index.ts';
import type { JudgedOrg } from './checked-org.ts';
import { type Counters, type Frame, openFrame, zeroCounters } from './frame.ts';
import { type JudgingParts, judgeLoaded, ownersIn } from './judge.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import { snapshotsOf, type TreeSnapshot, treeOf } from './snapshot.ts';
import { openTexts, type Texts } from './texts.ts';

/** What a thread is asked for its share of a check: first to read and render it, then to judge it. */
export type ShardAsk =
  | {
      readonly step: 'load';
      readonly snapshot: TreeSnapshot;
      readonly orgs: readonly OrgSlug[];
      /** As for a whole check. */
      readonly touched: ReadonlySet<string> | null;
    }
  | { readonly step: 'judge'; readonly owners: ReadonlyMap<OrgUid, OrgSlug>; readonly nowMs: number };

/** What a thread answers: the uids of its share, then what it found and the work that took. */
export interface ShardAnswer {
  readonly owners: readonly (readonly [OrgUid, OrgSlug])[];
  readonly checked: readonly (readonly [OrgSlug, JudgedOrg])[];
  readonly counters: Counters;
}

export type ShardThreads = Threads<ShardAsk, ShardAnswer>;

/** Sends each thread its share to read and render; resolves when all are under way, with the uids to come. */
export async function startShards(
  threads: ShardThreads | null,
  shares: readonly (readonly OrgSlug[])[],
  ask: { readonly tree: ReadTree; readonly touched: ReadonlySet<string> | null },
): Promise<readonly Promise<ShardAnswer['owners']>[]> {
  if (threads === null || shares.length === 0) return [];
  const snapshots = await snapshotsOf(ask.tree, shares);
  return snapshots.map(async (snapshot, index) => {
    const load = { step: 'load', snapshot, orgs: shares[index] ?? [], touched: ask.touched } as const;
    return (await threads.run(index, load)).owners;
  });
}

/** Has each thread judge the share that it holds. */
export async function judgeShards(
  threads: ShardThreads | null,
  shares: readonly (readonly OrgSlug[])[],
  known: { readonly owners: ReadonlyMap<OrgUid, OrgSlug>; readonly nowMs: number },
): Promise<readonly ShardAnswer[]> {
  if (threads === null) return [];
  return Promise.all(shares.map((_, index) => threads.run(index, { step: 'judge', ...known })));
}

/** What runs in a thread: answers the asks of one check after the other, with the share in its memory between them. */
export function openShard(parts: JudgingParts): (ask: ShardAsk) => Promise<ShardAnswer> {
  let held:
    | {
        readonly frame: Frame;
        readonly loaded: readonly LoadedOrg[];
        readonly texts: Texts;
        readonly counters: Counters;
      }
    | undefined;
  return async (ask) => {
    if (ask.step === 'load') {
      const isStrict = ({ path }: TreeEntry): boolean => ask.touched === null || ask.touched.has(path);
      const texts = openTexts();
      const reading = { tree: treeOf(ask.snapshot), isStrict, counters: zeroCounters(), inspect: texts.inspect };
      const shared = await openFrame(reading);
      // What all orgs share is counted where the check began; here it is read again only because threads share nothing.
      const counters = zeroCounters();
      const frame: Frame = { ...shared, reading: { ...reading, counters } };
      held = { frame, loaded: await loadOrgs(frame, ask.orgs), texts, counters };
      return { owners: ownersIn(held.loaded), checked: [], counters };
    }
    if (held === undefined) throw new Error('Expected a share to be loaded before it is judged.');
    const { frame, loaded, texts, counters } = held;
    held = undefined;
    return { owners: [], checked: [...judgeLoaded(parts, frame, { loaded, texts, ...ask })], counters };
  };
}
