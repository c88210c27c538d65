import { expect, it } from 'vitest';
import { type OrgSlug, orgSlug } from '../../core/model/index.ts';
import { tenantPlace, walletUsage } from './tenant.ts';

const ACME = orgSlug('acme') as OrgSlug;

it('shows of a wallet what was booked in the currency that it has now', async () => {
  const spec = { scope: 'org', currency: 'USD', limit: '100', period: { kind: 'total' }, thresholds: [50] };
  const objects = [{ id: { type: 'manifest', kind: 'Wallet', name: 'org' }, document: { kind: 'Wallet', spec } }];
  const account = { wallet: 'org', period: 'total' };
  const balance = { ...account, leasedMicros: 0, addedMicros: 0 };
  const plane = {
    orgs: { observe: async () => ({ objects }) },
    runtime: {
      balances: async () => [
        { ...balance, currency: 'JPY', spentMicros: 90_000_000_000 },
        { ...balance, currency: 'USD', spentMicros: 5_000_000 },
      ],
      crossings: async (_: OrgSlug, of: { readonly currency: string }) =>
        of.currency === 'JPY' ? [{ ...account, currency: 'JPY', percent: 50, at: 7 }] : [],
    },
    clock: { nowMs: () => 0 },
    zoneOffset: () => 0,
  } as unknown as Parameters<typeof walletUsage>[0];
  const [usage] = await walletUsage(plane, ACME);
  const thresholds = [{ percent: 50, reachedAt: null }];
  expect(usage?.[1]).toMatchObject({ currency: 'USD', spent: '5', left: '95', thresholds });
});

it('shows of events what can be read of them, and apart what is not of its shape', async () => {
  const end = { type: 'escalation-end', id: 'esc_1', at: 1, requestId: 'req_1', outcome: 'lost' };
  const text = (event: object): string => JSON.stringify({ sequence: 1, previous: '0'.repeat(64), event });
  const place = { gateway: 'desk', sequence: 1, hash: 'ab' };
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const deepLine = text({ type: 'intent', id: 'deep' }).replace('"deep"', deep);
  const texts = [text(end), text({ gateway: 'another', hash: 'theirs' }), deepLine, 'gone'];
  const events = async () => texts.map((one, index) => ({ ...place, chain: 1, position: 9 - index, text: one }));
  const [plane, session] = [{ runtime: { events } }, { head: { org: ACME } }] as unknown as [
    Parameters<typeof tenantPlace>[0],
    Parameters<typeof tenantPlace>[1],
  ];
  const page = { limit: undefined, cursor: undefined };
  const shown = await tenantPlace(plane, session, { place: 'events', page });
  // It is an answer: nothing of it is too deep to be written.
  expect(JSON.parse(JSON.stringify(shown))).toMatchObject({
    body: {
      items: [
        { ...place, ...end },
        { ...place, misshapen: expect.stringContaining('/type'), event: { gateway: 'another', hash: 'theirs' } },
        { ...place, misshapen: expect.stringContaining('at most 64 deep'), event: {} },
        { ...place, damaged: true },
      ],
    },
  });
});
