import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type OrgSlug, orgSlug } from '../src/core/model/index.ts';
import { walletUsage } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { openSqliteStore } from '../src/io/store/index.ts';
import { decisionOf, entryOf, gatewayAt, intentOf } from './evidence.testkit.ts';

// What a wallet is said to have come to, over the real store.

const ACME = orgSlug('acme') as OrgSlug;

it('knows when a wallet reached its thresholds, however many others were reached since', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-usage-'));
  const { orgs, runtime } = openSqliteStore({ path: join(folder, 'store.db'), hash: nodeHash });
  const desk = await gatewayAt(runtime, ACME, 'desk');
  const reach = async (wallet: string, period: string, thresholds: readonly number[]): Promise<void> => {
    const sliceId = `${wallet} ${period}`;
    await desk.lease(sliceId, { wallet, period, thresholds, limitMicros: 100, needMicros: 100 });
    const paid = entryOf(100, { wallet, period, sliceId });
    await desk.ship(intentOf(sliceId, [paid]), decisionOf(sliceId, { wallets: [paid] }));
  };
  await reach('whole', 'total', [50]);
  const many = Array.from({ length: 101 }, (_, percent) => percent);
  for (let day = 10; day < 21; day += 1) await reach('daily', `day-2027-01-${day}`, many);
  const spec = { scope: 'org', currency: 'USD', limit: '100', period: { kind: 'total' }, thresholds: [50] };
  const wallet = { id: { type: 'manifest', kind: 'Wallet', name: 'whole' }, document: { kind: 'Wallet', spec } };
  const observe = async () => ({ objects: [wallet] }) as never;
  const plane = { orgs: { ...orgs, observe }, runtime, clock: { nowMs: () => 0 }, zoneOffset: () => 0 };
  const [usage] = await walletUsage(plane, ACME);
  expect(usage?.[1]).toMatchObject({ spentMicros: 100, thresholds: [{ percent: 50, reachedAt: 2000 }] });
  orgs.close();
  rmSync(folder, { recursive: true, force: true });
});
