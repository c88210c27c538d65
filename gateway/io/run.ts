import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import {
  type Hash,
  isLoopback,
  type Network,
  type RepoPath,
  type Sha256Hex,
  type ZoneOffset,
} from '../../src/core/model/index.ts';
import { createMemory } from '../../src/core/policy/index.ts';
import { freshness, openVerifier, type StateFiles, type Verifier } from '../../src/trust/index.ts';
import { createCounters, makeSnapshot, type OtlpResource, type Snapshot, type WrittenLine } from '../core/index.ts';
import { compilePolicyText, findingLines } from './configuration.ts';
import { type ControlPlane, createControlPlane } from './control.ts';
import { createEscalationBook, type EscalationBook } from './escalation-book.ts';
import { GatewayFailure } from './failure.ts';
import { errorCode } from './files.ts';
import { endLost, settleInterrupted } from './interrupted.ts';
import { type Journal, type JournalOptions, openJournal } from './journal.ts';
import { createListener } from './listener.ts';
import { lockState } from './lock.ts';
import type { Log } from './log.ts';
import { createToolDesk } from './mcp-desk.ts';
import { createMeasures } from './measures.ts';
import { createMetrics } from './metrics.ts';
import { createOutcomes } from './outcomes.ts';
import { DEFAULT_PACE, type Pace } from './pace.ts';
import { createPull, type Pull } from './pull.ts';
import { createRecent } from './recent.ts';
import { createReviews, type ReviewsOptions } from './reviews.ts';
import { createSecrets, type SecretOptions } from './secrets.ts';
import { createEvidence, createJournalWatch, type Freshness, NO_EVIDENCE, type Service } from './service.ts';
import { createShipping, type Shipping } from './shipping.ts';
import { createSinks, type SinkFlags, type SinkSet, type SinkSetOptions } from './sinks.ts';
import {
  createCheckpoints,
  knownLines,
  openSequences,
  openShippedCursor,
  type PinnedIdentity,
  readCheckpoint,
  readIdentity,
} from './state.ts';
import { createStrangers, WRONG_CREDENTIALS_PER_MINUTE } from './strangers.ts';
import { createTracer } from './tracing.ts';
import { createUpstreams, type UpstreamOptions } from './upstream.ts';
import { createSliceBook, createWalletDesk, type SliceBook } from './wallets.ts';

/** What a gateway takes of its host; injected so that tests and main decide. */
export interface Host {
  readonly hash: Hash;
  readonly nowMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly zoneOffset: ZoneOffset;
  readonly environment: (name: string) => string | undefined;
  readonly log: Log;
  /** The file layer of verified state; the machine's own unless a test takes its place. */
  readonly stateFiles?: StateFiles;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Origin of the loopback simulator that answers where a key is missing, or null. */
  readonly simulator: string | null;
  readonly upstream?: UpstreamOptions;
  readonly secrets?: SecretOptions;
  /** Networks of proxies whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies?: readonly Network[];
  /** How many wrong credentials of one address are looked at in a minute; 0: all. The gateway's own bound by default. */
  readonly wrongCredentials?: number;
  readonly sinks?: SinkFlags;
}

/** A gateway that listens. */
export interface Running {
  readonly url: string;
  /** Whose gateway it is, by its enrolment; null for a stand-alone one. */
  readonly identity: Pick<PinnedIdentity, 'orgUid' | 'gateway'> | null;
  readonly service: Service;
  readonly journal: Journal | null;
  readonly shipping: Shipping | null;
  readonly pull: Pull | null;
  /** Stops accepting, lets requests finish within the bound, flushes the journal. Resolves when everything is closed. */
  stop(drainMs: number): Promise<void>;
}

/** Listens on the address; throws GATEWAY_PORT_IN_USE. */
async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const code = errorCode(error);
      reject(
        new GatewayFailure(
          'GATEWAY_PORT_IN_USE',
          `expected to listen on ${host}:${port}, found ${code || error.message}`,
          69,
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
}

/** Waits until nothing is being answered, at most `drainMs`; then cuts what is left. */
async function drain(server: Server, service: Service, drainMs: number): Promise<void> {
  service.draining = true;
  service.tools.endStreams();
  server.closeIdleConnections();
  const until = Date.now() + drainMs;
  // Who still comes hears 503 and that this connection ends; a closed port would look like a fault.
  while (service.active > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
  while (service.active > 0 && Date.now() < until + 2000) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Refuses a simulator that is not on loopback: it would be an upstream that no policy names. */
export function simulatorOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'http:' || !isLoopback(url.hostname)) {
    throw new GatewayFailure(
      'GATEWAY_ADDRESS_INVALID',
      `expected a simulator at http://127.0.0.1:<port>, found ${text}`,
      64,
    );
  }
  return url.origin;
}

/** Runs one policy file on loopback: no tokens, no wallets, no evidence. Throws GatewayFailure. */
export async function runStandalone(file: string, options: ListenOptions, host: Host): Promise<Running> {
  if (!isLoopback(options.host)) {
    throw new GatewayFailure(
      'GATEWAY_ADDRESS_INVALID',
      `expected a loopback address without enrolment, found ${options.host}`,
      64,
    );
  }
  const bytes = readPolicyFile(file);
  const compiled = compilePolicyText(bytes, basename(file) as RepoPath, { memory: createMemory(host.nowMs) });
  if (!compiled.ok) throw new GatewayFailure('GATEWAY_POLICY_REFUSED', findingLines(compiled.findings).join('\n'));
  const contentDigest = createHash('sha256').update(bytes).digest('hex') as Sha256Hex;
  const upstreams = createUpstreams(host.nowMs, options.upstream);
  const base = baseService(options, host);
  const recent = createRecent(host.hash, () => service.sinks.nudge());
  const sinks = openSinks(options, { ...base, source: recent, folder: null, from: NOBODY });
  const isRead = options.sinks !== undefined || compiled.value.webhooks.length > 0;
  const service: Service = {
    ...base,
    sinks,
    snapshot: makeSnapshot(compiled.value, { tenant: null, contentDigest, nowMs: host.nowMs() }),
    mode: 'standalone',
    freshness: () => 'fresh',
    isFailing: () => false,
    trouble: () => null,
    evidence: isRead ? recent.evidence : NO_EVIDENCE,
    desk: null,
    reviews: null,
    upstreams,
    gauges: () => ({}),
  };
  sinks.follow(compiled.value, []);
  const server = createListener(service);
  const url = await listen(server, options.host, options.port);
  announce(service, host.log, url);
  const evidence = isRead ? 'evidence goes to receivers and is not kept here' : 'no evidence is kept';
  host.log.warn(`stand-alone: loopback only, no tokens, no wallets, ${evidence}`);
  return {
    url,
    identity: null,
    service,
    journal: null,
    shipping: null,
    pull: null,
    async stop(drainMs) {
      await drain(server, service, drainMs);
      await sinks.stop();
      await Promise.all([upstreams.close(), service.tools.close()]);
    },
  };
}

function readPolicyFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new GatewayFailure(
      'GATEWAY_POLICY_REFUSED',
      `expected a policy file, found ${errorCode(error)} at ${file}`,
      64,
    );
  }
}

type BaseService = Pick<
  Service,
  | 'counters'
  | 'accepted'
  | 'strangers'
  | 'trustedProxies'
  | 'environment'
  | 'simulator'
  | 'secrets'
  | 'measures'
  | 'nowMs'
  | 'random'
  | 'log'
  | 'metrics'
  | 'trace'
  | 'tools'
  | 'hash'
  | 'active'
  | 'draining'
>;

function baseService(options: ListenOptions, host: Host): BaseService {
  return {
    counters: createCounters(),
    accepted: { tenant: null, texts: new Map() },
    strangers: createStrangers(options.wrongCredentials ?? WRONG_CREDENTIALS_PER_MINUTE, host),
    trustedProxies: options.trustedProxies ?? [],
    environment: host.environment,
    simulator: options.simulator,
    secrets: createSecrets({ ...options.secrets, environment: host.environment, nowMs: host.nowMs, log: host.log }),
    measures: createMeasures(host),
    nowMs: host.nowMs,
    random: host.random,
    log: host.log,
    metrics: createMetrics(),
    tools: createToolDesk(options.upstream ?? {}),
    hash: host.hash,
    trace: createTracer(options.sinks?.otlp !== undefined),
    active: 0,
    draining: false,
  };
}

const NOBODY: OtlpResource = { org: null, gateway: null, fleet: null };

type SinkParts = Pick<SinkSetOptions, 'source' | 'folder' | 'from' | 'secrets' | 'nowMs' | 'log'>;

function openSinks(options: ListenOptions, { source, folder, from, secrets, nowMs, log }: SinkParts): SinkSet {
  const { sinks: flags = {}, upstream: posts = {} } = options;
  return createSinks({ flags, posts, source, folder, from, secrets, nowMs, log });
}

function announce(service: Service, log: Log, url: string): void {
  log.info('listening', { url, mode: service.mode });
  if (service.simulator !== null) {
    log.warn('SIMULATED: targets without a key are answered by a simulator', { simulator: service.simulator });
  }
  for (const target of service.snapshot?.policy.targets ?? []) {
    if (target.secret?.kind === 'env' && !service.environment(target.secret.name)) {
      log.warn('no key for a target', { target: target.id, variable: target.secret.name });
    }
  }
}

export interface ManagedOptions extends ListenOptions {
  readonly stateDir: string;
  readonly pollSeconds: number;
  readonly pace?: Pace;
  /** How long a caller is kept waiting for a person, and how much may wait; the gateway's own unless a test says. */
  readonly reviews?: Pick<ReviewsOptions, 'patienceMs' | 'most'>;
}

/** Runs the enrolled gateway of a state folder. Throws GatewayFailure. */
export async function runManaged(options: ManagedOptions, host: Host): Promise<Running> {
  const { identity, root } = readIdentity(options.stateDir);
  const unlock = lockState(options.stateDir);
  try {
    return await startManaged(options, host, { identity, root, unlock });
  } catch (error) {
    unlock();
    throw error;
  }
}

interface Enrolled {
  readonly identity: PinnedIdentity;
  readonly root: Uint8Array;
  readonly unlock: () => void;
}

async function startManaged(options: ManagedOptions, host: Host, enrolled: Enrolled): Promise<Running> {
  const { identity } = enrolled;
  let made: Made | undefined;
  const money = openMoney(options.stateDir, host, {
    crowd: () => made?.service.active ?? 0,
    onFlushed() {
      made?.shipping.nudge();
      made?.service.sinks.nudge();
    },
  });
  const pace = options.pace ?? DEFAULT_PACE;
  const sequences = openSequences(options.stateDir);
  const control = createControlPlane({ ...identity, sequences, nowMs: host.nowMs, pace });
  const { fleet, orgUid, gateway } = identity;
  const verifier = await openVerifier({
    stateDir: join(options.stateDir, 'trust'),
    identity: { fleet, orgUid, gateway },
    root: enrolled.root,
    fetcher: control.fetcher,
    nowMs: host.nowMs,
    hash: host.hash,
    ...(host.stateFiles === undefined ? {} : { files: host.stateFiles }),
  });
  made = makeService(options, host, { ...money, control, verifier, identity });
  const { service, shipping, upstreams } = made;
  await settleInterrupted(service, money.book, { questions: money.questions, gateway });
  await endLost(service, money.questions);
  const pull = createPull({
    verifier,
    control,
    gateway,
    pollSeconds: options.pollSeconds,
    pace,
    memory: createMemory(host.nowMs),
    nowMs: host.nowMs,
    random: host.random,
    freshness: service.freshness,
    log: host.log,
    activate(snapshot: Snapshot | null) {
      service.snapshot = snapshot;
      // What listens by the word of a former document would listen on without its token; callers open another stream.
      service.tools.endStreams();
      if (snapshot !== null) service.sinks.follow(snapshot.policy, snapshot.tenant?.data.sinks ?? []);
      if (service.desk?.adopt(snapshot?.tenant?.wallets.values() ?? [])) shipping.nudge();
    },
  });
  const server = createListener(service);
  pull.start();
  const url = await listen(server, options.host, options.port);
  announce(service, host.log, url);
  shipping.nudge();
  return {
    url,
    identity,
    service,
    journal: money.journal,
    shipping,
    pull,
    async stop(drainMs) {
      service.draining = true;
      await service.reviews?.stop();
      await drain(server, service, drainMs);
      pull.stop();
      await shipping.drain();
      shipping.stop();
      await service.sinks.stop();
      await money.checkpoint();
      await money.journal.close();
      await Promise.all([control.close(), upstreams.close(), service.tools.close()]);
      enrolled.unlock();
    },
  };
}

interface Money {
  readonly book: SliceBook;
  readonly questions: EscalationBook;
  readonly journal: Journal;
  readonly checkpoint: () => Promise<void>;
}

/** Opens the journal and, from it and the checkpoint, the purse as it was. */
function openMoney(stateDir: string, host: Host, load: Pick<JournalOptions, 'crowd' | 'onFlushed'>): Money {
  const book = createSliceBook(readCheckpoint(stateDir));
  const questions = createEscalationBook();
  const visit = (line: WrittenLine): void => {
    book.observe(line);
    questions.observe(line);
  };
  const known = knownLines(stateDir);
  const journal = openJournal({ ...load, folder: join(stateDir, 'journal'), hash: host.hash, visit, known });
  return {
    book,
    questions,
    journal,
    checkpoint: createCheckpoints(stateDir, () => book.checkpoint(journal.head().sequence)),
  };
}

interface Parts extends Money {
  readonly control: ControlPlane;
  readonly verifier: Verifier;
  readonly identity: PinnedIdentity;
}

interface Made {
  readonly service: Service;
  readonly shipping: Shipping;
  readonly upstreams: Service['upstreams'];
}

function makeService(options: ManagedOptions, host: Host, parts: Parts): Made {
  const { control, book, questions, journal, checkpoint, verifier, identity } = parts;
  const { nowMs, log, zoneOffset } = host;
  const upstreams = createUpstreams(host.nowMs, options.upstream);
  const desk = createWalletDesk({ control, book, zoneOffset, nowMs, log, checkpoint });
  const cursor = openShippedCursor(options.stateDir);
  const base = baseService(options, host);
  const { orgUid: org, gateway, fleet } = identity;
  const sinks = openSinks(options, {
    ...base,
    source: journal,
    folder: options.stateDir,
    from: { org, gateway, fleet },
  });
  const { floor } = sinks;
  const shipping = createShipping({ journal, control, desk, book, questions, cursor, checkpoint, log, floor });
  const evidence = createEvidence(journal);
  const reviews = createReviews({
    ...options.reviews,
    ...{ note: evidence.escalation, ship: shipping.drain, book: questions, nowMs },
    outcomes: createOutcomes({ get: control.get, nowMs }),
  });
  const service: Service = {
    ...base,
    sinks,
    snapshot: null,
    mode: 'managed',
    freshness: () => ageOf(verifier, nowMs()),
    evidence,
    isFailing: createJournalWatch(journal.counters, nowMs),
    trouble: () => (journal.damagedAt() === null ? shipping.trouble() : 'GATEWAY_JOURNAL_BROKEN'),
    desk,
    reviews,
    upstreams,
    gauges: () => ({
      tenantry_gateway_journal_lines: journal.counters.lines,
      tenantry_gateway_journal_syncs: journal.counters.syncs,
      tenantry_gateway_journal_failures: journal.counters.failures,
      tenantry_gateway_journal_unshipped: shipping.unshipped(),
      tenantry_gateway_journal_damaged: journal.damagedAt() === null ? 0 : 1,
      tenantry_gateway_journal_refused: shipping.trouble() === 'GATEWAY_EVIDENCE_REFUSED' ? 1 : 0,
      tenantry_gateway_journal_rewinds: shipping.counters.rewinds,
      tenantry_gateway_signatures: control.counters.signatures,
      tenantry_gateway_leases_asked: desk.leases.asked,
      tenantry_gateway_leases_refused: desk.leases.refused,
      tenantry_gateway_reviews_waiting: reviews.gauges().waiting,
      tenantry_gateway_reviews_bytes: reviews.gauges().bytes,
      tenantry_gateway_bundle_age_seconds: Math.round((nowMs() - (verifier.times()?.signedAtMs ?? nowMs())) / 1000),
    }),
  };
  return { service, shipping, upstreams };
}

function ageOf(verifier: Verifier, nowMs: number): Freshness {
  const times = verifier.times();
  return times === null ? 'expired' : freshness(times, nowMs);
}
