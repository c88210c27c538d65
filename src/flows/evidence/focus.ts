import {
  type DecisionEvent,
  type IntentEvent,
  instantText,
  type OrgSlug,
  type WalletEntry,
} from '../../core/model/index.ts';
import { boundedSettlement, formatMoney } from '../../core/wallet/index.ts';
import type { LedgerEntry, Log, OrgStore, RuntimeStore } from '../../ports/index.ts';
import { allLines, readLine, type Span } from './copy.ts';
import { entriesOf } from './ledger.ts';

/** The columns of FOCUS 1.2 that Tenantry can fill, in its order, and its own, which FOCUS begins with `x_`. */
export const FOCUS_COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'ResourceId',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SubAccountId',
  'SubAccountName',
  'x_InputTokens',
  'x_OutputTokens',
  'x_PolicyVersion',
  'x_Reason',
  'x_Requests',
  'x_Simulated',
  'x_Team',
  'x_Token',
  'x_Wallet',
  'x_WalletPeriod',
] as const;

/** Amounts are decimal texts; null where Tenantry does not know, never 0. */
export type FocusRow = { readonly [column in (typeof FOCUS_COLUMNS)[number]]: string | number | boolean | null };

const DAY_MS = 86_400_000;

export interface FocusParts {
  readonly fleet: string;
  readonly orgs: Pick<OrgStore, 'observe'>;
  readonly runtime: Pick<RuntimeStore, 'lines' | 'ledger'>;
  /** Hears of lines that say nothing that could be charged. */
  readonly log: Pick<Log, 'warn'>;
}

/** What an amount belongs to. */
type Account = Pick<WalletEntry, 'wallet' | 'period' | 'currency'>;

/** Usage that has all of its facts in common but for tokens and cost. */
interface Group {
  readonly facts: Pick<DecisionEvent, 'model' | 'target' | 'team' | 'token' | 'configVersion' | 'simulated'>;
  readonly gateway: string;
  readonly day: number;
  /** Null for usage that no wallet paid for: it has no price. */
  readonly paid: Account | null;
  /** False where no provider told the tokens, or nobody can believe it: what was paid is known, and no count is. */
  readonly isCounted: boolean;
  costMicros: number;
  requests: number;
  inputTokens: number;
  outputTokens: number;
}

/**
 * What an org is to be charged for a span: a row per day (UTC), gateway, model, team, token and wallet, from the decisions of
 * its gateways, and a row per credit and charge that people booked. Undefined for an org that is not applied.
 */
export async function focusRows(parts: FocusParts, org: OrgSlug, span: Span): Promise<readonly FocusRow[] | undefined> {
  const observed = await parts.orgs.observe(org);
  if (observed === undefined) return undefined;
  const groups = await usageGroups(parts, org, span);
  const account = { BillingAccountId: parts.fleet, SubAccountId: observed.uid, SubAccountName: org };
  const usage = [...groups.values()].map((group) => ({ ...usageRow(group), ...account }));
  const adjusted = await adjustmentRows(parts.runtime, org, span);
  return [...usage, ...adjusted.map((row) => ({ ...row, ...account }))].sort(byDay);
}

/** Reads every line: which wallets paid together for what was decided in the span may be said before it. */
async function usageGroups({ runtime, log }: FocusParts, org: OrgSlug, span: Span): Promise<Map<string, Group>> {
  const groups = new Map<string, Group>();
  const open = new Map<string, AlsoPaid>();
  for await (const { gateway, sequence, text } of allLines(runtime, org)) {
    const event = readLine(text)?.event;
    const isIn = event === undefined || (event.at >= span.fromMs && event.at < span.toMs);
    const request = JSON.stringify([gateway, event?.requestId]);
    if (event?.type === 'intent') noteAlsoPaid(open, request, event);
    if (event?.type === 'decision') {
      const alsoPaid = open.get(request) ?? new Map();
      open.delete(request);
      if (!isIn || addDecision(groups, gateway, event, alsoPaid)) continue;
    } else if (event !== undefined || !isIn) continue;
    log.warn(`${org}: line ${sequence} of gateway ${gateway} is not in the export: it is no decision that can be read`);
  }
  return groups;
}

/** Entries of a decision, by their place in it, of wallets that paid the same once more because all of a chain must pay. */
type AlsoPaid = Map<number, string>;

/**
 * An attempt holds of several wallets only where all of them must pay. Its entries stand in the decision where its intent
 * says: after those of earlier attempts, in the same order.
 */
function noteAlsoPaid(open: Map<string, AlsoPaid>, request: string, { wallets, ended }: IntentEvent): void {
  if (!Array.isArray(wallets) || (ended !== undefined && !Array.isArray(ended))) return;
  const alsoPaid = open.get(request) ?? new Map<number, string>();
  for (const [index, entry] of wallets.entries())
    if (entry?.wallet !== wallets[0]?.wallet) alsoPaid.set((ended?.length ?? 0) + index, entry?.wallet);
  if (alsoPaid.size > 0) open.set(request, alsoPaid);
}

function byDay(a: FocusRow, b: FocusRow): number {
  const [left, right] = [a, b].map((row) =>
    JSON.stringify([row.ChargePeriodStart, row.x_Wallet, row.SkuId, row.x_Token]),
  );
  return (left ?? '') < (right ?? '') ? -1 : left === right ? 0 : 1;
}

/** False for a decision that is not of its shape. */
function addDecision(groups: Map<string, Group>, gateway: string, event: DecisionEvent, alsoPaid: AlsoPaid): boolean {
  const { model, target, team, token, configVersion, simulated, inputTokens, outputTokens } = event;
  const entries = entriesOf(event);
  const areCounts = [inputTokens, outputTokens].every((tokens) => Number.isSafeInteger(tokens) && tokens >= 0);
  if (entries === undefined || !areCounts || !hasFacts(event)) return false;
  const payments = paymentsOf(entries.filter(({ wallet }, index) => alsoPaid.get(index) !== wallet));
  if (payments.length === 0 && inputTokens + outputTokens === 0) return true;
  const facts = { model, target, team, token, configVersion, simulated };
  const isCounted = event.usageFlag === undefined;
  const day = Math.floor(event.at / DAY_MS);
  const paid = payments.length === 0 ? [{ account: null, costMicros: 0 }] : payments;
  for (const [index, { account, costMicros }] of paid.entries()) {
    const key = JSON.stringify([day, gateway, facts, isCounted, account]);
    const group = groups.get(key) ?? emptyGroup({ facts, gateway, day, isCounted, paid: account });
    groups.set(key, group);
    group.costMicros += costMicros;
    // Its tokens are one request's, whoever shares its cost.
    if (index > 0) continue;
    group.requests += 1;
    group.inputTokens += inputTokens;
    group.outputTokens += outputTokens;
  }
  return true;
}

/** Nothing that a gateway sent is of its type for being stored: a bill has no column for what is no text. */
function hasFacts({ model, target, team, token, configVersion, simulated }: Group['facts']): boolean {
  const areTexts = [model, target, team, token].every((fact) => fact === null || typeof fact === 'string');
  return areTexts && typeof configVersion === 'string' && typeof simulated === 'boolean';
}

const emptyGroup = (facts: Pick<Group, 'facts' | 'gateway' | 'day' | 'isCounted' | 'paid'>): Group => ({
  ...facts,
  ...{ costMicros: 0, requests: 0, inputTokens: 0, outputTokens: 0 },
});

interface Payment {
  readonly account: Account;
  readonly costMicros: number;
}

/** Who paid what, bounded as the ledger bounds it: for each slice. Nobody for a request that held nothing. */
function paymentsOf(entries: readonly WalletEntry[]): readonly Payment[] {
  const slices = new Map<string, Account & { settledMicros: number; excessMicros: number }>();
  for (const { wallet, period, currency, sliceId = '', settledMicros, excessMicros = 0 } of entries) {
    const key = JSON.stringify([wallet, period, currency, sliceId]);
    const slice = slices.get(key) ?? { wallet, period, currency, settledMicros: 0, excessMicros: 0 };
    slices.set(key, slice);
    slice.settledMicros += settledMicros;
    slice.excessMicros += excessMicros;
  }
  const sums = new Map<string, Payment>();
  for (const slice of slices.values()) {
    const { wallet, period, currency, settledMicros, excessMicros } = boundedSettlement(slice);
    const key = JSON.stringify([wallet, period, currency]);
    const before = sums.get(key)?.costMicros ?? 0;
    sums.set(key, { account: { wallet, period, currency }, costMicros: before + settledMicros + excessMicros });
  }
  const payments = [...sums.values()];
  return payments.length > 1 ? payments.filter(({ costMicros }) => costMicros > 0) : payments;
}

type AccountColumns = 'BillingAccountId' | 'SubAccountId' | 'SubAccountName';
type RowOfOrg = Omit<FocusRow, AccountColumns>;

function usageRow({ facts, gateway, day, paid, isCounted, costMicros, requests, ...sums }: Group): RowOfOrg {
  const cost = paid === null ? null : formatMoney(costMicros);
  const [inputTokens, outputTokens] = isCounted ? [sums.inputTokens, sums.outputTokens] : [null, null];
  const tokens = isCounted ? sums.inputTokens + sums.outputTokens : null;
  const isPriced = paid !== null && isCounted;
  return {
    ...costColumns(cost, paid?.currency ?? null),
    ...periodColumns(day * DAY_MS),
    ChargeCategory: 'Usage',
    ChargeDescription: `${facts.model ?? 'unknown model'} through ${gateway}`,
    ChargeFrequency: 'Usage-Based',
    ConsumedQuantity: tokens,
    ConsumedUnit: isCounted ? 'Tokens' : null,
    PricingQuantity: isPriced ? tokens : null,
    PricingUnit: isPriced ? 'Tokens' : null,
    ProviderName: facts.target,
    ResourceId: gateway,
    SkuId: facts.model,
    x_InputTokens: inputTokens,
    x_OutputTokens: outputTokens,
    x_PolicyVersion: facts.configVersion,
    x_Reason: null,
    x_Requests: requests,
    x_Simulated: facts.simulated,
    x_Team: facts.team,
    x_Token: facts.token,
    x_Wallet: paid?.wallet ?? null,
    x_WalletPeriod: paid?.period ?? null,
  };
}

/** The price book is the price of this customer; what the provider lists is not known here. */
function costColumns(cost: string | null, currency: string | null) {
  return {
    ...{ BilledCost: cost, ContractedCost: cost, EffectiveCost: cost, ListCost: null, BillingCurrency: currency },
    ...{ InvoiceIssuerName: null, ServiceCategory: 'AI and Machine Learning', ServiceName: 'Governed model access' },
  };
}

/** The day of an instant, in the calendar month that it is billed in; all UTC. */
function periodColumns(atMs: number) {
  const start = Math.floor(atMs / DAY_MS) * DAY_MS;
  const day = instantText(start);
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  const text = (y: number, m: number): string =>
    `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-01T00:00:00Z`;
  return {
    ChargePeriodStart: day,
    ChargePeriodEnd: instantText(start + DAY_MS),
    BillingPeriodStart: text(year, month),
    BillingPeriodEnd: month === 12 ? text(year + 1, 1) : text(year, month + 1),
  };
}

async function adjustmentRows(
  runtime: Pick<RuntimeStore, 'ledger'>,
  org: OrgSlug,
  { fromMs, toMs }: Span,
): Promise<readonly RowOfOrg[]> {
  const rows: RowOfOrg[] = [];
  const presumed: Presumed = new Map();
  let last = 0;
  for (;;) {
    const page = await runtime.ledger(org, { limit: 1000, after: String(last) });
    for (const entry of page) {
      const charged = withoutPresumed(presumed, entry);
      if (entry.at >= fromMs && entry.at < toMs && charged.amountMicros > 0) rows.push(...adjustmentRow(charged));
    }
    last = page.at(-1)?.sequence ?? last;
    if (page.length < 1000) return rows;
  }
}

/** What is presumed to be spent and not yet corrected, by wallet, period and currency. */
type Presumed = Map<string, number>;

/** The entry without what it credits of presumed spending: that was never charged, so it is no credit of a charge. */
function withoutPresumed(presumed: Presumed, entry: LedgerEntry): LedgerEntry {
  const { reason, amountMicros } = entry;
  if (reason !== 'expire' && reason !== 'correct' && reason !== 'credit') return entry;
  const key = JSON.stringify([entry.wallet, entry.period, entry.currency]);
  const before = presumed.get(key) ?? 0;
  const taken = Math.min(before, amountMicros);
  presumed.set(key, reason === 'expire' ? before + amountMicros : before - taken);
  return reason === 'credit' ? { ...entry, amountMicros: amountMicros - taken } : entry;
}

function adjustmentRow({ reason, amountMicros, currency, wallet, period, note, author, at }: LedgerEntry): RowOfOrg[] {
  if (reason !== 'credit' && reason !== 'charge') return [];
  const isCredit = reason === 'credit';
  const nothing = { ProviderName: null, ResourceId: null, SkuId: null, x_Team: null, x_Token: null };
  const noTokens = { ConsumedQuantity: null, ConsumedUnit: null, PricingQuantity: null, PricingUnit: null };
  return [
    {
      ...costColumns(formatMoney(isCredit ? -amountMicros : amountMicros), currency),
      ...periodColumns(at),
      ...nothing,
      ...noTokens,
      ChargeCategory: isCredit ? 'Credit' : 'Adjustment',
      ChargeDescription: `${reason} by ${author ?? 'unknown'}`,
      ChargeFrequency: 'One-Time',
      x_InputTokens: null,
      x_OutputTokens: null,
      x_PolicyVersion: null,
      x_Reason: note,
      x_Requests: null,
      x_Simulated: false,
      x_Wallet: wallet,
      x_WalletPeriod: period,
    },
  ];
}

/** RFC 4180 with a header; null is an empty field. A text that a spreadsheet would run as a formula gets a quote in front. */
export function focusCsv(rows: readonly FocusRow[]): string {
  const field = (value: FocusRow[(typeof FOCUS_COLUMNS)[number]]): string => {
    if (value === null) return '';
    const text = String(value);
    const isNumber = typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(text);
    const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = rows.map((row) => FOCUS_COLUMNS.map((column) => field(row[column])).join(','));
  return [FOCUS_COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}
