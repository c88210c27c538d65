import { instantText } from '../../core/model/index.ts';
import { walletUsage } from '../../flows/index.ts';
import { answerWith, countOf, requiredOrg, table } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { openState } from '../state.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry events tail --org`: the newest decisions, newest first. */
export const eventsCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const opened = await openState(context);
  try {
    const limit = countOf(flags, 'limit', 50);
    // Every decision has an intent before it, so twice as many rows hold enough of them.
    const page = await opened.state.runtime.events(org, { limit: Math.min(1000, limit * 2) });
    const rows = page.filter(({ event }) => event.type === 'decision').slice(0, limit);
    answerWith(context, { schema: 'tenantry/events/v1', org, events: rows }, () => {
      const cells = rows.flatMap(({ gateway, sequence, event }) =>
        event.type === 'decision'
          ? [
              [
                instantText(event.at),
                gateway,
                String(sequence),
                event.token ?? '-',
                event.model ?? '-',
                String(event.status),
                event.verdict,
                event.reasonCode ?? '-',
              ],
            ]
          : [],
      );
      return cells.length === 0
        ? `No events of ${org}.`
        : table(context, ['AT', 'GATEWAY', 'SEQUENCE', 'TOKEN', 'MODEL', 'STATUS', 'VERDICT', 'REASON'], cells);
    });
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** `tenantry wallet show --org`: limits and the ledger's balances of the running period. */
export const walletCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const opened = await openState(context);
  try {
    const { store, runtime } = opened.state;
    const wallets = await walletUsage({ ...opened, orgs: store, runtime }, org);
    answerWith(context, { schema: 'tenantry/wallets/v1', org, wallets: wallets.map(([, row]) => row) }, () => {
      const cells = wallets.map(([name, row]) => [
        name,
        String(row['period']),
        `${row['limit']} ${row['currency']}`,
        String(row['spent']),
        String(row['leased']),
        String(row['left']),
      ]);
      return cells.length === 0
        ? `${org} has no wallets.`
        : table(context, ['WALLET', 'PERIOD', 'LIMIT', 'SPENT', 'LEASED', 'LEFT'], cells);
    });
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};
