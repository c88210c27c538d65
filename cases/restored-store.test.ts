import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Answered } from '../gateway/io/control.ts';
import { type Journal, openJournal } from '../gateway/io/journal.ts';
import { createShipping, type Shipping } from '../gateway/io/shipping.ts';
import { openShippedCursor } from '../gateway/io/state.ts';
import { createSliceBook, type WalletDesk } from '../gateway/io/wallets.ts';
import { type GatewayEvent, type OrgSlug, orgSlug } from '../src/core/model/index.ts';
import { type AuthenticatedGateway, notifyReviewers, storeEvents } from '../src/flows/control/index.ts';
import { type ControlPlane, verifyEvidence } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { openSqliteStore, type SqliteStore } from '../src/io/store/index.ts';
import { decisionOf, endOf, entryOf, gatewayAt, intentOf, questionOf, refusedOf } from './evidence.testkit.ts';

// A store that is put back from a backup of before, with the file as a backup leaves it: what a gateway delivered since comes
// again by itself, in the order of its journal.

const ACME = orgSlug('acme') as OrgSlug;
let folder = '';
let store: SqliteStore;
let journal: Journal;
let shipping: Shipping;
let warnings: string[];
let applied: readonly object[];
let requests = 100;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-restored-'));
  warnings = [];
  applied = [];
  store = openSqliteStore({ path: join(folder, 'store.db'), hash: nodeHash });
  const desk = await gatewayAt(store.runtime, ACME, 'desk');
  await desk.lease('s1');
  journal = openJournal({ folder: join(folder, 'journal'), hash: nodeHash });
  shipping = createShipping({
    ...{ journal, cursor: openShippedCursor(folder), control: { post }, checkpoint: async () => undefined },
    desk: { spentSlices: () => [] } as unknown as WalletDesk,
    book: createSliceBook({ through: 0, slices: [] }),
    questions: { oldestOpen: () => null },
    log: { info: () => undefined, warn: () => undefined },
    gatherMs: 1 << 30,
  });
});
afterEach(async () => {
  shipping.stop();
  await journal.close();
  store.orgs.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The signed requests of the gateway without their socket. */
async function post(_path: string, body: string): Promise<Answered> {
  requests += 1;
  const row = await store.runtime.gateway(ACME, 'desk');
  const caller = { head: { org: ACME, uid: 'aaaabbbbccccddddeeee' }, row, claim: { sequence: requests } };
  const plane = {
    ...{ runtime: store.runtime, hash: nodeHash, clock: { nowMs: () => 2000 } },
    orgs: { observe: async () => ({ objects: applied }) },
    log: { warn: (text: string) => warnings.push(text) },
    decisions: { wake: () => undefined },
  } as unknown as ControlPlane;
  const answered = await storeEvents(plane, caller as unknown as AuthenticatedGateway, Buffer.from(body));
  return answered.ok ? { kind: 'ok', body: answered.body } : { ...answered, kind: 'refused' };
}

async function deliver(...events: readonly GatewayEvent[]): Promise<boolean> {
  await Promise.all(events.map((event) => journal.append(event)));
  return shipping.drain();
}

function backUp(): void {
  const database = new DatabaseSync(join(folder, 'store.db'));
  database.exec(`VACUUM INTO '${join(folder, 'backup.db')}'`);
  database.close();
}

function putBack(): void {
  store.orgs.close();
  for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `store.db${suffix}`), { force: true });
  copyFileSync(join(folder, 'backup.db'), join(folder, 'store.db'));
  store = openSqliteStore({ path: join(folder, 'store.db'), hash: nodeHash });
}

const spent = async (): Promise<number | undefined> => (await store.runtime.balances(ACME))[0]?.spentMicros;
const faults = async () =>
  (await verifyEvidence({ runtime: store.runtime, hash: nodeHash }, ACME)).faults.map(({ code }) => code);
/** Of questions that the store knows: how they ended. */
const questions = async () =>
  (await store.runtime.escalations(ACME, { limit: 10 })).map(({ id, ended }) => `${id} ${ended}`).sort();

it('gets again what it lost: lines, what they settled of slices that it knows, questions and their ends', async () => {
  expect(await deliver(intentOf('a', [entryOf(0)]), decisionOf('a', { wallets: [entryOf(60)] }), questionOf('b'))).toBe(
    true,
  );
  backUp();
  await deliver(endOf('b', 'lost'), refusedOf('b', { verdict: 'escalate' }), questionOf('c'));
  await deliver(intentOf('d', [entryOf(0)]), decisionOf('d', { wallets: [entryOf(7)] }));
  const before = {
    lines: await store.runtime.lines(ACME, { limit: 100 }),
    spent: await spent(),
    questions: await questions(),
  };
  expect([before.lines.length, before.spent]).toEqual([8, 67]);
  putBack();
  expect([await spent(), await questions()]).toEqual([60, ['esc_b null']]);
  expect(await deliver(intentOf('e'))).toBe(true);
  expect((await store.runtime.lines(ACME, { limit: 100 })).slice(0, 8)).toEqual(before.lines);
  expect([await spent(), await questions(), await faults()]).toEqual([before.spent, before.questions, []]);
  expect(shipping.counters.rewinds).toBe(1);
});

it('does not know slices that were leased since: lines that settled of them are stored, and it says what is not booked', async () => {
  await deliver(intentOf('a', [entryOf(0)]), decisionOf('a', { wallets: [entryOf(60)] }));
  backUp();
  requests += 1;
  const key = { gateway: 'desk', sequence: requests, bodyDigest: nodeHash.sha256('lease') };
  await store.runtime.once(ACME, key, async (tx) => {
    await tx.lease({
      ...{ gateway: 'desk', wallet: 'desk', period: 'month-2027-01-01', periodEnd: null, currency: 'USD' },
      ...{ limitMicros: 1_000_000, thresholds: [], needMicros: 10_000, sliceMicros: 10_000, sliceId: 's2' },
      ...{ nowMs: 900, expiresAt: 9_000_000 },
    });
    return {};
  });
  const wallets = [entryOf(5, { sliceId: 's2' })];
  await deliver(intentOf('b', wallets), decisionOf('b', { wallets }));
  expect([await spent(), warnings]).toEqual([65, []]);
  putBack();
  expect(await deliver(intentOf('c'))).toBe(true);
  expect([await spent(), await faults()]).toEqual([60, ['EVENT_LEDGER_DIFFERS']]);
  expect(warnings).toEqual([expect.stringMatching(/^acme: settlement .* is not booked: unknown-slice$/)]);
});

it('tells reviewers of what comes after under ids that no receiver knows, though messages are counted anew', async () => {
  const channel = { kind: 'webhook', to: 'https://hooks.acme.example', secretEnv: 'WEBHOOK_ACME' };
  const spec = { queue: 'q', slaMinutes: 60, onTimeout: 'deny', notifications: [channel] };
  applied = [{ id: { type: 'manifest', kind: 'Review', name: 'escalations' }, document: { kind: 'Review', spec } }];
  const sent: string[] = [];
  const pass = (nowMs = 2000) =>
    notifyReviewers(
      {
        ...{ runtime: store.runtime, hash: nodeHash, clock: { nowMs: () => nowMs } },
        ...{ decisions: { wake: () => undefined }, directory: { bySlug: async () => undefined } },
      } as unknown as ControlPlane,
      {
        send: async ({ id, body }) => {
          const { type, data } = JSON.parse(body);
          sent.push([id, type, data.id, data.outcome ?? ''].join(' '));
          return { ok: true };
        },
      },
    );
  const ids = () => new Set(sent.map((text) => text.split(' ')[0])).size;
  await deliver(questionOf('b'));
  await pass();
  backUp();
  const move = { id: 'esc_b', by: 'console', key: null, nowMs: 2000 };
  await store.runtime.moveEscalation(ACME, { ...move, verb: 'claim', note: null });
  await store.runtime.moveEscalation(ACME, { ...move, verb: 'resolve', outcome: 'approved', note: 'as it may' });
  await pass();
  putBack();
  await pass(1 << 30);
  expect([sent.length, sent[1], sent[2], ids()]).toEqual([
    ...[3, expect.stringMatching(/ escalation.resolved esc_b approved$/)],
    ...[expect.stringMatching(/ escalation.resolved esc_b denied$/), 3],
  ]);
  putBack();
  await deliver(questionOf('c'));
  await pass();
  expect([sent.length, ids()]).toEqual([4, 4]);
});
