import { ADJUSTMENT_KINDS, type OrgSlug } from '../../core/model/index.ts';
import type { PackAccount, PackIncident, PackSpend } from '../../core/report/index.ts';
import { formatMoney } from '../../core/wallet/index.ts';
import type { LedgerEntry, RuntimeStore } from '../../ports/index.ts';
import type { Span } from '../evidence/index.ts';
import { type NamesOther, toldNote } from './others.ts';
import { isIn, sortedBy, textAt } from './span.ts';

const PAGE = 1000;

/** Every entry of the ledger of a span, oldest first, up to a sequence; without a note that names another org. */
export async function* ledgerOf(
  runtime: Pick<RuntimeStore, 'ledger'>,
  org: OrgSlug,
  { span, through, namesOther }: { readonly span: Span; readonly through: number; readonly namesOther: NamesOther },
): AsyncGenerator<LedgerEntry, void, undefined> {
  let last = 0;
  while (last < through) {
    const page = await runtime.ledger(org, { limit: PAGE, after: String(last) });
    for (const entry of page)
      if (entry.sequence <= through && isIn(span, entry.at)) yield { ...entry, note: toldNote(entry.note, namesOther) };
    last = page.at(-1)?.sequence ?? last;
    if (page.length < PAGE) return;
  }
}

export interface LedgerFacts extends Pick<PackSpend, 'accounts' | 'adjustments'> {
  readonly incidents: readonly PackIncident[];
}

interface Sums {
  settled: number;
  excess: number;
  presumed: number;
  credited: number;
  charged: number;
  added: number;
}

/** Adds an entry after the other up to what a pack says of them. */
export function openBook(): { readonly add: (entry: LedgerEntry) => void; readonly facts: () => LedgerFacts } {
  const accounts = new Map<string, Sums & Pick<LedgerEntry, 'wallet' | 'period' | 'currency'>>();
  const adjustments: PackSpend['adjustments'][number][] = [];
  const incidents: PackIncident[] = [];
  return {
    add(entry) {
      const { wallet, period, currency } = entry;
      const key = JSON.stringify([wallet, period, currency]);
      const nothing = { settled: 0, excess: 0, presumed: 0, credited: 0, charged: 0, added: 0 };
      const sums = accounts.get(key) ?? { wallet, period, currency, ...nothing };
      accounts.set(key, sums);
      book(sums, entry);
      if (ADJUSTMENT_KINDS.some((kind) => kind === entry.reason)) adjustments.push(adjustmentOf(entry));
      if (entry.reason === 'expire') incidents.push(presumedOf(entry));
    },
    facts: () => ({
      accounts: sortedBy(accounts.values(), (row) => `${row.wallet} ${row.period} ${row.currency}`).map(accountOf),
      adjustments,
      incidents,
    }),
  };
}

/** Which sum an entry counts in, and which way; what is leased and given back is no spending. */
const COUNTED: { readonly [reason in LedgerEntry['reason']]: readonly [sum: keyof Sums, sign: 1 | -1] | null } = {
  lease: null,
  release: null,
  settle: ['settled', 1],
  excess: ['excess', 1],
  expire: ['presumed', 1],
  correct: ['presumed', -1],
  credit: ['credited', 1],
  charge: ['charged', 1],
  'top-up': ['added', 1],
  'take-back': ['added', -1],
};

function book(sums: Sums, { reason, amountMicros }: LedgerEntry): void {
  const counted = COUNTED[reason];
  if (counted === null) return;
  const [sum, sign] = counted;
  sums[sum] += sign * amountMicros;
}

function accountOf({ wallet, period, currency, ...sums }: Sums & Omit<PackAccount, keyof Sums>): PackAccount {
  const { settled, excess, presumed, credited, charged, added } = sums;
  return {
    ...{ wallet, period, currency, settled: formatMoney(settled), excess: formatMoney(excess) },
    ...{ presumed: formatMoney(presumed), credited: formatMoney(credited), charged: formatMoney(charged) },
    added: formatMoney(added),
  };
}

function adjustmentOf(entry: LedgerEntry): PackSpend['adjustments'][number] {
  const { at, wallet, period, currency, reason: kind, amountMicros, author, note } = entry;
  const amount = formatMoney(amountMicros);
  return { at: textAt(at) ?? '', wallet, period, currency, kind, amount, author: author ?? '', note };
}

function presumedOf({ at, wallet, currency, amountMicros, gateway, sliceId }: LedgerEntry): PackIncident {
  const words = `${formatMoney(amountMicros)} ${currency} of ${wallet} presumed spent: slice ${sliceId} of ${gateway} ran out unsettled`;
  return { at: textAt(at) ?? '', what: 'presumed-spending', actor: 'control plane', words };
}
