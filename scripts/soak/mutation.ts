// Takes every entry out of the lists that guard something, one at a time, and asks the tests whether they notice.

import { availableParallelism } from 'node:os';
import { type Entry, withoutEntry } from './mutation/entries.ts';
import { type MutationList, mutationLists } from './mutation/lists.ts';
import { HANGS, openTester, type Tester } from './mutation/tester.ts';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

/** Each takes one core and some 500 MB. */
const MOST_TESTERS = 4;
const SHOWN_CHARACTERS = 70;

interface Mutant {
  readonly list: MutationList;
  readonly entry: Entry;
  readonly text: string;
}

/** What the tests said; `by` is the test file that noticed, null for a survivor. */
interface Outcome {
  readonly mutant: Mutant;
  readonly by: string | null;
}

/** Let every tester take work until there is none. Results stand in the order of the work. */
const shareOut = async <Work, Result>(
  testers: readonly Tester[],
  works: readonly Work[],
  done: (tester: Tester, work: Work) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results = new Map<number, Result>();
  const rest = works.entries();
  const takeAll = async (tester: Tester): Promise<void> => {
    for (const [index, work] of rest) results.set(index, await done(tester, work));
  };
  await Promise.all(testers.map(takeAll));
  return works.flatMap((_, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
};

/** The lists whose own tests fail unchanged, or are not there: nothing can be said about those. */
const brokenLists = async (testers: readonly Tester[], lists: readonly MutationList[]): Promise<readonly string[]> => {
  const sets = [...new Map(lists.map((list) => [list.tests.join(' '), list])).values()];
  const found = await shareOut(testers, sets, async (tester, { tests }) => {
    const { failed, files } = await tester.failing(tests);
    if (failed !== null) return [`${tests.join(' ')}: ${failed} fails unchanged`];
    return files === 0 ? [`${tests.join(' ')}: no such tests`] : [];
  });
  return found.flat();
};

const mutantsOf = (tester: Tester, list: MutationList): readonly Mutant[] => {
  const source = tester.read(list.file);
  return list.entries(source).map((entry) => ({ list, entry, text: withoutEntry(source, entry) }));
};

const placeOf = (tester: Tester, { list, entry }: Mutant): string =>
  `${list.file}:${tester.read(list.file).slice(0, entry.start).split('\n').length}`;

const wordsOf = ({ entry }: Mutant): string => entry.text.slice(0, SHOWN_CHARACTERS);

/** `--only <text>` of the command line: lists whose file or kind has this text in it. */
const isWanted = (list: MutationList, only: string | undefined): boolean =>
  only === undefined || `${list.what} ${list.file}`.includes(only);

const resultOf = (lists: readonly MutationList[], outcomes: readonly Outcome[], tester: Tester): SoakResult => {
  const survivors = outcomes.filter(({ by }) => by === null);
  const rows = lists.map((list) => {
    const own = outcomes.filter(({ mutant }) => mutant.list === list);
    const noticed = own.filter(({ by }) => by !== null).length;
    return [list.what, list.file, `${own.length}`, `${noticed}`, own.length === 0 ? 'EMPTY: no entries' : ''];
  });
  const table = alignedTable([['list', 'file', 'entries', 'noticed', ''], ...rows]);
  const named = survivors.map(({ mutant }) => `SURVIVED ${placeOf(tester, mutant)} ${wordsOf(mutant)}\n`);
  // Noticed, unless it was the machine that stood still: worth a look.
  const hung = outcomes.filter(({ by }) => by === HANGS);
  named.push(...hung.map(({ mutant }) => `noticed by no end ${placeOf(tester, mutant)} ${wordsOf(mutant)}\n`));
  const sum = `${outcomes.length} entries, ${survivors.length} not guarded\n`;
  return {
    ok: survivors.length === 0 && rows.every(([, , count]) => count !== '0'),
    table: [table, ...named, sum].join(''),
  };
};

/** Judge mutants by one question each, saying how far it is. */
const judgeAll = (
  testers: readonly [Tester, ...Tester[]],
  mutants: readonly Mutant[],
  say: (text: string) => void,
  noticedBy: (tester: Tester, mutant: Mutant) => Promise<string | null>,
): Promise<readonly Outcome[]> => {
  let count = 0;
  return shareOut(testers, mutants, async (tester, mutant) => {
    const start = performance.now();
    const by = await noticedBy(tester, mutant);
    count += 1;
    const verdict = by === null ? 'NOT NOTICED' : `noticed by ${by}`;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    say(`${count}/${mutants.length} ${placeOf(testers[0], mutant)} ${wordsOf(mutant)}: ${verdict} (${seconds} s)`);
    return { mutant, by };
  });
};

const runOn = async (testers: readonly [Tester, ...Tester[]], options: SoakOptions): Promise<SoakResult> => {
  const lists = mutationLists.filter((list) => isWanted(list, options.only));
  const broken = await brokenLists(testers, lists);
  if (broken.length > 0) return { ok: false, table: `${broken.join('\n')}\n` };
  const [reader] = testers;
  const mutants = lists.flatMap((list) => mutantsOf(reader, list));
  // A question that names nothing would hold whatever is tested.
  if (mutants.length === 0) return { ok: false, table: `No entry of any list is named by "${options.only}".\n` };
  const first = await judgeAll(testers, mutants, options.say, async (tester, { list, text }) => {
    const { failed } = await tester.failing(list.tests, { file: list.file, text });
    return failed;
  });
  const left = first.flatMap(({ mutant, by }) => (by === null ? [mutant] : []));
  if (left.length > 0)
    options.say(`${left.length} not noticed by their own tests; asking every test that imports them`);
  const second = await judgeAll(testers, left, options.say, async (tester, { list, text }) =>
    (await tester.isNoticedElsewhere({ file: list.file, text })) ? 'a test elsewhere' : null,
  );
  const noticed = first.filter(({ by }) => by !== null);
  return resultOf(lists, [...noticed, ...second], reader);
};

const run = async (options: SoakOptions): Promise<SoakResult> => {
  const first = await openTester();
  const testers: [Tester, ...Tester[]] = [first];
  try {
    while (testers.length < Math.min(MOST_TESTERS, availableParallelism())) testers.push(await openTester());
    return await runOn(testers, options);
  } finally {
    for (const tester of testers) tester.close();
  }
};

export const mutation: Soak = { name: 'mutation', title: 'every entry of the guarding lists has a test', run };
