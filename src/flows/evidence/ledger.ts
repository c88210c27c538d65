import type { DecisionEvent, OrgSlug, WalletEntry } from '../../core/model/index.ts';
import { boundedSettlement, formatMoney, settlementsOf } from '../../core/wallet/index.ts';
import type { RuntimeStore } from '../../ports/index.ts';

/** Micro-units by wallet, period and currency. */
export type SpentSums = Map<string, number>;

const PAGE = 1000;

/** What a line says that wallets paid; undefined where it is no list of entries: lines are kept as they came. */
export function entriesOf({ wallets }: { readonly wallets: unknown }): readonly WalletEntry[] | undefined {
  return Array.isArray(wallets) && wallets.every(isEntry) ? wallets : undefined;
}

function isEntry(value: unknown): value is WalletEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { wallet, period, currency, sliceId = '', settledMicros, excessMicros = 0 } = value as Record<string, unknown>;
  const areTexts = [wallet, period, currency, sliceId].every((text) => typeof text === 'string');
  return areTexts && [settledMicros, excessMicros].every((micros) => Number.isInteger(micros) && Number(micros) >= 0);
}

/**
 * Adds what is booked of what a decision settled of slices; what an `allow` wallet paid without ever having one is in no
 * ledger.
 */
export function decidedSums(sums: SpentSums, event: DecisionEvent): void {
  const wallets = entriesOf(event) ?? [];
  for (const { sliceId, ...amounts } of settlementsOf({ ...event, wallets })) {
    const entry = wallets.find((item) => item.sliceId === sliceId);
    const { settledMicros, excessMicros } = boundedSettlement(amounts);
    if (entry !== undefined) add(sums, [entry.wallet, entry.period, entry.currency], settledMicros + excessMicros);
  }
}

/** Where the ledger, through one of its entries, says otherwise than the decisions, in words. */
export async function compareLedger(
  runtime: Pick<RuntimeStore, 'ledger'>,
  org: OrgSlug,
  { decided, through }: { readonly decided: SpentSums; readonly through: number },
): Promise<readonly string[]> {
  const booked: SpentSums = new Map();
  let last = 0;
  while (last < through) {
    const page = await runtime.ledger(org, { limit: PAGE, after: String(last) });
    for (const { sequence, reason, wallet, period, currency, amountMicros } of page)
      if (sequence <= through && (reason === 'settle' || reason === 'excess'))
        add(booked, [wallet, period, currency], amountMicros);
    last = page.at(-1)?.sequence ?? last;
    if (page.length < PAGE) break;
  }
  return [...new Set([...decided.keys(), ...booked.keys()])].sort().flatMap((key) => {
    const [settled, found] = [decided.get(key) ?? 0, booked.get(key) ?? 0];
    const words = `${key}: decisions settled ${formatMoney(settled)}, the ledger booked ${formatMoney(found)}`;
    return settled === found ? [] : [words];
  });
}

function add(sums: SpentSums, account: readonly string[], micros: number): void {
  if (micros === 0) return;
  const key = account.join(' ');
  sums.set(key, (sums.get(key) ?? 0) + micros);
}
