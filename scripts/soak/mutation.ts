// Takes every entry out of the lists that guard something, one at a time, and asks the tests whether they notice.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkout, copyCheckout } from './mutation/checkout.ts';
import { type Entry, entriesOf, guardsOf, withoutEntry } from './mutation/entries.ts';
import { type MutationList, mutationLists } from './mutation/lists.ts';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Remove one entry, run the tests, put the entry back. True when some test failed. */
const isNoticed = (checkout: Checkout, list: MutationList, entry: Entry): boolean => {
  const source = checkout.read(list.file);
  checkout.write(list.file, withoutEntry(source, entry));
  try {
    return !checkout.passes('run', list.tests) || !checkout.passes('related', [list.file]);
  } finally {
    checkout.write(list.file, source);
  }
};

const mutateList = (checkout: Checkout, list: MutationList, options: SoakOptions): string[][] => {
  if (!existsSync(join(ROOT, list.file))) return [[list.what, list.file, 'MISSING: no such file']];
  if (!checkout.passes('run', list.tests)) return [[list.what, list.tests.join(' '), 'BROKEN: fails unchanged']];
  const source = checkout.read(list.file);
  const entries = list.list === null ? guardsOf(source) : entriesOf(source, list.list);
  return entries.map((entry) => {
    const noticed = isNoticed(checkout, list, entry);
    options.say(`${list.what} ${entry.text.slice(0, 60)}: ${noticed ? 'noticed' : 'SURVIVED'}`);
    return [list.what, entry.text.slice(0, 60), noticed ? 'noticed' : 'SURVIVED'];
  });
};

/** `--only <text>` of the command line: lists whose file or kind has this text in it. */
const isWanted = (list: MutationList, only: string | undefined): boolean =>
  only === undefined || `${list.what} ${list.file}`.includes(only);

const run = async (options: SoakOptions): Promise<SoakResult> => {
  const checkout = copyCheckout();
  try {
    const rows = mutationLists
      .filter((list) => isWanted(list, options.only))
      .flatMap((list) => mutateList(checkout, list, options));
    const survivors = rows.filter(([, , outcome]) => outcome !== 'noticed').length;
    const table = alignedTable([['list', 'entry taken out', 'tests'], ...rows]);
    return { ok: survivors === 0, table: `${table}${rows.length} entries, ${survivors} not guarded\n` };
  } finally {
    checkout.remove();
  }
};

export const mutation: Soak = { name: 'mutation', title: 'every entry of the guarding lists has a test', run };
