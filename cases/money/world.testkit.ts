import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Answered } from '../../gateway/io/control.ts';
import {
  type BundleWallet,
  type CommitId,
  type DesiredObject,
  type JournalLine,
  type JsonObject,
  type OrgSlug,
  type OrgUid,
  orgSlug,
  type RepoPath,
  type Sha256Hex,
  type WalletPeriod,
} from '../../src/core/model/index.ts';
import { formatMoney, periodOf } from '../../src/core/wallet/index.ts';
import {
  type Answer,
  type ControlPlane,
  expireLeases,
  leaseWallet,
  settleWallets,
  storeEvents,
  verifyEvidence,
} from '../../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../../src/host/index.ts';
import { openSqliteStore, type SqliteStore } from '../../src/io/store/index.ts';
import type { LedgerEntry, OrgHead, WalletBalance } from '../../src/ports/index.ts';
import { type MoneyGateway, openGateway, type Running } from './gateway.testkit.ts';

// Three gateways, one control plane, one clock that a test moves: real purses, desks, books, journals, flows and SQLite in one
// process. Only the wire between them is a function, which loses what a test says, and SIGKILL is a copy of the disk.

export const ACME = orgSlug('acme') as OrgSlug;
export const GATEWAYS = ['one', 'two', 'three'] as const;
export const MINUTE_MS = 60_000;
/** How far a clock jumps at most. */
export const MOST_JUMP_MINUTES = 600;
/** A slice that a control plane gave whose clock was far ahead. */
const LONGEST_SLICE_MS = (MOST_JUMP_MINUTES + 90) * MINUTE_MS;
const START_MS = Date.parse('2027-01-04T09:00:00Z');
const PERIOD: WalletPeriod = { kind: 'day', timeZone: 'Europe/Berlin', anchorDay: 1 };

export interface WalletSetting {
  readonly limitMicros: number;
  readonly rule: 'first-that-can-pay' | 'all-must-pass';
}

/** How the wire treats the next message of a gateway. */
export type Fate = 'delivered' | 'lost' | 'answer-lost';

export interface MoneyWorld {
  readonly gateways: readonly MoneyGateway[];
  /** Open requests, oldest first. */
  readonly running: { readonly gateway: number; readonly request: Running }[];
  /** Added to the clock of each gateway. */
  readonly skewMs: number[];
  /** Added to the clock of the control plane. */
  planeSkewMs: number;
  /** What the wire does next, then again 'delivered'. */
  readonly fates: Fate[];
  isAway: boolean;
  nowMs: number;
  limits: { team: number; org: number };
  /** Applies a limit; gateways learn of it when they adopt. */
  setLimit(wallet: 'team' | 'org', limitMicros: number): Promise<void>;
  begin(gateway: number, wallet: 'team' | 'org', boundMicros: number): Promise<string | undefined>;
  expire(): Promise<void>;
  /** Books an adjustment on the running period; a credit at most of what is spent. */
  adjust(wallet: 'team' | 'org', kind: 'top-up' | 'credit', amountMicros: number): Promise<void>;
  /** As SIGKILL between two transactions: the answers on their way are lost. */
  killPlane(): Promise<void>;
  killGateway(gateway: number): Promise<void>;
  /** What must hold at every moment. */
  verify(): Promise<void>;
  /** Ends everything, delivers everything, gives everything back, and verifies what must hold then. */
  conclude(): Promise<Conclusion>;
  close(): void;
}

export interface Conclusion {
  readonly ledger: readonly LedgerEntry[];
  readonly balances: readonly WalletBalance[];
  /** Requests whose answer ended, each once in the evidence. */
  readonly decided: number;
}

export async function openWorld(rule: WalletSetting['rule']): Promise<MoneyWorld> {
  const root = mkdtempSync(join(tmpdir(), 'tenantry-money-'));
  const path = join(root, 'store.db');
  let store: SqliteStore = openSqliteStore({ path, hash: nodeHash });
  let generation = 0;
  let requests = 0;
  /** Requests whose intent is durable: they went out. */
  const sent: string[] = [];
  /** Highest limit of each wallet and period, with what was added: what may have been leased. */
  const highest = new Map<string, number>();
  const heads = GATEWAYS.map(() => 0);
  const planeNowMs = (): number => world.nowMs + world.planeSkewMs;
  const plane = (): ControlPlane =>
    ({
      orgs: store.orgs,
      runtime: store.runtime,
      hash: nodeHash,
      clock: { nowMs: planeNowMs },
      zoneOffset: nodeZoneOffset,
      log: { info: () => {}, warn: () => {}, progress: () => {} },
      random: { bytes: (count: number) => new Uint8Array(randomBytes(count)) },
    }) as unknown as ControlPlane;

  const objectOf = (kind: 'Wallet' | 'Gateway', name: string, spec: JsonObject): DesiredObject => {
    const document = { apiVersion: 'tenantry/v1', kind, metadata: { org: ACME, name }, spec };
    const text = JSON.stringify(document);
    const where = `orgs/acme/${kind.toLowerCase()}s/${name}.yaml` as RepoPath;
    const id = { kind, environment: null, name };
    return { id, path: where, origin: 'generated', document, text, digest: nodeHash.sha256(text) };
  };
  const walletObject = (name: 'team' | 'org', limitMicros: number): DesiredObject =>
    objectOf('Wallet', name, {
      ...{ scope: name, currency: 'EUR', limit: formatMoney(limitMicros), period: { ...PERIOD } },
      ...{ thresholds: [50, 80, 100], whenExhausted: 'block', paymentRule: rule },
      ...(name === 'team' ? { team: 'team', parent: 'org' } : {}),
    });
  const apply = (): Promise<void> =>
    store.orgs.transact(ACME, async (tx) => {
      generation += 1;
      for (const name of ['team', 'org'] as const)
        await tx.putObject(walletObject(name, world.limits[name]), generation);
      for (const name of GATEWAYS) await tx.putObject(objectOf('Gateway', name, {}), generation);
      await tx.putHead(head());
    });
  const head = (): OrgHead => ({
    ...{ org: ACME, uid: 'aaaabbbbccccddddeeee' as OrgUid, generation, contentDigest: 'a'.repeat(64) as Sha256Hex },
    ...{
      commit: 'b'.repeat(40) as CommitId,
      appliedAtMs: 1,
      template: 'x@1.0.0',
      inputDigest: 'c'.repeat(64) as Sha256Hex,
    },
  });
  const wallets = (): readonly BundleWallet[] =>
    (['team', 'org'] as const).map((name) => ({
      ...{ name, scope: name, parent: name === 'team' ? 'org' : null, currency: 'EUR', period: PERIOD },
      ...{ limitMicros: world.limits[name], thresholds: [], whenExhausted: 'block', paymentRule: rule },
    }));

  const handlers: { readonly [path: string]: (...args: Parameters<typeof leaseWallet>) => Promise<Answer<object>> } = {
    '/api/v1/gateway/events': (_plane, caller, body) => storeEvents(plane(), caller, body),
    '/api/v1/gateway/wallets/lease': leaseWallet,
    '/api/v1/gateway/wallets/settle': settleWallets,
  };
  const post = async (index: number, where: string, body: string): Promise<Answered> => {
    const fate = world.fates.shift() ?? 'delivered';
    if (world.isAway || fate === 'lost') return { kind: 'away', detail: 'lost' };
    const gateway = GATEWAYS[index] ?? '';
    const row = await store.runtime.gateway(ACME, gateway);
    if (row === undefined) throw new Error(`expected ${gateway} to be enrolled`);
    heads[index] = (heads[index] ?? 0) + 1;
    const claim = { gateway, sequence: heads[index], timeMs: world.nowMs, signature: '' } as never;
    const bytes = new TextEncoder().encode(body);
    const answered = await handlers[where]?.(plane(), { head: head(), row, claim }, bytes);
    if (answered === undefined || !answered.ok) throw new Error(`${where}: ${JSON.stringify(answered)}`);
    if (where.endsWith('/lease')) await verifyGrant(answered.body);
    return fate === 'answer-lost'
      ? { kind: 'away', detail: 'the answer was lost' }
      : { kind: 'ok', body: answered.body };
  };
  /** No money is granted beyond the limit that is in force at this moment. */
  const verifyGrant = async (answer: object): Promise<void> => {
    const { granted, slice } = answer as {
      readonly granted: boolean;
      readonly slice?: { wallet: 'team' | 'org'; period: string };
    };
    if (!granted || slice === undefined) return;
    const balance = (await store.runtime.balances(ACME)).find(
      (item) => item.wallet === slice.wallet && item.period === slice.period,
    );
    const { leasedMicros = 0, spentMicros = 0, addedMicros = 0 } = balance ?? {};
    const inForce = world.limits[slice.wallet] + addedMicros;
    expect(leasedMicros + spentMicros).toBeLessThanOrEqual(inForce);
    const key = `${slice.wallet} ${slice.period}`;
    highest.set(key, Math.max(highest.get(key) ?? 0, inForce));
  };

  const ledger = async (): Promise<readonly LedgerEntry[]> => {
    const entries: LedgerEntry[] = [];
    for (;;) {
      const page = await store.runtime.ledger(ACME, { limit: 1000, after: String(entries.length) });
      entries.push(...page);
      if (page.length < 1000) return entries;
    }
  };

  const verify = async (): Promise<void> => {
    const entries = await ledger();
    const balances = await store.runtime.balances(ACME);
    // A balance of zeros keeps the terms of a lease that was refused.
    const stated = new Map(balances.map((item) => [`${item.wallet} ${item.period}`, amounts(item)]));
    expect(nonZero(replayed(entries))).toEqual(nonZero(stated));
    const excess = sums(entries.filter(({ reason }) => reason === 'excess'));
    for (const item of balances) {
      const key = `${item.wallet} ${item.period}`;
      const most = (highest.get(key) ?? 0) + (excess.get(key) ?? 0);
      expect([key, item.leasedMicros + item.spentMicros <= most]).toEqual([key, true]);
    }
    // On the gateways: what is held and what is settled and perhaps not told yet comes out of slices that were granted.
    for (const gateway of world.gateways)
      for (const { slice, heldMicros, settledMicros } of gateway.purse().slices.values()) {
        expect(heldMicros).toBeGreaterThanOrEqual(0);
        expect(heldMicros + settledMicros).toBeLessThanOrEqual(slice.grantedMicros);
      }
  };

  /** Of every request that went out there is one decision, of every answer that ended too, and none of any other. */
  const verifyCompleteness = async (): Promise<void> => {
    const decided: string[] = [];
    for (let after = 0; ; ) {
      const page = await store.runtime.lines(ACME, { limit: 1000, after: String(after) });
      for (const { text } of page) {
        const { event } = JSON.parse(text) as JournalLine;
        if (event.type === 'decision') decided.push(event.requestId);
      }
      after = page.at(-1)?.position ?? after;
      if (page.length < 1000) break;
    }
    expect(new Set(decided).size).toBe(decided.length);
    expect(new Set(decided)).toEqual(new Set(sent));
  };

  const world: MoneyWorld = {
    gateways: [],
    running: [],
    skewMs: GATEWAYS.map(() => 0),
    planeSkewMs: 0,
    fates: [],
    isAway: false,
    nowMs: START_MS,
    limits: { team: 2000, org: 3000 },
    verify,
    async setLimit(wallet, limitMicros) {
      world.limits = { ...world.limits, [wallet]: limitMicros };
      await apply();
    },
    async begin(index, wallet, boundMicros) {
      requests += 1;
      const begun = await world.gateways[index]?.begin(String(requests), wallet, boundMicros);
      if (begun === undefined || typeof begun === 'string') return begun;
      world.running.push({ gateway: index, request: begun });
      sent.push(begun.exchange.requestId);
      return undefined;
    },
    async expire() {
      await expireLeases(plane());
    },
    async adjust(wallet, kind, amountMicros) {
      requests += 1;
      const period = periodOf(PERIOD, planeNowMs(), nodeZoneOffset).id;
      const entry = {
        wallet,
        period,
        currency: 'EUR',
        kind,
        amountMicros,
        author: 'ann',
        note: 'agreed',
      } as const;
      await store.runtime.adjust(ACME, { ...entry, id: `adj-${requests}`, at: world.nowMs });
    },
    async killPlane() {
      store.orgs.close();
      store = openSqliteStore({ path, hash: nodeHash });
    },
    async killGateway(index) {
      const cut = world.running.filter(({ gateway }) => gateway === index);
      for (const item of cut) world.running.splice(world.running.indexOf(item), 1);
      await world.gateways[index]?.kill();
    },
    async conclude() {
      world.isAway = false;
      world.fates.length = 0;
      world.skewMs.fill(0);
      world.planeSkewMs = 0;
      for (const gateway of world.gateways) gateway.isDiskFull = false;
      for (const { gateway, request } of world.running.splice(0)) {
        expect(await world.gateways[gateway]?.end(request, 'unknown')).toBe(true);
      }
      // Decisions that a full disk kept waiting are written again every millisecond, and their holds end then.
      await vi.waitUntil(() => world.gateways.every((gateway) => gateway.purse().holds.size === 0), 10_000);
      for (const gateway of world.gateways) expect(await gateway.ship()).toBe(true);
      await verify();
      world.nowMs += LONGEST_SLICE_MS;
      for (const gateway of world.gateways) {
        expect(await gateway.ship()).toBe(true);
        expect(gateway.purse().holds.size).toBe(0);
        expect(gateway.purse().slices.size).toBe(0);
      }
      await world.expire();
      // Another slice of each gateway that runs out and is given back brings the list of what it keeps along.
      world.limits = { team: 1_000_000, org: 1_000_000 };
      await apply();
      for (const index of GATEWAYS.keys()) {
        world.gateways[index]?.adopt();
        expect(await world.begin(index, 'org', 1)).toBeUndefined();
      }
      for (const { gateway, request } of world.running.splice(0))
        await world.gateways[gateway]?.end(request, { inputTokens: 0, outputTokens: 0 });
      world.nowMs += LONGEST_SLICE_MS;
      for (const gateway of world.gateways) expect(await gateway.ship()).toBe(true);
      await verify();
      const evidence = await verifyEvidence({ runtime: store.runtime, hash: nodeHash }, ACME);
      expect(evidence.faults).toEqual([]);
      for (const chain of evidence.chains) expect(chain.open).toEqual([]);
      const [balances, entries] = [await store.runtime.balances(ACME), await ledger()];
      // Nothing is leased any more, and what is spent is what decisions settled, less credits that were not of presumed
      // spending: what a crash or a lost answer forgot came back.
      const credited = creditedOf(entries);
      const settled = sums(entries.filter(({ reason }) => reason === 'settle' || reason === 'excess'));
      for (const { wallet, period, leasedMicros, spentMicros } of balances) {
        const key = `${wallet} ${period}`;
        expect([key, leasedMicros, spentMicros]).toEqual([key, 0, (settled.get(key) ?? 0) - (credited.get(key) ?? 0)]);
      }
      await verifyCompleteness();
      const decided = evidence.chains.reduce((sum, { decisions }) => sum + decisions, 0);
      return { ledger: entries, balances, decided };
    },
    close() {
      store.orgs.close();
      // The dead may have a write under way.
      rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 10 });
    },
  };

  await apply();
  for (const [index, name] of GATEWAYS.entries()) {
    const codeHash = nodeHash.sha256(name);
    await store.runtime.putEnrolmentCode(ACME, { gateway: name, codeHash, expiresAt: world.nowMs + 1 });
    await store.runtime.redeemEnrolmentCode(ACME, {
      codeHash,
      publicKey: nodeHash.sha256(codeHash),
      // Long ago: what a slice that was leased before its gateway enrolled has left counts as spent for good.
      nowMs: world.nowMs - 2 * MOST_JUMP_MINUTES * MINUTE_MS,
    });
    const nowMs = (): number => world.nowMs + (world.skewMs[index] ?? 0);
    (world.gateways as MoneyGateway[]).push(
      await openGateway({ name, root, nowMs, post: (where, body) => post(index, where, body), wallets }),
    );
  }
  return world;
}

const amounts = ({ leasedMicros, spentMicros, addedMicros }: WalletBalance) => ({
  leasedMicros,
  spentMicros,
  addedMicros,
});

/** Balances by replaying the ledger from its first entry. */
function replayed(entries: readonly LedgerEntry[]) {
  const balances = new Map<string, { leasedMicros: number; spentMicros: number; addedMicros: number }>();
  for (const { wallet, period, from, to, amountMicros } of entries) {
    const key = `${wallet} ${period}`;
    const before = balances.get(key) ?? { leasedMicros: 0, spentMicros: 0, addedMicros: 0 };
    const moved = (account: LedgerEntry['from']): number =>
      (to === account ? amountMicros : 0) - (from === account ? amountMicros : 0);
    balances.set(key, {
      leasedMicros: before.leasedMicros + moved('leased'),
      spentMicros: before.spentMicros + moved('spent'),
      addedMicros: before.addedMicros - moved('outside'),
    });
  }
  return balances;
}

/** What credits took of real spending, by wallet and period: they take presumed spending first. */
function creditedOf(entries: readonly LedgerEntry[]): ReadonlyMap<string, number> {
  const presumed = new Map<string, number>();
  const credited = new Map<string, number>();
  for (const { wallet, period, reason, amountMicros } of entries) {
    const key = `${wallet} ${period}`;
    const before = presumed.get(key) ?? 0;
    if (reason === 'expire') presumed.set(key, before + amountMicros);
    if (reason === 'correct') presumed.set(key, before - amountMicros);
    if (reason !== 'credit') continue;
    presumed.set(key, Math.max(0, before - amountMicros));
    credited.set(key, (credited.get(key) ?? 0) + Math.max(0, amountMicros - before));
  }
  return credited;
}

const nonZero = <T extends object>(balances: ReadonlyMap<string, T>): Map<string, T> =>
  new Map([...balances].filter(([, item]) => Object.values(item).some((micros) => micros > 0)));

function sums(entries: readonly LedgerEntry[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { wallet, period, amountMicros } of entries) {
    const key = `${wallet} ${period}`;
    found.set(key, (found.get(key) ?? 0) + amountMicros);
  }
  return found;
}
