import { type DecisionEvent, instantText, type OrgSlug, ofKind, type WalletEntry } from '../../core/model/index.ts';
import { formatMoney } from '../../core/wallet/index.ts';
import type { LedgerEntry, OrgStore, RuntimeStore } from '../../ports/index.ts';
import { copyLines, type Span } from './copy.ts';

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
}

/** Usage that has all of its facts in common but for tokens and cost. */
interface Group {
  readonly facts: Pick<DecisionEvent, 'model' | 'target' | 'team' | 'token' | 'configVersion' | 'simulated'>;
  readonly gateway: string;
  readonly day: number;
  /** Null for usage that no wallet paid for: it has no price. */
  readonly paid: Pick<WalletEntry, 'wallet' | 'period' | 'currency'> | null;
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
  const rules = new Map(ofKind(observed.objects, 'Wallet').map(({ id, document }) => [id.name, document.spec]));
  const allPay = (wallet: string): boolean => rules.get(wallet)?.paymentRule === 'all-must-pass';
  const groups = new Map<string, Group>();
  for await (const { gateway, line } of copyLines(parts.runtime, org, span)) {
    if (line?.event.type === 'decision') addDecision(groups, gateway, line.event, allPay);
  }
  const account = { BillingAccountId: parts.fleet, SubAccountId: observed.uid, SubAccountName: org };
  const usage = [...groups.values()].map((group) => ({ ...usageRow(group), ...account }));
  const adjusted = await adjustmentRows(parts.runtime, org, span);
  return [...usage, ...adjusted.map((row) => ({ ...row, ...account }))].sort(byDay);
}

function byDay(a: FocusRow, b: FocusRow): number {
  const [left, right] = [a, b].map((row) =>
    JSON.stringify([row.ChargePeriodStart, row.x_Wallet, row.SkuId, row.x_Token]),
  );
  return (left ?? '') < (right ?? '') ? -1 : left === right ? 0 : 1;
}

function addDecision(
  groups: Map<string, Group>,
  gateway: string,
  event: DecisionEvent,
  allPay: (wallet: string) => boolean,
): void {
  const { model, target, team, token, configVersion, simulated, inputTokens, outputTokens } = event;
  const payments = paymentsOf(event.wallets, allPay);
  if (payments.length === 0 && inputTokens + outputTokens === 0) return;
  const facts = { model, target, team, token, configVersion, simulated };
  const day = Math.floor(event.at / DAY_MS);
  const paid = payments.length === 0 ? [{ account: null, costMicros: 0 }] : payments;
  for (const [index, { account, costMicros }] of paid.entries()) {
    const key = JSON.stringify([day, gateway, facts, account]);
    const group = groups.get(key) ?? emptyGroup({ facts, gateway, day, paid: account });
    groups.set(key, group);
    group.costMicros += costMicros;
    // Its tokens are one request's, whoever shares its cost.
    if (index > 0) continue;
    group.requests += 1;
    group.inputTokens += inputTokens;
    group.outputTokens += outputTokens;
  }
}

const emptyGroup = (facts: Pick<Group, 'facts' | 'gateway' | 'day' | 'paid'>): Group => ({
  ...facts,
  ...{ costMicros: 0, requests: 0, inputTokens: 0, outputTokens: 0 },
});

interface Payment {
  readonly account: Pick<WalletEntry, 'wallet' | 'period' | 'currency'>;
  readonly costMicros: number;
}

/**
 * Who paid what. Where all wallets of a chain must pay, each has the whole cost, and only the first is charged. Nobody for a
 * request whose holds were all released.
 */
function paymentsOf(entries: readonly WalletEntry[], allPay: (wallet: string) => boolean): readonly Payment[] {
  const [first] = entries;
  const charged =
    first !== undefined && allPay(first.wallet) ? entries.filter((item) => item.wallet === first.wallet) : entries;
  const sums = new Map<string, Payment>();
  for (const { wallet, period, currency, settledMicros, excessMicros = 0 } of charged) {
    const key = JSON.stringify([wallet, period, currency]);
    const before = sums.get(key)?.costMicros ?? 0;
    sums.set(key, { account: { wallet, period, currency }, costMicros: before + settledMicros + excessMicros });
  }
  const payments = [...sums.values()];
  return payments.length > 1 ? payments.filter(({ costMicros }) => costMicros > 0) : payments;
}

type AccountColumns = 'BillingAccountId' | 'SubAccountId' | 'SubAccountName';
type RowOfOrg = Omit<FocusRow, AccountColumns>;

function usageRow({ facts, gateway, day, paid, costMicros, requests, inputTokens, outputTokens }: Group): RowOfOrg {
  const cost = paid === null ? null : formatMoney(costMicros);
  const tokens = inputTokens + outputTokens;
  return {
    ...costColumns(cost, paid?.currency ?? null),
    ...periodColumns(day * DAY_MS),
    ChargeCategory: 'Usage',
    ChargeDescription: `${facts.model ?? 'unknown model'} through ${gateway}`,
    ChargeFrequency: 'Usage-Based',
    ConsumedQuantity: tokens,
    ConsumedUnit: 'Tokens',
    PricingQuantity: paid === null ? null : tokens,
    PricingUnit: paid === null ? null : 'Tokens',
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
  let last = 0;
  for (;;) {
    const page = await runtime.ledger(org, { limit: 1000, after: String(last) });
    for (const entry of page) if (entry.at >= fromMs && entry.at < toMs) rows.push(...adjustmentRow(entry));
    last = page.at(-1)?.sequence ?? last;
    if (page.length < 1000) return rows;
  }
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
