// Reads what the control plane holds of the one org and its one gateway: all of it, past the bounds of a command.

import { type JournalLine, type OrgSlug, orgSlug } from '../../../src/core/model/index.ts';
import { nodeHash } from '../../../src/host/index.ts';
import type { LedgerEntry, LineRow } from '../../../src/ports/index.ts';
import { type State, wireState } from '../../../src/wire.ts';
import type { LoadFleet } from '../../bench/world.ts';

const PAGE = 1000;
/** As fleet.yaml of the fleet says. */
const PATHS = {
  store: { driver: 'sqlite', path: '.tenantry/store.db' },
  publisher: { driver: 'files', path: '.tenantry/bundles' },
} as const;

export interface Known {
  /** Events with a sequence above `from`, in the order of the journal. */
  readonly eventsAfter: (from: number) => Promise<readonly StoredEvent[]>;
  /** Every entry of the ledger, in order. */
  readonly ledger: () => Promise<readonly LedgerEntry[]>;
  /** What the ledger says was spent, over all wallets and periods. */
  readonly spentMicros: () => Promise<number>;
  /** The sequence of the first broken link of the org's history, or null. */
  readonly brokenHistory: () => Promise<number | null>;
}

const slugOf = (fleet: LoadFleet): OrgSlug => {
  const slug = orgSlug(fleet.org);
  if (slug === undefined) throw new Error(`Expected the slug of an org, found ${fleet.org}.`);
  return slug;
};

/** Opened for each question: the processes under test hold the store, and are killed on it. */
const asked = async <T>(fleet: LoadFleet, ask: (state: State, org: OrgSlug) => Promise<T>): Promise<T> => {
  const state = await wireState(fleet.dir, PATHS, nodeHash);
  try {
    return await ask(state, slugOf(fleet));
  } finally {
    state.close();
  }
};

/** A line as it is stored, read. */
export type StoredEvent = Omit<LineRow, 'text'> & Pick<JournalLine, 'event' | 'previous'>;

const readRow = ({ text, ...place }: LineRow): StoredEvent => {
  const { event, previous } = JSON.parse(text) as JournalLine;
  return { ...place, event, previous };
};

/** Pages from the newest backwards until the sequence of the one gateway falls to `from`. */
const eventsAfter = async ({ runtime }: State, org: OrgSlug, from: number): Promise<readonly StoredEvent[]> => {
  const rows: StoredEvent[] = [];
  for (;;) {
    const last = rows.at(-1);
    const after = last === undefined ? {} : { after: String(last.position) };
    const page = (await runtime.events(org, { limit: PAGE, ...after })).map(readRow);
    rows.push(...page);
    if (page.length < PAGE || page.some(({ sequence }) => sequence <= from)) break;
  }
  return rows.filter(({ sequence }) => sequence > from).toReversed();
};

const ledgerOf = async ({ runtime }: State, org: OrgSlug): Promise<readonly LedgerEntry[]> => {
  const entries: LedgerEntry[] = [];
  for (;;) {
    const page = await runtime.ledger(org, { limit: PAGE, after: String(entries.length) });
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
};

export const openKnown = (fleet: LoadFleet): Known => ({
  eventsAfter: (from) => asked(fleet, (state, org) => eventsAfter(state, org, from)),
  ledger: () => asked(fleet, ledgerOf),
  spentMicros: () =>
    asked(fleet, async ({ runtime }, org) => {
      const balances = await runtime.balances(org);
      return balances.reduce((sum, { spentMicros }) => sum + spentMicros, 0);
    }),
  brokenHistory: () => asked(fleet, ({ store }, org) => store.verifyHistory(org)),
});
