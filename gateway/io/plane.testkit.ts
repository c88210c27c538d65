import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleDigestOf, canonicalText } from '../../src/core/bundle/index.ts';
import {
  type Acknowledgement,
  BUNDLE_FORMAT,
  type Bundle,
  type BundleData,
  type EscalationAnswer,
  type EscalationReason,
  type JournalLine,
  type LeaseAnswer,
  type LeaseRequest,
  type OrgUid,
  orgUid,
  type Settlement,
  type SettleRequest,
} from '../../src/core/model/index.ts';
import { LEASE_MS, periodOf, settlementsOf } from '../../src/core/wallet/index.ts';
import { nodeHash, nodeZoneOffset } from '../../src/host/index.ts';
import {
  ensureRoot,
  formatToken,
  generateGatewayKey,
  publishOrg,
  readRequestHeaders,
  tokenDigest,
  verifyRequest,
} from '../../src/trust/index.ts';
import { FLEET, Publishing } from '../../src/trust/trust.testkit.ts';
import { writeIdentity } from './state.ts';

// A small real control plane: it verifies signatures and sequences, keeps the event chain, and books leases and
// settlements like a ledger that never grants above its limit.

export const ORG = orgUid('aaaabbbbccccddddeeee') as OrgUid;
export const SECRET = new Uint8Array(32).fill(9);
export const TOKEN = formatToken('tok1', SECRET);

export function sampleData(more: Partial<BundleData> = {}): BundleData {
  return {
    org: 'acme',
    teams: [{ name: 'support' }],
    tokens: [
      {
        name: 'bot',
        team: 'support',
        wallet: 'team',
        scopes: ['chat', 'models'],
        models: null,
        role: 'support-agent',
        notAfterMs: 4_000_000_000_000,
        credentials: [
          { id: 'tok1', digest: tokenDigest(ORG, 'tok1', SECRET), notBeforeMs: 0, notAfterMs: 4_000_000_000_000 },
        ],
      },
    ],
    wallets: [
      {
        name: 'team',
        scope: 'team',
        parent: null,
        currency: 'EUR',
        limitMicros: 1_000_000,
        period: { kind: 'total', timeZone: 'UTC', anchorDay: 1 },
        thresholds: [],
        whenExhausted: 'block',
        paymentRule: 'first-that-can-pay',
      },
    ],
    prices: [
      {
        model: 'gpt-4o-mini',
        currency: 'EUR',
        fromMs: 0,
        inputMicrosPerMillion: 1_000_000,
        outputMicrosPerMillion: 1_000_000,
      },
    ],
    reviews: [],
    limits: { requestsPerMinute: null, concurrentRequests: null, bodyBytes: 1_000_000 },
    onExpired: 'block',
    ...more,
  };
}

export interface TestPlane {
  readonly url: string;
  readonly acks: Acknowledgement[];
  readonly lines: JournalLine[];
  readonly settlements: Map<string, Settlement>;
  readonly slices: Map<string, { granted: number; open: boolean }>;
  readonly refused: string[];
  limitMicros: number;
  sliceMicros: number;
  /** Of the slices that it leases. */
  currency: string;
  /** Answers every request with 503. */
  away: boolean;
  /** Leases are answered when it resolves. */
  leasing: Promise<void>;
  /** Decides about an escalation that was told, and answers who waits for it. */
  decide(id: string, outcome: 'approved' | 'denied', reason?: EscalationReason): void;
  /** Requests counted by path. */
  readonly counts: Map<string, number>;
  /** Publishes a bundle of the gateway and wakes long polls. */
  publish(policyText: string, data?: Partial<BundleData>): Promise<string>;
  /** Publishes the same for each of these gateways, among which this one should be. */
  publishFor(gateways: readonly string[], policyText: string): Promise<string>;
  /** Puts the store back to when it had `lines` lines: later ones and what they settled are gone; leases stay as they are. */
  restore(lines: number): void;
  /** Publishes without the gateway. */
  delist(): Promise<void>;
  /** A state folder of an enrolled gateway, which asks the plane itself or whoever stands in between. */
  enrolledState(source?: string): string;
  readonly publishing: Publishing;
  close(): Promise<void>;
}

/** A 409. */
class Conflict extends Error {
  readonly code: string;
  readonly details: object | undefined;

  constructor(code: string, details?: object) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

const ESCALATIONS = '/api/v1/gateway/escalations/';

/** The plane of one org; tokens of `sampleData` are of ORG. */
export async function startPlane(nowMs: () => number = Date.now, org: OrgUid = ORG): Promise<TestPlane> {
  const publishing = new Publishing(org);
  publishing.nowMs = nowMs();
  const key = generateGatewayKey();
  const answers = new Map<number, { readonly digest: string; readonly text: string }>();
  const wakers: (() => void)[] = [];
  const decided = new Map<string, Pick<EscalationAnswer, 'outcome' | 'reason'>>();
  let sequence = 0;
  /** Of each line; the first is of the beginning. */
  const hashes = ['0'.repeat(64)];

  const wake = (): void => {
    for (const waker of wakers.splice(0)) waker();
  };

  const bundleOf = (policyText: string, data: BundleData, gateway = 'desk'): Bundle => {
    const header = {
      format: BUNDLE_FORMAT,
      fleet: FLEET,
      orgUid: org,
      gateway,
      environment: 'production',
    } as const;
    const files = new Map([
      ['bundle.json', new TextEncoder().encode(canonicalText(header))],
      ['data.json', new TextEncoder().encode(canonicalText(data))],
      ['policy-config.yaml', new TextEncoder().encode(policyText)],
    ] as const);
    return { header, files, contentDigest: bundleDigestOf(files, nodeHash) };
  };

  const publishBundles = async (bundles: readonly Bundle[]): Promise<void> => {
    publishing.nowMs = Math.max(publishing.nowMs + 1, nowMs());
    publishing.generation += 1;
    await ensureRoot(publishing.trust);
    publishing.keep(await publishOrg(publishing.request(bundles)));
    wake();
  };

  const getFile = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').slice(`/bundles/${org}/`.length);
    const etagOf = (): string | undefined => {
      const bytes = publishing.files.files.get(`${org}/${path}`);
      return bytes === undefined ? undefined : `"${createHash('sha256').update(bytes).digest('hex')}"`;
    };
    const wait = Number(/wait=([0-9]+)/.exec(String(request.headers['prefer'] ?? ''))?.[1] ?? 0);
    if (wait > 0 && request.headers['if-none-match'] === etagOf()) {
      await new Promise<void>((resolve) => {
        wakers.push(resolve);
        setTimeout(resolve, wait * 1000).unref();
        response.on('close', resolve);
      });
    }
    const bytes = publishing.files.files.get(`${org}/${path}`);
    const etag = etagOf();
    if (bytes === undefined || etag === undefined) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag }).end(bytes);
  };

  const getEscalation = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    const wait = Number(/wait=([0-9]+)/.exec(String(request.headers['prefer'] ?? ''))?.[1] ?? 0);
    const isTold = plane.lines.some(({ event }) => event.type === 'escalation' && event.id === id);
    if (wait > 0 && isTold && !decided.has(id)) {
      await new Promise<void>((resolve) => {
        wakers.push(resolve);
        setTimeout(resolve, wait * 1000).unref();
        response.on('close', resolve);
      });
    }
    const how = decided.get(id);
    const state = how === undefined ? 'queued' : 'resolved';
    const answer = { id, state, outcome: null, reason: null, dueAt: 0, ...how } satisfies EscalationAnswer;
    response.writeHead(isTold ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };

  const lease = (ask: LeaseRequest): LeaseAnswer => {
    const spent = [...plane.settlements.values()].reduce(
      (sum, item) => sum + item.settledMicros + item.excessMicros,
      0,
    );
    const open = [...plane.slices].reduce((sum, [id, slice]) => {
      const settled = [...plane.settlements.values()].reduce(
        (part, item) => part + (item.sliceId === id ? item.settledMicros : 0),
        0,
      );
      return slice.open ? sum + slice.granted - settled : sum;
    }, 0);
    const left = plane.limitMicros - spent - open;
    if (ask.wallet !== 'team') return { granted: false, reason: 'unknown-wallet', leftMicros: 0, periodEnd: null };
    if (left < ask.needMicros)
      return { granted: false, reason: 'exhausted', leftMicros: Math.max(0, left), periodEnd: null };
    const id = `s${plane.slices.size + 1}`;
    const grantedMicros = Math.min(left, Math.max(ask.needMicros, plane.sliceMicros));
    plane.slices.set(id, { granted: grantedMicros, open: true });
    const period = periodOf({ kind: 'total', timeZone: 'UTC', anchorDay: 1 }, nowMs(), nodeZoneOffset).id;
    return {
      granted: true,
      slice: {
        id,
        wallet: ask.wallet,
        period,
        currency: plane.currency,
        grantedMicros,
        expiresAt: nowMs() + LEASE_MS,
      },
    };
  };

  const book = (settlements: readonly Settlement[]): void => {
    for (const item of settlements) {
      if (plane.settlements.has(item.id)) continue;
      // What a closed slice still held was given to others.
      if (plane.slices.get(item.sliceId)?.open === false) throw new Error(`${item.id} came after its slice was closed`);
      plane.settlements.set(item.id, item);
    }
  };

  const appendEvents = (body: string): object => {
    const texts = body.split('\n').slice(0, -1);
    let through = plane.lines.length;
    for (const text of texts) {
      const line = JSON.parse(text) as JournalLine;
      through = line.sequence;
      const hash = nodeHash.sha256(text);
      if (hashes[line.sequence] === hash) continue;
      const end = { chain: 1, through: plane.lines.length, hash: hashes.at(-1) };
      if (line.sequence !== end.through + 1 || line.previous !== end.hash)
        throw new Conflict('EVENT_CHAIN_BROKEN', end);
      plane.lines.push(line);
      book(settlementsOf(line.event));
      hashes.push(hash);
    }
    return { through };
  };

  const settle = (ask: SettleRequest): object => {
    book(ask.settlements);
    for (const id of ask.closed) {
      const slice = plane.slices.get(id);
      if (slice !== undefined) slice.open = false;
    }
    return {};
  };

  const answerPost = (path: string, body: string): object => {
    if (path === '/api/v1/gateway/events') return appendEvents(body);
    const value = JSON.parse(body) as never;
    if (path === '/api/v1/gateway/ack') {
      plane.acks.push(value);
      return {};
    }
    if (path === '/api/v1/gateway/wallets/lease') return lease(value);
    if (path === '/api/v1/gateway/wallets/settle') return settle(value);
    throw new Conflict('REFUSED');
  };

  const post = (
    path: string,
    body: Buffer,
    request: IncomingMessage,
  ): { readonly status: number; readonly text: string } => {
    const claim = readRequestHeaders((name) => request.headers[name] as string | undefined);
    const checked = claim.ok
      ? verifyRequest(key.publicKey, { method: 'POST', path, body, claim: claim.value }, nowMs())
      : claim;
    if (!checked.ok) {
      plane.refused.push(`${path} signature ${checked.code}`);
      return { status: 401, text: '{}' };
    }
    const digest = nodeHash.sha256(body);
    const before = answers.get(checked.value.sequence);
    if (before !== undefined && before.digest === digest) return { status: 200, text: before.text };
    let answer: object;
    try {
      if (checked.value.sequence <= sequence) throw new Conflict('SEQUENCE_USED');
      answer = answerPost(path, body.toString('utf8'));
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      plane.refused.push(`${path} ${checked.value.sequence}`);
      return { status: 409, text: JSON.stringify({ error: { code: error.code, details: error.details } }) };
    }
    sequence = checked.value.sequence;
    answers.set(sequence, { digest, text: JSON.stringify(answer) });
    return { status: 200, text: JSON.stringify(answer) };
  };

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const label = path.startsWith('/bundles/') ? 'bundles' : path.startsWith(ESCALATIONS) ? 'escalations' : path;
    plane.counts.set(label, (plane.counts.get(label) ?? 0) + 1);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (plane.away) response.writeHead(503).end();
      else if (path.startsWith(ESCALATIONS)) void getEscalation(request, response, path.slice(ESCALATIONS.length));
      else if (request.method === 'GET') void getFile(request, response);
      else {
        const answer = (): void => {
          const { status, text } = post(path, Buffer.concat(parts), request);
          response.writeHead(status, { 'content-type': 'application/json' }).end(text);
        };
        if (path.endsWith('/lease')) void plane.leasing.then(answer);
        else answer();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plane: TestPlane = {
    url,
    acks: [],
    lines: [],
    settlements: new Map(),
    slices: new Map(),
    refused: [],
    limitMicros: 1_000_000,
    sliceMicros: 100_000,
    currency: 'EUR',
    away: false,
    leasing: Promise.resolve(),
    counts: new Map(),
    decide(id, outcome, reason = 'reviewer') {
      decided.set(id, { outcome, reason });
      wake();
    },
    publishing,
    async publish(policyText, data = {}) {
      const bundle = bundleOf(policyText, sampleData(data));
      await publishBundles([bundle]);
      return bundle.contentDigest;
    },
    async publishFor(gateways, policyText) {
      const bundles = gateways.map((gateway) => bundleOf(policyText, sampleData(), gateway));
      await publishBundles(bundles);
      return bundles.find(({ header }) => header.gateway === 'desk')?.contentDigest ?? '';
    },
    restore(lines) {
      for (const { event } of plane.lines.splice(lines))
        for (const { id } of settlementsOf(event)) plane.settlements.delete(id);
      hashes.length = lines + 1;
    },
    delist: () => publishBundles([]),
    enrolledState(source = url) {
      const folder = mkdtempSync(join(tmpdir(), 'tenantry-gateway-'));
      mkdirSync(folder, { recursive: true });
      const root = publishing.file('1.root.json');
      const rootSha256 = nodeHash.sha256(root);
      writeIdentity(
        folder,
        { fleet: FLEET, orgUid: org, gateway: 'desk', source, rootSha256, privateKey: key.privateKey },
        root,
      );
      return folder;
    },
    close: () =>
      new Promise((resolve) => {
        wake();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return plane;
}
