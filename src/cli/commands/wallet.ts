import { ADJUSTMENT_KINDS, instantText, type JsonObject } from '../../core/model/index.ts';
import {
  type AdjustAsk,
  adjustAsk,
  adjustWallet,
  focusCsv,
  focusRows,
  walletUsage,
  wrongAdjustment,
} from '../../flows/index.ts';
import { answerWith, orgAndName, requiredOrg, spanOf, table } from '../fleet.ts';
import { withLease } from '../lease.ts';
import { actorHere } from '../operate.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { openStore, unknownOrg } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';
import { throughController } from '../through.ts';

/** `tenantry wallet show --org`: limits, the ledger's balances of the running period, and thresholds that were reached. */
export const walletShow: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const opened = await openStore(context);
  try {
    const { store, runtime } = opened.state;
    if ((await store.observe(org)) === undefined) throw unknownOrg(org);
    const wallets = await walletUsage({ ...opened, orgs: store, runtime }, org);
    answerWith(context, { schema: 'tenantry/wallets/v1', org, wallets: wallets.map(([, row]) => row) }, () => {
      const cells = wallets.map(([name, row]) => [
        name,
        String(row['period']),
        `${row['limit']} ${row['currency']}`,
        ...['added', 'spent', 'leased', 'left'].map((column) => String(row[column])),
        reachedText(row),
      ]);
      return cells.length === 0
        ? `${org} has no wallets.`
        : table(context, ['WALLET', 'PERIOD', 'LIMIT', 'ADDED', 'SPENT', 'LEASED', 'LEFT', 'REACHED'], cells);
    });
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

function reachedText(row: JsonObject): string {
  const thresholds = row['thresholds'] as readonly { readonly percent: number; readonly reachedAt: number | null }[];
  const last = thresholds.findLast(({ reachedAt }) => reachedAt !== null);
  return last === undefined ? '-' : `${last.percent} % at ${instantText(last.reachedAt ?? 0)}`;
}

/** What the flow answers. */
interface Adjusted {
  readonly repeated: boolean;
  readonly currency: string;
  readonly period: string;
  readonly author: string;
}

/** `tenantry wallet adjust <org>/<wallet>`: through the running controller where there is one (rulings 11), else under the lease. */
export const walletAdjust: CommandSpec['run'] = async (context, [which = ''], flags) => {
  const { org, name } = orgAndName(which);
  const { kind, amount } = amountOf(flags);
  const { reason, period, currency, id } = flags;
  const body = {
    ...{ org, wallet: name, kind, amount, reason: String(reason ?? ''), id: String(id ?? newId()) },
    ...(period === undefined ? {} : { period: String(period) }),
    ...(currency === undefined ? {} : { currency: String(currency) }),
  };
  const ask = adjustAsk(body);
  if (ask === undefined) throw new CommandError(EXIT.usage, 'USAGE', wrongAdjustment(body));
  const done =
    (await throughController<Adjusted>(context.dir, '/api/v1/fleet/wallets/adjust', body)) ??
    (await adjustHere(context, ask));
  answerWith(context, { schema: 'tenantry/wallet-adjustment/v1', ...done }, () =>
    done.repeated
      ? `Nothing booked: ${ask.id} is booked already.`
      : `Booked: ${kind} of ${amount} ${done.currency} on ${which} in ${done.period}, as ${ask.id}.`,
  );
  return EXIT.ok;
};

function newId(): string {
  return `adj-${crypto.randomUUID()}`;
}

/** The one kind that was given, with its amount. */
function amountOf(flags: Flags): { readonly kind: string; readonly amount: string } {
  const flagOf = (kind: string): string => kind.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const given = ADJUSTMENT_KINDS.filter((kind) => flags[flagOf(kind)] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1)
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected one of ${ADJUSTMENT_KINDS.map((item) => `--${item}`).join(', ')}, found ${given.length}`,
    );
  return { kind, amount: String(flags[flagOf(kind)]) };
}

async function adjustHere(context: CommandContext, ask: AdjustAsk): Promise<Adjusted> {
  const opened = await openStore(context);
  try {
    const { store, runtime } = opened.state;
    const plane = { ...opened, orgs: store, runtime, log: context.terminal.log };
    const done = await withLease(opened, 'wallet adjust', () => adjustWallet(plane, ask, actorHere()));
    if (!done.ok) throw new CommandError(EXIT.refused, done.code, done.message);
    return done.body as Adjusted;
  } finally {
    opened.state.close();
  }
}

/** `tenantry wallet export --org`: chargeback rows in FOCUS columns. */
export const walletExport: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const span = spanOf(flags);
  const opened = await openStore(context);
  try {
    const { store, runtime } = opened.state;
    const parts = { fleet: opened.settings.metadata.name, orgs: store, runtime, log: context.terminal.log };
    const rows = await focusRows(parts, org, span);
    if (rows === undefined) throw unknownOrg(org);
    if (context.format === 'json') answerWith(context, { schema: 'tenantry/focus/v1', org, rows }, () => '');
    else context.terminal.out(focusCsv(rows));
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};
