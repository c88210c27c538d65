import type { OrgSlug, RepoPath } from '../../model/index.ts';
import { readingsOf, wordsOf } from '../leaks/readings.ts';
import type { LeakValue } from '../leaks/values.ts';
import type { TextFile } from '../rule.ts';
import { decodedMarks, type FleetMarks, LIST } from './codec.ts';
import { openSearch, type ValueTable, valueTable } from './hold.ts';
import { markOf } from './mark.ts';
import { meetingOrgs } from './meet.ts';
import { marksOfWords } from './take.ts';

/** An org as it is known to all others. */
export interface MarkedOrg {
  readonly org: OrgSlug;
  /** As `marksOf` made them. */
  readonly marks: string;
  /** The words that its template brings to every org that is pinned to it; the same set for the same template. */
  readonly common: ReadonlySet<string>;
}

/** Which orgs could be in each other's way, or in a shared file; decided by their facts alone, nobody else's are needed. */
export interface Meetings {
  /** Those whose facts decide. Of all others no fact collides, and no value is held by another org or a shared file. */
  readonly orgs: ReadonlySet<OrgSlug>;
  /** Which of the values (`leakValues` of the facts of `orgs`) each org and each file could hold. */
  readonly suspects: (values: readonly LeakValue[]) => {
    readonly inOrgs: ReadonlyMap<OrgSlug, readonly LeakValue[]>;
    readonly inFiles: ReadonlyMap<RepoPath, readonly LeakValue[]>;
  };
}

/** One value that one holder could hold. */
interface Held<Holder> {
  readonly holder: Holder;
  readonly value: number;
}

/** undefined where marks are damaged: then the orgs must be looked at again. */
export function meetingsOf(orgs: readonly MarkedOrg[], files: readonly TextFile[]): Meetings | undefined {
  const fleet = decodedMarks(orgs.map(({ marks }) => marks));
  if (fleet === undefined) return undefined;
  const table = valueTable(fleet);
  const { inOrgs, inFiles } = heldValues(fleet, table, { orgs, files });
  const needed = new Set(meetingOrgs(fleet));
  for (const { holder, value } of inOrgs) needed.add(holder).add(table.owners[value] ?? holder);
  for (const { value } of inFiles) needed.add(table.owners[value] ?? 0);
  for (const org of sharersWith(table, new Set(inOrgs.map(({ holder }) => holder)))) needed.add(org);
  const slugOf = (org: number): readonly OrgSlug[] => (orgs[org] === undefined ? [] : [orgs[org].org]);
  return {
    orgs: new Set([...needed].flatMap(slugOf)),
    suspects: (values) => {
      const byKey = groupsOf(values, ({ org, text }) => `${markOf(text)} ${org}`);
      const keyOf = (value: number): string => `${table.marks[value]} ${slugOf(table.owners[value] ?? -1)[0]}`;
      const named = inOrgs.flatMap(({ holder, value }) => slugOf(holder).map((org) => ({ holder: org, value })));
      return { inOrgs: byHolder(named, keyOf, byKey), inFiles: byHolder(inFiles, keyOf, byKey) };
    },
  };
}

/** By holder. Two values of an org may share a mark: then the holder could hold either. */
function byHolder<Holder>(
  held: readonly Held<Holder>[],
  keyOf: (value: number) => string,
  values: ReadonlyMap<string, readonly LeakValue[]>,
): ReadonlyMap<Holder, readonly LeakValue[]> {
  const found = groupsOf(held, ({ holder }) => holder);
  const leaksOf = (items: readonly Held<Holder>[]): readonly LeakValue[] => [
    ...new Set(items.flatMap(({ value }) => values.get(keyOf(value)) ?? [])),
  ];
  const named = [...found].map(([holder, items]) => [holder, leaksOf(items)] as const);
  return new Map(named.filter(([, leaks]) => leaks.length > 0));
}

function groupsOf<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function heldValues(
  fleet: FleetMarks,
  table: ValueTable,
  { orgs, files }: { readonly orgs: readonly MarkedOrg[]; readonly files: readonly TextFile[] },
): { readonly inOrgs: readonly Held<number>[]; readonly inFiles: readonly Held<RepoPath>[] } {
  const search = openSearch(table);
  const commons = new Map<ReadonlySet<string>, Uint8Array>();
  const inOrgs = orgs.flatMap(({ common }, holder) => {
    const flags = commons.get(common) ?? search.common(marksOfWords(common));
    commons.set(common, flags);
    const found = search.candidates(fleet.list(holder, LIST.words), flags);
    return found.filter((value) => table.owners[value] !== holder).map((value) => ({ holder, value }));
  });
  const inFiles = files.flatMap(({ path, text }) => {
    const words = new Set(readingsOf(text).flatMap(wordsOf));
    return search.candidates(marksOfWords(words), null).map((value) => ({ holder: path, value }));
  });
  return { inOrgs, inFiles };
}

/**
 * Orgs that have a value of one of the holders. What two orgs have identifies neither, so that whether a value is a holder's
 * own is known only with all who have it. (Who has a value that is held is an owner of it already.)
 */
function* sharersWith(table: ValueTable, holders: ReadonlySet<number>): Iterable<number> {
  if (holders.size === 0) return;
  const values = Array.from({ length: table.count }, (_, value) => value);
  const isOwn = (value: number): boolean => holders.has(table.owners[value] ?? -1);
  const own = new Set(values.filter(isOwn).map((value) => table.marks[value]));
  for (const value of values) if (own.has(table.marks[value])) yield table.owners[value] ?? -1;
}
