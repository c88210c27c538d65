import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type CredentialOf, makeSnapshot, type Snapshot } from '../../gateway/core/index.ts';
import { compilePolicyText } from '../../gateway/io/configuration.ts';
import type { Answered } from '../../gateway/io/control.ts';
import { createEscalationBook } from '../../gateway/io/escalation-book.ts';
import {
  createExchange,
  decide,
  type Exchange,
  endAttempt,
  holdFor,
  intentEntries,
  releaseEnded,
} from '../../gateway/io/exchange.ts';
import { Refused } from '../../gateway/io/intake.ts';
import { settleInterrupted } from '../../gateway/io/interrupted.ts';
import { type Journal, openJournal } from '../../gateway/io/journal.ts';
import { createMetrics } from '../../gateway/io/metrics.ts';
import { writeAll } from '../../gateway/io/segments.ts';
import { createEvidence, type Service } from '../../gateway/io/service.ts';
import { createShipping, type Shipping } from '../../gateway/io/shipping.ts';
import { createCheckpoints, knownLines, openShippedCursor, readCheckpoint } from '../../gateway/io/state.ts';
import { createSliceBook, createWalletDesk, type SliceBook } from '../../gateway/io/wallets.ts';
import type { BundleData, BundleToken, BundleWallet, OrgUid, RepoPath, Sha256Hex } from '../../src/core/model/index.ts';
import { createMemory } from '../../src/core/policy/index.ts';
import type { Usage } from '../../src/core/wallet/index.ts';
import { nodeHash, nodeZoneOffset } from '../../src/host/index.ts';

// The money of a gateway without its sockets: the real purse, desk, book, journal, checkpoint and shipping on a real folder.
// What it would send goes through `post`, which the test's world answers, loses or refuses.

const POLICY = `pack: { name: money, version: 1.0.0, enabled: true }
policies: { chain: [audit-logger] }
policy: { audit-logger: {} }
providers:
  targets:
    - { id: main, provider: openai, model: small, base_url: 'https://api.openai.com', secret_key_ref: { env: KEY } }
  routing: { strategy: ordered }
`;

const policy = compilePolicyText(new TextEncoder().encode(POLICY), 'policy.yaml' as RepoPath, {
  memory: createMemory(() => 0),
});
if (!policy.ok) throw new Error(JSON.stringify(policy.findings));
const COMPILED = policy.value;

/** A token costs one micro-unit, so that tokens and money are one number. */
const PRICE = { model: 'small', currency: 'EUR', fromMs: 0, inputMicrosPerMillion: 1e6, outputMicrosPerMillion: 1e6 };

export type Post = (path: string, body: string) => Promise<Answered>;

export interface GatewayParts {
  readonly name: string;
  readonly root: string;
  readonly nowMs: () => number;
  readonly post: Post;
  readonly wallets: () => readonly BundleWallet[];
}

/** A request that went out and has not ended. */
export interface Running {
  readonly exchange: Exchange;
  readonly boundMicros: number;
}

export interface MoneyGateway {
  /** The first attempt of a request: held and its intent durable; or the code that it is refused by. */
  begin(requestId: string, wallet: string, boundMicros: number): Promise<Running | string>;
  /** The attempt fails, and another one begins; the code that it is refused by, after which the request is decided. */
  again(running: Running, isUnbilled: boolean): Promise<string | undefined>;
  /** The answer ends; false where its decision could not be written yet. */
  end(running: Running, usage: Usage | 'unknown'): Promise<boolean>;
  /** Delivers what is durable; false when the control plane is away. */
  ship(): Promise<boolean>;
  /** Takes the bundle that is published now. */
  adopt(): void;
  /** As SIGKILL and a start afterwards: the disk as it is at this moment, and nothing of the memory. */
  kill(): Promise<void>;
  /** Every write of the journal fails while it is true. */
  isDiskFull: boolean;
  purse(): SliceBook['purse'];
  journal(): Journal;
}

interface Life {
  readonly service: Service;
  readonly book: SliceBook;
  readonly journal: Journal;
  readonly shipping: Shipping;
  isDead: boolean;
}

export async function openGateway(parts: GatewayParts): Promise<MoneyGateway> {
  let folder = mkdtempSync(join(parts.root, `${parts.name}-`));
  let snapshot = snapshotOf(parts);
  const gateway = { isDiskFull: false } as MoneyGateway & { isDiskFull: boolean };
  const start = async (): Promise<Life> => {
    const book = createSliceBook(readCheckpoint(folder));
    const journal = openJournal({
      folder: join(folder, 'journal'),
      hash: nodeHash,
      visit: book.observe,
      known: knownLines(folder),
      gatherMs: 0,
      write: (descriptor, bytes, at) => {
        // The dead write nothing more, and hear of nothing more.
        if (life.isDead) return new Promise(() => {});
        if (gateway.isDiskFull) return Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
        return writeAll(descriptor, bytes, at);
      },
    });
    const checkpoint = createCheckpoints(folder, () => book.checkpoint(journal.head().sequence));
    const log = { info: () => {}, warn: () => {} };
    const control = {
      post: async (path: string, body: string): Promise<Answered> => {
        if (life.isDead) return { kind: 'away', detail: 'killed' };
        const answered = await parts.post(path, body);
        return life.isDead ? { kind: 'away', detail: 'killed' } : answered;
      },
    };
    const { nowMs } = parts;
    const desk = createWalletDesk({ control, book, zoneOffset: nodeZoneOffset, nowMs, log, checkpoint });
    const cursor = openShippedCursor(folder);
    const shipping = createShipping({
      questions: { oldestOpen: () => null },
      journal,
      control,
      desk,
      book,
      cursor,
      checkpoint,
      log,
      gatherMs: 1 << 30,
    });
    const evidence = createEvidence(journal, 1);
    const service = { nowMs, log, desk, evidence, metrics: createMetrics() } as unknown as Service;
    const life: Life = { service, book, journal, shipping, isDead: false };
    await settleInterrupted(service, book, { questions: createEscalationBook(), gateway: parts.name });
    return life;
  };
  let life = await start();

  const refusedBy = (error: unknown): string => {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  };
  const attempt = async (exchange: Exchange, boundMicros: number, index: number): Promise<void> => {
    const { service } = life;
    const bound = { model: 'small', inputTokens: 0, outputTokens: boundMicros };
    const held = await holdFor(service, exchange, bound, index);
    exchange.held = held;
    const { requestId } = exchange;
    try {
      await service.evidence.intent({
        ...{ type: 'intent', id: `int-${requestId}.${index}`, at: parts.nowMs(), requestId, target: 'main' },
        ...intentEntries(exchange, held),
      });
      exchange.attempts += 1;
      releaseEnded(service, exchange);
    } catch {
      if (held !== null) service.desk?.settle(held.hold.id, 0);
      exchange.held = null;
      throw new Refused({ code: 'journal_unavailable' } as never);
    }
  };
  const finish = async (exchange: Exchange, usage: Usage | 'unknown'): Promise<boolean> => {
    try {
      await decide(life.service, exchange, { status: 200, usage });
      return true;
    } catch (error) {
      refusedBy(error);
      return false;
    }
  };

  return Object.assign(gateway, {
    async begin(requestId: string, wallet: string, boundMicros: number) {
      const token = { name: 'bot', team: 'team', wallet } as unknown as BundleToken;
      const facts = { requestId: `req${requestId}`, route: '/v1/chat/completions', startedMs: parts.nowMs() };
      const credential = { id: 'one', token } as CredentialOf;
      const exchange = createExchange({ ...facts, snapshot, credential, pass: null, trace: null });
      try {
        await attempt(exchange, boundMicros, 1);
        return { exchange, boundMicros };
      } catch (error) {
        return refusedBy(error);
      }
    },
    async again({ exchange, boundMicros }: Running, isUnbilled: boolean) {
      endAttempt(exchange, exchange.held, isUnbilled);
      try {
        await attempt(exchange, boundMicros, 2);
        return undefined;
      } catch (error) {
        const code = refusedBy(error);
        await finish(exchange, { inputTokens: 0, outputTokens: 0 });
        return code;
      }
    },
    end: ({ exchange }: Running, usage: Usage | 'unknown') => finish(exchange, usage),
    ship: () => life.shipping.drain(),
    adopt() {
      snapshot = snapshotOf(parts);
      life.service.desk?.adopt(snapshot.tenant?.wallets.values() ?? []);
    },
    async kill() {
      life.isDead = true;
      life.shipping.stop();
      // A gateway does not start on a full disk: it could not write what a crash cut off.
      gateway.isDiskFull = false;
      folder = copyOf(folder, parts);
      life = await start();
    },
    purse: () => life.book.purse,
    journal: () => life.journal,
  });
}

/** The folder as it is; what the dead have under way may rename a file meanwhile, then the copy is made again. */
function copyOf(folder: string, { root, name }: GatewayParts): string {
  for (;;) {
    const copy = mkdtempSync(join(root, `${name}-`));
    try {
      cpSync(folder, copy, { recursive: true });
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function snapshotOf({ wallets, nowMs }: GatewayParts): Snapshot {
  const limits = {};
  const data = { tokens: [], teams: [], wallets: wallets(), prices: [PRICE], limits } as unknown as BundleData;
  const identity = { fleet: 'example', orgUid: 'aaaabbbbccccddddeeee' as OrgUid, gateway: 'desk' };
  const tenant = { identity, environment: 'production', generation: 1, commit: null, data };
  return makeSnapshot(COMPILED, { tenant, contentDigest: 'a'.repeat(64) as Sha256Hex, nowMs: nowMs() });
}
